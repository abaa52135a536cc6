// Inverses of many elements, zero staying zero: Montgomery's trick (1987) by blocks.
//
// Each block multiplies its elements, one thread inverts each block's product, and each block divides
// it up again: a thread's product is inverted by the products of all threads before and of all
// behind, its elements by those before within the thread. Zeros count as ones.
//
// Products an element: 1 in the first kernel; in the last one 1 for the thread's product, 2 for
// the way back, 1 for the products before, which are not kept, and 2 log2(BLOCK) / ITEMS = 2 for those
// before and behind; an inversion is 381 for BLOCK ITEMS elements. Memory: two readings (the last kernel's
// second one hits the cache) and one writing.
#include "field.cuh"

namespace {

constexpr uint32_t ITEMS = 8;
constexpr uint32_t TILE = BLOCK * ITEMS;

// An element, or one for zero and behind the end.
__device__ inline Fr factor(const Fr *values, uint64_t at, uint64_t count)
{
    if (at >= count)
        return Fr::one();
    const Fr value = Fr::load(values + at);
    return value.is_zero() ? Fr::one() : value;
}

// The product of this thread's elements.
__device__ inline Fr product(const Fr *values, uint64_t first, uint64_t count)
{
    Fr r = factor(values, first, count);
    for (uint32_t item = 1; item < ITEMS; ++item)
        r = r * factor(values, first + item, count);
    return r;
}

__global__ void block_products(const Fr *values, uint64_t count, Fr *products)
{
    ZKML_SHARED(Fr, shared);
    Fr mine = product(values, thread_number() * ITEMS, count);
    mine.store(shared + threadIdx.x);
    for (uint32_t half = BLOCK / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            mine = mine * Fr::load(shared + threadIdx.x + half);
            mine.store(shared + threadIdx.x);
        }
    }
    if (threadIdx.x == 0)
        mine.store(products + blockIdx.x);
}

__global__ void invert_each(Fr *values, uint64_t count)
{
    const uint64_t i = thread_number();
    if (i < count)
        Fr::load(values + i).inverse().store(values + i);
}

__global__ void block_inverses(Fr *values, uint64_t count, const Fr *inverses)
{
    ZKML_SHARED(Fr, before);
    Fr *behind = before + BLOCK;
    const uint64_t first = thread_number() * ITEMS;
    Fr prefix = product(values, first, count), suffix = prefix;
    for (uint32_t distance = 1; distance < BLOCK; distance *= 2) {
        prefix.store(before + threadIdx.x);
        suffix.store(behind + threadIdx.x);
        __syncthreads();
        if (threadIdx.x >= distance)
            prefix = prefix * Fr::load(before + threadIdx.x - distance);
        if (threadIdx.x + distance < BLOCK)
            suffix = suffix * Fr::load(behind + threadIdx.x + distance);
        __syncthreads();
    }
    prefix.store(before + threadIdx.x);
    suffix.store(behind + threadIdx.x);
    __syncthreads();
    // The inverse of this thread's product.
    Fr inverse = Fr::load(inverses + blockIdx.x);
    if (threadIdx.x > 0)
        inverse = inverse * Fr::load(before + threadIdx.x - 1);
    if (threadIdx.x + 1 < BLOCK)
        inverse = inverse * Fr::load(behind + threadIdx.x + 1);

    // From the last element down: the inverse of the elements up to it, times those before it.
    Fr products[ITEMS];
    products[0] = Fr::one();
    ZKML_UNROLL
    for (uint32_t item = 1; item < ITEMS; ++item)
        products[item] = products[item - 1] * factor(values, first + item - 1, count);
    ZKML_UNROLL
    for (uint32_t back = 0; back < ITEMS; ++back) {
        const uint32_t item = ITEMS - 1 - back;
        const Fr value = factor(values, first + item, count);
        if (first + item < count && !Fr::load(values + first + item).is_zero())
            (inverse * products[item]).store(values + first + item);
        inverse = inverse * value;
    }
}

} // namespace

extern "C" size_t zkml_batch_invert_workspace(size_t count)
{
    Workspace workspace;
    workspace.take<Fr>(queue::blocks(count, TILE));
    return workspace.used();
}

extern "C" int zkml_batch_invert(zkml_stream stream, zkml_fr *values, size_t count, void *memory, size_t bytes)
{
    if (count == 0)
        return 0;
    Workspace workspace(memory, bytes);
    const uint32_t tiles = queue::blocks(count, TILE);
    Fr *products = workspace.take<Fr>(tiles);
    ZKML_TRY(workspace.check());
    Fr *all = device(values);
    const uint64_t length = count;
    ZKML_TRY(queue::launch("block_products", block_products, tiles, BLOCK, BLOCK * sizeof(Fr), stream,
                           static_cast<const Fr *>(all), length, products));
    ZKML_TRY(queue::launch("invert_each", invert_each, queue::blocks(tiles, 64), 64, 0, stream, products,
                           uint64_t(tiles)));
    return queue::launch("block_inverses", block_inverses, tiles, BLOCK, 2 * BLOCK * sizeof(Fr), stream, all,
                         length, static_cast<const Fr *>(products));
}
