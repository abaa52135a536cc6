// CUDA's execution model on one host thread: enough of it to run the kernels of this library.
//
// The threads of a block are fibers. Each runs alone until it reaches a barrier or its end, and the
// next one is taken in an order that the caller seeds; blocks run one after the other, in such an order
// too. A kernel that reads what another thread writes without a barrier between therefore gives
// results that depend on the seed; on request each access is checked as well (accesses.cpp). Shared memory holds a pattern at the start of each block, new device
// memory another, and there are guards around each allocation.
#ifndef ZKML_EMULATOR_HPP
#define ZKML_EMULATOR_HPP

#include "../zkml_cuda.h"
#include <functional>

#define __global__ static
#define __device__
#define __host__
#define __launch_bounds__(...)

struct alignas(16) uint4 {
    uint32_t x, y, z, w;
};

struct dim3 {
    uint32_t x, y, z;
    constexpr dim3(uint32_t x = 1, uint32_t y = 1, uint32_t z = 1) : x(x), y(y), z(z) {}
};

extern thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {

// Statuses that the emulation gives, with CUDA's numbers.
constexpr int INVALID_VALUE = 1;
constexpr int MEMORY_ALLOCATION = 2;
constexpr int ILLEGAL_ADDRESS = 700;
constexpr int LAUNCH_FAILURE = 719;

const char *status_text(int status);

// Work of a stream, and its status.
using Work = std::function<int()>;

// Runs work at once, or when somebody waits for its stream where that is late (host/streams.cpp).
int queue(zkml_stream stream, Work work);

// Queues `thread` for every thread of every block. What is wrong with the launch itself is told at once.
int launch(dim3 grid, dim3 block, size_t shared, zkml_stream stream, std::function<void()> thread);

// Queues a copy to the device of what the source holds now.
int upload(void *device, const void *host, size_t bytes, zkml_stream stream);

// The running block's shared memory.
void *shared_memory();

// Where a thread waits for all others of its block. A thread that has ended counts as missing: the
// launch fails.
void barrier();

} // namespace emulator

inline void __syncthreads()
{
    emulator::barrier();
}

uint32_t atomicAdd(uint32_t *address, uint32_t value);

#endif
