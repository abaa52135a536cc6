// Sums over vectors: linear combinations, remainders modulo X^size - factor, values of polynomials.
//
// Products: 1 for each element of each term; 1 for each coefficient; 1 for each coefficient of a value
// and about 20 for each thread's ITEMS = 32 coefficients. All three read each element once.
#include "field.cuh"
#include "list.cuh"
#include <algorithm>

namespace {

// A thread an element: neighbouring threads read neighbouring elements of each vector.
__global__ void combine(uint64_t terms, const Fr *factors, const Fr *const *vectors, const uint64_t *lengths,
                        uint64_t length, Fr *out)
{
    const uint64_t i = thread_number();
    if (i >= length)
        return;
    Fr sum = Fr::zero();
    for (uint64_t term = 0; term < terms; ++term)
        if (i < lengths[term])
            sum = sum + Fr::load(factors + term) * Fr::load(vectors[term] + i);
    sum.store(out + i);
}

// Horner's rule from piece to piece.
__global__ void remainders(const Fr *const *sources, const uint64_t *lengths, uint64_t size, uint64_t batch,
                           Fr factor, Fr *const *targets)
{
    const uint64_t number = thread_number();
    const uint64_t vector = number / size, i = number % size;
    if (vector >= batch)
        return;
    const Fr *source = sources[vector];
    uint64_t at = lengths[vector] - size + i;
    Fr sum = Fr::load(source + at);
    while (at >= size) {
        at -= size;
        sum = sum * factor + Fr::load(source + at);
    }
    sum.store(targets[vector] + i);
}

// Coefficients of one thread and of one block.
constexpr uint32_t ITEMS = 32;
constexpr uint32_t CHUNK = BLOCK * ITEMS;

uint64_t chunks(uint64_t length)
{
    return std::max<uint64_t>(1, queue::blocks(length, CHUNK));
}

// out_(query, chunk) = the value of a chunk of CHUNK coefficients, itself a polynomial's: the chunks'
// values are the coefficients of a polynomial in point^CHUNK, which the next level evaluates.
// Thread t takes coefficients t, t + BLOCK, ... by Horner's rule in point^BLOCK.
__global__ void chunk_values(const Fr *const *vectors, const uint64_t *lengths, const Fr *points,
                             uint64_t stride, Fr *out, Fr *next_points)
{
    ZKML_SHARED(Fr, shared);
    const uint32_t query = blockIdx.y;
    const Fr *coefficients = vectors[query];
    const uint64_t length = lengths[query], first = static_cast<uint64_t>(blockIdx.x) * CHUNK;
    const Fr point = Fr::load(points + query);
    const Fr step = point.power(BLOCK);
    Fr sum = Fr::zero();
    for (uint32_t item = ITEMS; item-- > 0;) {
        const uint64_t at = first + item * BLOCK + threadIdx.x;
        sum = sum * step;
        if (at < length)
            sum = sum + Fr::load(coefficients + at);
    }
    sum = sum * point.power(threadIdx.x);
    sum.store(shared + threadIdx.x);
    for (uint32_t half = BLOCK / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sum = sum + Fr::load(shared + threadIdx.x + half);
            sum.store(shared + threadIdx.x);
        }
    }
    if (threadIdx.x == 0) {
        sum.store(out + query * stride + blockIdx.x);
        if (blockIdx.x == 0)
            step.power(ITEMS).store(next_points + query);
    }
}

// Queries of one launch: the second dimension of a grid is short.
constexpr size_t MOST_QUERIES = 65535;

struct EvaluateScratch {
    Fr *points[2];
    Fr *values[2];

    // For polynomials of up to `longest` coefficients.
    EvaluateScratch(Workspace &workspace, size_t queries, uint64_t longest)
    {
        const uint64_t first = chunks(longest);
        for (Fr *&list : points)
            list = workspace.take<Fr>(queries);
        values[0] = workspace.take<Fr>(queries * first);
        values[1] = workspace.take<Fr>(first > 1 ? queries * chunks(first) : 0);
    }
};

template <typename T> T longest(const T *lengths, size_t queries)
{
    return *std::max_element(lengths, lengths + queries);
}

