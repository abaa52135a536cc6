// Running products, and division by X - root: states that a vector's elements lead through.
//
// Both are scans: state' = state element, and, from the highest coefficient down,
// state' = root state + element, whose step over a segment of m elements is
// state' = root^m state + value of the segment. A thread walks ITEMS neighbouring elements, a block
// combines its threads in shared memory (Hillis and Steele 1986), and three kernels combine blocks:
// the value of each block's segment, the state before each block (one block walks them), and every
// element's state from there.
//
// Products an element: 1 for its segment's value and 1 for its state, and 2 log2(BLOCK) / ITEMS = 2
// (4 for division, where the weight of each step is squared too) for combining, of which the first kernel
// does half. Memory: two readings and one writing. A thread's elements fill 256 bytes, whole lines
// of the cache.
#include "field.cuh"

namespace {

constexpr uint32_t ITEMS = 8;
constexpr uint32_t TILE = BLOCK * ITEMS;

// state' = state element, upwards.
struct Product {
    static constexpr bool WEIGHTED = false;
    ZKML_HD static Fr neutral() { return Fr::one(); }
    ZKML_HD static Fr step(const Fr &state, const Fr &value, const Fr &) { return state * value; }
    ZKML_HD static uint64_t place(uint64_t number, uint64_t) { return number; }
};

// state' = weight state + element, downwards.
struct Horner {
    static constexpr bool WEIGHTED = true;
    ZKML_HD static Fr neutral() { return Fr::zero(); }
    ZKML_HD static Fr step(const Fr &state, const Fr &value, const Fr &weight)
    {
        return state * weight + value;
    }
    ZKML_HD static uint64_t place(uint64_t number, uint64_t count) { return count - 1 - number; }
};

// The state after each thread's segment, from the first thread's on; the weight is that of one
// segment. Ends with a barrier: all threads may read `states`.
template <typename Op> __device__ inline void scan_block(Fr *states, Fr mine, Fr weight)
{
    mine.store(states + threadIdx.x);
    __syncthreads();
    for (uint32_t distance = 1; distance < BLOCK; distance *= 2) {
        if (threadIdx.x >= distance)
            mine = Op::step(Fr::load(states + threadIdx.x - distance), mine, weight);
        __syncthreads();
        mine.store(states + threadIdx.x);
        __syncthreads();
        if (Op::WEIGHTED)
            weight = weight.squared();
    }
}

// The state after this thread's segment, from `state`.
template <typename Op>
__device__ inline Fr walk(const Fr *values, uint64_t first, uint64_t count, Fr state, const Fr &weight)
{
    for (uint64_t number = first; number < first + ITEMS; ++number) {
        // Behind the end there are no more states to be right.
        if (number < count)
            state = Op::step(state, Fr::load(values + Op::place(number, count)), weight);
    }
    return state;
}

template <typename Op> __global__ void scan_totals(const Fr *values, uint64_t count, Fr weight, Fr *totals)
{
    ZKML_SHARED(Fr, states);
    const uint64_t first = thread_number() * ITEMS;
    const Fr mine = walk<Op>(values, first, count, Op::neutral(), weight);
    scan_block<Op>(states, mine, weight.power(ITEMS));
    if (threadIdx.x == BLOCK - 1)
        Fr::load(states + BLOCK - 1).store(totals + blockIdx.x);
}

// Replaces the blocks' totals by the states before them.
template <typename Op> __global__ void scan_carries(Fr *totals, uint64_t count, Fr start, Fr weight)
{
    ZKML_SHARED(Fr, states);
    weight = weight.power(TILE);
    Fr carry = start;
    for (uint64_t first = 0; first < count; first += BLOCK) {
        const uint64_t number = first + threadIdx.x;
        Fr mine = number < count ? Fr::load(totals + number) : Op::neutral();
        if (threadIdx.x == 0)
            mine = Op::step(carry, mine, weight);
        scan_block<Op>(states, mine, weight);
        if (number < count)
            (threadIdx.x == 0 ? carry : Fr::load(states + threadIdx.x - 1)).store(totals + number);
        carry = Fr::load(states + BLOCK - 1);
        __syncthreads();
    }
}

template <typename Op>
__global__ void scan_states(const Fr *values, uint64_t count, Fr weight, const Fr *carries, Fr *out)
{
    ZKML_SHARED(Fr, states);
    const Fr carry = Fr::load(carries + blockIdx.x);
    const uint64_t first = thread_number() * ITEMS;
    const Fr mine = walk<Op>(values, first, count, threadIdx.x == 0 ? carry : Op::neutral(), weight);
    scan_block<Op>(states, mine, weight.power(ITEMS));
    Fr state = threadIdx.x == 0 ? carry : Fr::load(states + threadIdx.x - 1);
    for (uint64_t number = first; number < first + ITEMS && number < count; ++number) {
        const uint64_t at = Op::place(number, count);
        const Fr value = Fr::load(values + at);
        state.store(out + at);
        state = Op::step(state, value, weight);
    }
}

// out = the state before each element.
template <typename Op>
int scan(zkml_stream stream, const Fr *values, size_t count, Fr start, Fr weight, Fr *out, void *memory,
         size_t bytes)
{
    if (count == 0)
        return 0;
    Workspace workspace(memory, bytes);
    const uint32_t tiles = queue::blocks(count, TILE);
    Fr *totals = workspace.take<Fr>(tiles);
    ZKML_TRY(workspace.check());
    const size_t shared = BLOCK * sizeof(Fr);
    const uint64_t length = count;
    ZKML_TRY(queue::launch("scan_totals", scan_totals<Op>, tiles, BLOCK, shared, stream, values, length,
                           weight, totals));
    ZKML_TRY(queue::launch("scan_carries", scan_carries<Op>, 1, BLOCK, shared, stream, totals,
                           uint64_t(tiles), start, weight));
    return queue::launch("scan_states", scan_states<Op>, tiles, BLOCK, shared, stream, values, length, weight,
                         static_cast<const Fr *>(totals), out);
}

size_t scan_workspace(size_t count)
{
    Workspace workspace;
    workspace.take<Fr>(queue::blocks(count, TILE));
    return workspace.used();
}

} // namespace

extern "C" size_t zkml_running_product_workspace(size_t count)
{
    return scan_workspace(count);
}

extern "C" int zkml_running_product(zkml_stream stream, const zkml_fr *values, size_t count, const zkml_fr *start,
                                    zkml_fr *out, void *workspace, size_t workspace_bytes)
{
    return scan<Product>(stream, device(values), count, element(start), Fr::one(), device(out), workspace,
                         workspace_bytes);
}

extern "C" size_t zkml_divide_by_linear_workspace(size_t count)
{
    return scan_workspace(count);
}

extern "C" int zkml_divide_by_linear(zkml_stream stream, zkml_fr *coefficients, size_t count, const zkml_fr *root,
                                     void *workspace, size_t workspace_bytes)
{
    return scan<Horner>(stream, device(coefficients), count, Fr::zero(), element(root), device(coefficients),
                        workspace, workspace_bytes);
}
