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

// What threads do to device memory: see zkml_probe_access.
__global__ void access(uint32_t kind, uint32_t *words, uint32_t count)
{
    const uint32_t thread = uint32_t(thread_number()), neighbour = thread ^ 1;
    switch (kind) {
    case 0: {
        words[thread] = thread;
        __syncthreads();
        const uint32_t found = words[neighbour];
        __syncthreads();
        words[thread] = found;
        break;
    }
    case 1:
        atomicAdd(words, thread);
        break;
    case 2:
        words[thread] = words[neighbour];
        break;
    case 3:
        words[threadIdx.x] = thread;
        break;
    case 4:
        atomicAdd(words, words[0]);
        break;
    default:
        if (words[thread + 1] == count)
            words[thread] = count;
    }
}

} // namespace

// Two blocks of half of `count` threads each. Neighbours change their words, and wait (kind 0); all add to one word (1).
// With mistakes: neighbours do not wait (2), blocks write the same words (3), what is added to is read as well (4),
// and the last thread reads behind the words (5).
extern "C" int zkml_probe_access(uint32_t kind, uint32_t *words, uint32_t count)
{
    return queue::launch("access", access, 2, count / 2, 0, nullptr, kind, words, count);
}

// Reverses the numbers below `count` (kind 0), does so without the barrier that it needs (1), or has half of
// the threads miss one (2).
extern "C" int zkml_probe_barrier(uint32_t kind, uint32_t *out, uint32_t count)
{
    const size_t shared = count * sizeof(uint32_t);
    if (kind == 2)
        return queue::launch("leave", leave, 1, count, shared, nullptr, out);
    return queue::launch("reverse", reverse, 1, count, shared, nullptr, out, kind == 0);
}