int evaluate(zkml_stream stream, size_t queries, const zkml_fr *const *vectors, const size_t *lengths,
             const zkml_fr *points, zkml_fr *results, void *memory, size_t bytes)
{
    Workspace workspace(memory, bytes);
    const EvaluateScratch scratch(workspace, queries, longest(lengths, queries));
    ZKML_TRY(workspace.check());
    ZKML_TRY(queue::upload(stream, scratch.points[0], points, queries * sizeof(zkml_fr)));
    List<const Fr *> sources(queries);
    List<uint64_t> counts(queries);
    for (size_t query = 0; query < queries; ++query) {
        sources.push(device(vectors[query]));
        counts.push(lengths[query]);
    }
    ZKML_TRY(sources.check());
    ZKML_TRY(counts.check());
    for (uint32_t level = 0;; ++level) {
        int copied = 0;
        const auto *from = workspace.copy(copied, stream, sources.data(), queries);
        const auto *count_list = workspace.copy(copied, stream, counts.data(), queries);
        ZKML_TRY(copied);
        const uint64_t stride = chunks(longest(counts.data(), queries));
        Fr *out = stride == 1 ? device(results) : scratch.values[level % 2];
        ZKML_TRY(queue::launch("chunk_values", chunk_values, dim3(uint32_t(stride), uint32_t(queries)), BLOCK,
                               BLOCK * sizeof(Fr), stream, from, count_list,
                               static_cast<const Fr *>(scratch.points[level % 2]), stride, out,
                               scratch.points[(level + 1) % 2]));
        if (stride == 1)
            return 0;
        // The chunks of this level are the coefficients of the next.
        for (size_t query = 0; query < queries; ++query) {
            sources[query] = out + query * stride;
            counts[query] = chunks(counts[query]);
        }
    }
}

// A copy of lengths as the kernels take them.
const uint64_t *copy_lengths(Workspace &workspace, int &result, zkml_stream stream, const size_t *lengths, size_t count)
{
    static_assert(sizeof(size_t) == sizeof(uint64_t), "lengths have 64 bits");
    return reinterpret_cast<const uint64_t *>(workspace.copy(result, stream, lengths, count));
}

} // namespace

extern "C" size_t zkml_linear_combination_workspace(size_t terms)
{
    Workspace workspace;
    workspace.take<Fr>(terms);
    workspace.take<const Fr *>(terms);
    workspace.take<uint64_t>(terms);
    return workspace.used();
}

extern "C" int zkml_linear_combination(zkml_stream stream, size_t terms, const zkml_fr *factors,
                                       const zkml_fr *const *vectors, const size_t *lengths, size_t length,
                                       zkml_fr *out, void *memory, size_t bytes)
{
    if (length == 0)
        return 0;
    Workspace workspace(memory, bytes);
    int copied = 0;
    const zkml_fr *factor_list = workspace.copy(copied, stream, factors, terms);
    const auto *vector_list =
        workspace.copy(copied, stream, reinterpret_cast<const Fr *const *>(vectors), terms);
    const uint64_t *count_list = copy_lengths(workspace, copied, stream, lengths, terms);
    ZKML_TRY(copied);
    return queue::launch("combine", combine, queue::blocks(length), BLOCK, 0, stream, uint64_t(terms),
                         device(factor_list), vector_list, count_list, uint64_t(length), device(out));
}

extern "C" size_t zkml_fold_workspace(size_t batch)
{
    Workspace workspace;
    workspace.take<const Fr *>(batch);
    workspace.take<Fr *>(batch);
    workspace.take<uint64_t>(batch);
    return workspace.used();
}

extern "C" int zkml_fold(zkml_stream stream, size_t batch, const zkml_fr *const *sources, const size_t *lengths,
                         size_t size, const zkml_fr *factor, zkml_fr *const *targets, void *memory, size_t bytes)
{
    if (batch == 0)
        return 0;
    Workspace workspace(memory, bytes);
    int copied = 0;
    const auto *from = workspace.copy(copied, stream, reinterpret_cast<const Fr *const *>(sources), batch);
    const auto *to = workspace.copy(copied, stream, reinterpret_cast<Fr *const *>(targets), batch);
    const uint64_t *count_list = copy_lengths(workspace, copied, stream, lengths, batch);
    ZKML_TRY(copied);
    return queue::launch("remainders", remainders, queue::blocks(uint64_t(batch) * size), BLOCK, 0, stream, from,
                         count_list, uint64_t(size), uint64_t(batch), element(factor), to);
}

extern "C" size_t zkml_evaluate_workspace(size_t queries, const size_t *lengths)
{
    if (queries == 0)
        return 0;
    const size_t batch = std::min(queries, MOST_QUERIES);
    Workspace workspace;
    uint64_t length = longest(lengths, queries);
    EvaluateScratch(workspace, batch, length);
    do {
        length = chunks(length);
        workspace.take<const Fr *>(batch);
        workspace.take<uint64_t>(batch);
    } while (length > 1);
    return workspace.used();
}

extern "C" int zkml_evaluate(zkml_stream stream, size_t queries, const zkml_fr *const *vectors, const size_t *lengths,
                             const zkml_fr *points, zkml_fr *results, void *workspace, size_t workspace_bytes)
{
    for (size_t first = 0; first < queries; first += MOST_QUERIES) {
        const size_t batch = std::min(queries - first, MOST_QUERIES);
        ZKML_TRY(evaluate(stream, batch, vectors + first, lengths + first, points + first, results + first,
                          workspace, workspace_bytes));
    }
    return 0;
}
