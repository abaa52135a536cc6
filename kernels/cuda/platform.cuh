// What the sources need of CUDA, on both platforms: nvcc, and a host compiler with the emulated
// execution model of host/ (ZKML_HOST). Nothing else in this folder asks which platform it is.
#ifndef ZKML_PLATFORM_CUH
#define ZKML_PLATFORM_CUH

#include "zkml_cuda.h"

#if defined(ZKML_HOST)
#include "host/emulator.hpp"
#define ZKML_HD inline
#define ZKML_HD_NOINLINE __attribute__((noinline))
// For functions of values in registers: the emulation follows accesses, which these have none of.
#define ZKML_ARITHMETIC __attribute__((no_sanitize("thread"))) inline
#define ZKML_UNROLL
// Shared memory of the block, as many bytes as the launch asked for.
#define ZKML_SHARED(type, name) type *name = static_cast<type *>(emulator::shared_memory())
// Threads that keep a device busy: few, so that tests of few elements come to what is done with more.
constexpr uint32_t BUSY = 1 << 6;
#else
#include <cuda_runtime.h>
#define ZKML_HD __host__ __device__ __forceinline__
#define ZKML_HD_NOINLINE __host__ __device__ __noinline__
#define ZKML_ARITHMETIC ZKML_HD
#define ZKML_UNROLL _Pragma("unroll")
// Threads that keep a large device busy: a warp or two for each scheduler.
constexpr uint32_t BUSY = 1 << 15;
#define ZKML_SHARED(type, name)                                          \
    extern __shared__ __align__(16) unsigned char zkml_shared_memory[]; \
    type *name = reinterpret_cast<type *>(zkml_shared_memory)
#endif

// Threads of a block, where a kernel has no reason for another number.
constexpr uint32_t BLOCK = 256;

namespace status {

// Keeps the name of a call that failed; returns its status.
int failed(const char *call, int status);

} // namespace status

#define ZKML_TRY(expression)                  \
    do {                                      \
        const int zkml_status = (expression); \
        if (zkml_status != 0)                 \
            return zkml_status;               \
    } while (0)

namespace queue {

#if defined(ZKML_HOST)

template <typename... Parameters, typename... Arguments>
int launch(const char *name, void (*kernel)(Parameters...), dim3 grid, uint32_t block, size_t shared,
           zkml_stream stream, Arguments... arguments)
{
    const int found = emulator::launch(grid, block, shared, stream, [=] { kernel(arguments...); });
    return found == 0 ? 0 : status::failed(name, found);
}

template <typename... Parameters> int loads(void (*)(Parameters...))
{
    return 0;
}

inline int upload(zkml_stream stream, void *device, const void *host, size_t bytes)
{
    return bytes == 0 ? 0 : emulator::upload(device, host, bytes, stream);
}

inline int clear(zkml_stream stream, void *device, size_t bytes)
{
    return bytes == 0 ? 0 : zkml_device_set(device, 0, bytes, stream);
}

#else

// The status of a call of the CUDA runtime. The runtime would keep the error of a failed one until somebody asks.
inline int done(const char *call, cudaError_t result)
{
    if (result == cudaSuccess)
        return 0;
    cudaGetLastError();
    return status::failed(call, result);
}

// Queues a kernel under a name for error messages. More than 48 KB of shared memory are asked for. The status is that
// of the launch itself: what others left as the thread's last error is not taken for it.
template <typename... Parameters, typename... Arguments>
int launch(const char *name, void (*kernel)(Parameters...), dim3 grid, uint32_t block, size_t shared,
           zkml_stream stream, Arguments... arguments)
{
    if (shared > 48 * 1024)
        ZKML_TRY(done("cudaFuncSetAttribute", cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                                   static_cast<int>(shared))));
    const auto start = [&](Parameters... values) {
        void *list[] = {&values...};
        return cudaLaunchKernel(kernel, grid, dim3(block), list, shared, static_cast<cudaStream_t>(stream));
    };
    return done(name, start(arguments...));
}

// Whether the current device has code for a kernel. The kernels are compiled together: one stands for all.
template <typename... Parameters> int loads(void (*kernel)(Parameters...))
{
    cudaFuncAttributes about;
    return done("cudaFuncGetAttributes", cudaFuncGetAttributes(&about, kernel));
}

// Copies from pageable host memory: the source may be freed on return.
inline int upload(zkml_stream stream, void *device, const void *host, size_t bytes)
{
    return bytes == 0 ? 0
                      : done("cudaMemcpyAsync", cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice,
                                                                static_cast<cudaStream_t>(stream)));
}

inline int clear(zkml_stream stream, void *device, size_t bytes)
{
    return bytes == 0 ? 0
                      : done("cudaMemsetAsync",
                             cudaMemsetAsync(device, 0, bytes, static_cast<cudaStream_t>(stream)));
}

#endif

// Blocks that give at least `threads` threads; the largest grid has 2^31 - 1 of them.
inline uint32_t blocks(uint64_t threads, uint32_t block = BLOCK)
{
    return static_cast<uint32_t>((threads + block - 1) / block);
}

} // namespace queue

// Hands out pieces of a workspace, each a multiple of 256 bytes. Without memory it only counts: the
// function that says how much an operation needs runs the same requests as the operation.
class Workspace {
  public:
    Workspace() : base_(nullptr), limit_(SIZE_MAX), used_(0) {}
    Workspace(void *base, size_t bytes) : base_(static_cast<unsigned char *>(base)), limit_(bytes), used_(0) {}

    template <typename T> T *take(size_t count)
    {
        const size_t start = used_;
        used_ += (count * sizeof(T) + 255) / 256 * 256;
        return base_ == nullptr ? nullptr : reinterpret_cast<T *>(base_ + start);
    }

    // A copy of host values on the device; the status goes to `result` unless that holds a failure.
    template <typename T> T *copy(int &result, zkml_stream stream, const T *host, size_t count)
    {
        T *device = take<T>(count);
        if (result == 0)
            result = check();
        if (result == 0)
            result = queue::upload(stream, device, host, count * sizeof(T));
        return device;
    }

    size_t used() const { return used_; }

    // The status for what has been taken: a workspace that is too small is an invalid value.
    int check() const
    {
        return used_ <= limit_ ? 0 : status::failed("workspace", 1);
    }

  private:
    unsigned char *base_;
    size_t limit_;
    size_t used_;
};

// Number of this thread in a one-dimensional grid.
#if defined(ZKML_HOST)
inline uint64_t thread_number()
#else
__device__ __forceinline__ uint64_t thread_number()
#endif
{
    return static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

#endif
