// Accesses of kernels: outside of allocations, and races.
//
// Kernels are compiled with -fsanitize=thread, so that each of their accesses calls a function below; the
// library of that sanitizer is not linked. Two accesses to a word race if at least one is not a read, not both
// are atomic, their threads differ, and nothing orders them: within a block a barrier does, and blocks of a launch have
// no order. Launches of a stream are ordered. Threads of a warp count as any others.
//
// Not seen: accesses far outside of every allocation, to freed memory, and by memcpy.
#include "accesses.hpp"
#include <cstdio>
#include <memory>
#include <unordered_map>

namespace accesses {
namespace {

// The threads that did one kind of thing to a word, as far as others may still conflict with them.
struct Trace {
    uint32_t epoch = 0, thread = 0;
    uint64_t block = 0;
    bool any = false, threads = false, blocks = false;

    bool conflicts(uint64_t other_block, uint32_t other_epoch, uint32_t other) const
    {
        return any && (blocks || block != other_block ||
                       (epoch == other_epoch && (threads || thread != other)));
    }

    void add(uint64_t new_block, uint32_t new_epoch, uint32_t number)
    {
        const bool same = any && block == new_block && epoch == new_epoch;
        blocks |= any && block != new_block;
        threads = same && (threads || thread != number);
        block = new_block;
        epoch = new_epoch;
        thread = number;
        any = true;
    }
};

enum Kind { READ, WRITE, ATOMIC };
const char *const NAMES[] = {"read", "write", "atomic addition"};

struct Word {
    uint64_t run = 0;
    Trace traces[3];
};

constexpr uintptr_t WORD = 4, PAGE_WORDS = 512;

struct Page {
    Word words[PAGE_WORDS];
};

struct Range {
    uintptr_t start = 0;
    size_t bytes = 0;

    bool has(uintptr_t address) const { return address - start < bytes; }
};

struct Watch {
    bool wanted = false, failed = false;
    uint64_t checked = 0;
    // Numbers what starts without accesses: a launch for device memory, a block for shared memory.
    uint64_t runs = 0, launch = 0, of_block = 0;
    uint64_t block = 0;
    uint32_t epoch = 0, thread = 0;
    Range stack, shared, last;
    std::unordered_map<uintptr_t, std::unique_ptr<Page>> pages;
    uintptr_t last_page = 0;
    Page *page = nullptr;

    void fail(const char *what, Kind kind, uintptr_t address)
    {
        if (!failed)
            std::fprintf(stderr, "%s: %s of %#zx by thread %u of block %zu, behind %u barriers\n", what,
                         NAMES[kind], size_t(address), thread, size_t(block), epoch);
        failed = true;
    }

    Word &word(uintptr_t address)
    {
        const uintptr_t number = address / (WORD * PAGE_WORDS);
        if (page == nullptr || number != last_page) {
            std::unique_ptr<Page> &found = pages[number];
            if (found == nullptr)
                found.reset(new Page);
            page = found.get();
            last_page = number;
        }
        return page->words[address / WORD % PAGE_WORDS];
    }

    void touch(uintptr_t address, uint64_t run, Kind kind)
    {
        Word &here = word(address);
        if (here.run != run) {
            here = Word();
            here.run = run;
        }
        for (const Kind other : {READ, WRITE, ATOMIC})
            if ((kind == WRITE || other == WRITE || kind != other) &&
                here.traces[other].conflicts(block, epoch, thread))
                fail("race", kind, address);
        here.traces[kind].add(block, epoch, thread);
    }

    void check(const void *start, size_t bytes, Kind kind)
    {
        const uintptr_t address = reinterpret_cast<uintptr_t>(start);
        if (stack.has(address))
            return;
        const bool in_shared = shared.has(address);
        if (!in_shared && !last.has(address) && !find_allocation(address, last.start, last.bytes))
            return;
        const Range &all = in_shared ? shared : last;
        if (!all.has(address) || bytes > all.bytes - (address - all.start))
            return fail("access outside of an allocation", kind, address);
        ++checked;
        for (uintptr_t at = address & ~(WORD - 1); at < address + bytes; at += WORD)
            touch(at, in_shared ? of_block : launch, kind);
    }
};

thread_local Watch watch;
// Whether a launch is checked: apart from the watch, whose first use in a thread makes it.
thread_local bool active = false;

inline void follow(const void *start, size_t bytes, Kind kind)
{
    if (active)
        watch.check(start, bytes, kind);
}

// What is remembered of words that may be long freed.
constexpr size_t MOST_PAGES = 1 << 13;

} // namespace

void begin_launch()
{
    active = watch.wanted;
    watch.failed = false;
    watch.launch = ++watch.runs;
    // Allocations may have changed.
    watch.last = Range();
    if (watch.pages.size() > MOST_PAGES) {
        watch.pages.clear();
        watch.page = nullptr;
    }
}

void begin_block(uint64_t block, const void *shared, size_t bytes)
{
    watch.of_block = ++watch.runs;
    watch.block = block;
    watch.epoch = 0;
    watch.shared = Range{reinterpret_cast<uintptr_t>(shared), bytes};
}

void enter_thread(uint32_t thread, const void *stack, size_t bytes)
{
    watch.thread = thread;
    watch.stack = Range{reinterpret_cast<uintptr_t>(stack), bytes};
}

void pass_barrier()
{
    ++watch.epoch;
}

bool end_launch()
{
    active = false;
    return !watch.failed;
}

void atomic(const void *address)
{
    follow(address, WORD, ATOMIC);
}

} // namespace accesses

extern "C" void zkml_host_set_checked(int checked)
{
    accesses::watch.wanted = checked != 0;
}

// Accesses of this thread's kernels that were checked.
extern "C" uint64_t zkml_host_checked(void)
{
    return accesses::watch.checked;
}

// What compilers call.
#define ZKML_ACCESS(bytes)                                                                                       \
    extern "C" void __tsan_read##bytes(void *at) { accesses::follow(at, bytes, accesses::READ); }           \
    extern "C" void __tsan_write##bytes(void *at) { accesses::follow(at, bytes, accesses::WRITE); }         \
    extern "C" void __tsan_unaligned_read##bytes(void *at) { accesses::follow(at, bytes, accesses::READ); } \
    extern "C" void __tsan_unaligned_write##bytes(void *at)                                                      \
    {                                                                                                            \
        accesses::follow(at, bytes, accesses::WRITE);                                                       \
    }

ZKML_ACCESS(1)
ZKML_ACCESS(2)
ZKML_ACCESS(4)
ZKML_ACCESS(8)
ZKML_ACCESS(16)

extern "C" void __tsan_read_range(void *at, size_t bytes)
{
    accesses::follow(at, bytes, accesses::READ);
}

extern "C" void __tsan_write_range(void *at, size_t bytes)
{
    accesses::follow(at, bytes, accesses::WRITE);
}

extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void *) {}
extern "C" void __tsan_func_exit() {}
