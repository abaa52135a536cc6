// Follows every access of a kernel to device and shared memory.
#ifndef ZKML_ACCESSES_HPP
#define ZKML_ACCESSES_HPP

#include <cstddef>
#include <cstdint>

namespace accesses {

// Where the emulation is; what a kernel does meanwhile is checked if `zkml_host_set_checked` asked for it.
void begin_launch();
void begin_block(uint64_t block, const void *shared, size_t bytes);
void enter_thread(uint32_t thread, const void *stack, size_t bytes);
void pass_barrier();
// Returns whether the launch did nothing wrong; what it did first goes to stderr.
bool end_launch();

// An atomic addition to a word.
void atomic(const void *address);

} // namespace accesses

// device.cpp: the allocation that an address is in, or in whose guards it is; false where there is none.
bool find_allocation(uintptr_t address, uintptr_t &start, size_t &bytes);

#endif
