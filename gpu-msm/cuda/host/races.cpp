// Kernels with and without mistakes, for the tests of the emulation.
#include "../platform.cuh"

namespace {

// out_t = the number that the opposite thread wrote to shared memory.
__global__ void reverse(uint32_t *out, bool barrier)
{
    ZKML_SHARED(uint32_t, numbers);
    numbers[threadIdx.x] = threadIdx.x;
    if (barrier)
        __syncthreads();
    out[threadIdx.x] = numbers[blockDim.x - 1 - threadIdx.x];
}

// Half of the threads end before the barrier.
__global__ void leave(uint32_t *out)
{
    if (threadIdx.x % 2 == 0)
        return;
    __syncthreads();
    out[threadIdx.x] = threadIdx.x;
}

} // namespace

// Reverses the numbers below `count` (kind 0), does so without the barrier that it needs (1), or has half of
// the threads miss one (2).
extern "C" int zkml_probe_barrier(uint32_t kind, uint32_t *out, uint32_t count)
{
    const size_t shared = count * sizeof(uint32_t);
    if (kind == 2)
        return queue::launch("leave", leave, 1, count, shared, nullptr, out);
    return queue::launch("reverse", reverse, 1, count, shared, nullptr, out, kind == 0);
}
