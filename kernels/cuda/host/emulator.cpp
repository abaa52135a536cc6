// Fibers and launches.

// A checked longjmp takes the switch to another stack for a mistake.
#undef _FORTIFY_SOURCE

#include "emulator.hpp"
#include "accesses.hpp"
#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <numeric>
#include <ucontext.h>
#include <vector>

thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace emulator {
namespace {

constexpr size_t STACK = 64 * 1024;
// What stacks are shifted by, so that those of a block do not compete for the same lines of the cache.
constexpr size_t STAGGER = 64 * 37, STAGGERS = 16 * 1024;
constexpr size_t MAX_SHARED = 227 * 1024;
constexpr unsigned char SHARED_PATTERN = 0xC5;

// splitmix64; a seed of zero gives ascending orders.
struct Order {
    uint64_t seed = 0;
    uint64_t state = 0;

    uint64_t number()
    {
        state += 0x9E3779B97F4A7C15u;
        uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    template <typename T> void arrange(std::vector<T> &items)
    {
        if (seed == 0)
            return;
        for (size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[number() % i]);
    }
};

struct Fiber {
    size_t shift;
    std::unique_ptr<unsigned char[]> stack{new unsigned char[STACK + STAGGERS]};
    ucontext_t start;
    jmp_buf resume;
    bool begun = false;
    bool waiting = false;
    uint32_t thread = 0;

    explicit Fiber(size_t number) : shift(number * STAGGER % STAGGERS) {}
};

// One host thread's emulated device: the running block and the fibers that run it.
struct Machine {
    Order order;
    uint64_t launches = 0;
    uint64_t fail_at = UINT64_MAX;

    std::vector<unsigned char> shared;
    const std::function<void()> *body = nullptr;
    std::vector<uint32_t> threads;
    size_t next = 0;
    size_t ended = 0;

    std::vector<std::unique_ptr<Fiber>> idle;
    size_t fibers = 0;
    Fiber *running = nullptr;
    ucontext_t origin;
    jmp_buf scheduler;
};

thread_local Machine machine;

void set_thread(uint32_t number)
{
    threadIdx.x = number % blockDim.x;
    threadIdx.y = number / blockDim.x % blockDim.y;
    threadIdx.z = number / blockDim.x / blockDim.y;
}

void to_scheduler(Fiber &fiber)
{
    if (_setjmp(fiber.resume) == 0)
        _longjmp(machine.scheduler, 1);
}

// What a fiber does for ever: threads that nobody began, then back to the scheduler.
void fiber_main()
{
    for (;;) {
        while (machine.next < machine.threads.size()) {
            Fiber &fiber = *machine.running;
            fiber.thread = machine.threads[machine.next++];
            set_thread(fiber.thread);
            accesses::enter_thread(fiber.thread, fiber.stack.get(), STACK + STAGGERS);
            (*machine.body)();
            ++machine.ended;
        }
        to_scheduler(*machine.running);
    }
}

// Runs a fiber until it waits or has nothing left to do.
void enter(Fiber &fiber)
{
    machine.running = &fiber;
    fiber.waiting = false;
    accesses::enter_thread(fiber.thread, fiber.stack.get(), STACK + STAGGERS);
    if (_setjmp(machine.scheduler) != 0)
        return;
    if (fiber.begun)
        _longjmp(fiber.resume, 1);
    fiber.begun = true;
    getcontext(&fiber.start);
    fiber.start.uc_stack.ss_sp = fiber.stack.get() + fiber.shift;
    fiber.start.uc_stack.ss_size = STACK;
    fiber.start.uc_link = nullptr;
    makecontext(&fiber.start, fiber_main, 0);
    swapcontext(&machine.origin, &fiber.start);
}

std::unique_ptr<Fiber> idle_fiber()
{
    if (machine.idle.empty())
        return std::unique_ptr<Fiber>(new Fiber(machine.fibers++));
    std::unique_ptr<Fiber> fiber = std::move(machine.idle.back());
    machine.idle.pop_back();
    return fiber;
}

using Fibers = std::vector<std::unique_ptr<Fiber>>;

void keep(std::unique_ptr<Fiber> fiber, Fibers &waiting)
{
    (fiber->waiting ? waiting : machine.idle).push_back(std::move(fiber));
}

bool run_block()
{
    machine.next = machine.ended = 0;
    machine.order.arrange(machine.threads);
    Fibers waiting;
    while (machine.next < machine.threads.size()) {
        std::unique_ptr<Fiber> fiber = idle_fiber();
        enter(*fiber);
        keep(std::move(fiber), waiting);
    }
    while (!waiting.empty()) {
        // The waiting fibers of a failed block are abandoned in the middle of their threads.
        if (machine.ended > 0)
            return false;
        accesses::pass_barrier();
        machine.order.arrange(waiting);
        Fibers still;
        for (std::unique_ptr<Fiber> &fiber : waiting) {
            set_thread(fiber->thread);
            enter(*fiber);
            keep(std::move(fiber), still);
        }
        waiting = std::move(still);
    }
    return true;
}

int run_blocks(dim3 grid, dim3 block, size_t shared, const std::function<void()> &thread)
{
    const uint64_t threads = uint64_t(block.x) * block.y * block.z;
    const uint64_t blocks = uint64_t(grid.x) * grid.y * grid.z;
    gridDim = grid;
    blockDim = block;
    machine.body = &thread;
    machine.threads.resize(threads);
    std::iota(machine.threads.begin(), machine.threads.end(), 0u);
    // Vectors of bytes start where every fundamental type may.
    machine.shared.resize(shared);
    std::vector<uint64_t> order(blocks);
    std::iota(order.begin(), order.end(), uint64_t(0));
    machine.order.arrange(order);
    for (const uint64_t at : order) {
        blockIdx = dim3(uint32_t(at % grid.x), uint32_t(at / grid.x % grid.y),
                        uint32_t(at / grid.x / grid.y));
        if (shared != 0)
            std::memset(machine.shared.data(), SHARED_PATTERN, shared);
        accesses::begin_block(at, machine.shared.data(), shared);
        if (!run_block())
            return LAUNCH_FAILURE;
    }
    return 0;
}

int run_grid(dim3 grid, dim3 block, size_t shared, const std::function<void()> &thread)
{
    accesses::begin_launch();
    const int status = run_blocks(grid, block, shared, thread);
    return accesses::end_launch() ? status : ILLEGAL_ADDRESS;
}

} // namespace

void *shared_memory()
{
    return machine.shared.data();
}

void barrier()
{
    Fiber &fiber = *machine.running;
    fiber.waiting = true;
    to_scheduler(fiber);
}

int launch(dim3 grid, dim3 block, size_t shared, zkml_stream stream, std::function<void()> thread)
{
    const uint64_t number = machine.launches++;
    if (number == machine.fail_at) {
        machine.fail_at = UINT64_MAX;
        return LAUNCH_FAILURE;
    }
    const uint64_t threads = uint64_t(block.x) * block.y * block.z;
    const uint64_t blocks = uint64_t(grid.x) * grid.y * grid.z;
    if (threads == 0 || threads > 1024 || blocks == 0 || grid.x > INT32_MAX || grid.y > 65535 ||
        grid.z > 65535 || shared > MAX_SHARED)
        return INVALID_VALUE;
    return queue(stream, [=] { return run_grid(grid, block, shared, thread); });
}

const char *status_text(int status)
{
    switch (status) {
    case 0:
        return "no error";
    case INVALID_VALUE:
        return "invalid argument";
    case MEMORY_ALLOCATION:
        return "out of memory";
    case ILLEGAL_ADDRESS:
        return "an illegal memory access was encountered";
    case LAUNCH_FAILURE:
        return "unspecified launch failure";
    default:
        return "unrecognized error code";
    }
}

} // namespace emulator

// Fibers switch at barriers only: reading and writing is atomic.
uint32_t atomicAdd(uint32_t *address, uint32_t value)
{
    accesses::atomic(address);
    const uint32_t old = *address;
    *address = old + value;
    return old;
}

extern "C" void zkml_host_set_order(uint64_t seed)
{
    emulator::machine.order = emulator::Order{seed, seed};
}

extern "C" void zkml_host_fail_launch(uint64_t launches)
{
    emulator::machine.fail_at = emulator::machine.launches + launches;
}

extern "C" uint64_t zkml_host_launches(void)
{
    return emulator::machine.launches;
}
