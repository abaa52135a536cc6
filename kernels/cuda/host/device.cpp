// The emulated device's memory.
#include "../platform.cuh"
#include "accesses.hpp"
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

namespace {

// Bytes before and behind each allocation that nobody may write.
constexpr size_t GUARD = 256;
constexpr unsigned char GUARD_PATTERN = 0xE7;
constexpr unsigned char FRESH_PATTERN = 0xA5;
constexpr unsigned char FREED_PATTERN = 0xDB;

struct Memory {
    std::mutex mutex;
    std::map<uintptr_t, size_t> blocks;
    size_t total = size_t(1) << 40;
    size_t used = 0;
};

Memory &memory()
{
    static Memory instance;
    return instance;
}

bool intact(const unsigned char *guard)
{
    for (size_t i = 0; i < GUARD; ++i)
        if (guard[i] != GUARD_PATTERN)
            return false;
    return true;
}

// Whether a range lies within one allocation.
bool contains(const void *start, size_t bytes)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const uintptr_t address = reinterpret_cast<uintptr_t>(start);
    auto found = all.blocks.upper_bound(address);
    if (found == all.blocks.begin())
        return false;
    --found;
    const uintptr_t offset = address - found->first;
    return offset <= found->second && bytes <= found->second - offset;
}

} // namespace

bool find_allocation(uintptr_t address, uintptr_t &start, size_t &bytes)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    // The last allocation whose guard before it is not behind the address.
    auto found = all.blocks.upper_bound(address + GUARD);
    if (found == all.blocks.begin())
        return false;
    --found;
    if (address + GUARD - found->first >= found->second + 2 * GUARD)
        return false;
    start = found->first;
    bytes = found->second;
    return true;
}

namespace {

int moved(const char *call, bool valid, void *to, const void *from, size_t bytes)
{
    if (!valid)
        return status::failed(call, emulator::INVALID_VALUE);
    std::memmove(to, from, bytes);
    return 0;
}

} // namespace

extern "C" int zkml_device_alloc(size_t bytes, void **out)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    *out = nullptr;
    if (bytes == 0)
        return 0;
    if (bytes > all.total || all.used > all.total - bytes)
        return status::failed("zkml_device_alloc", emulator::MEMORY_ALLOCATION);
    const size_t rounded = (bytes + GUARD - 1) / GUARD * GUARD + 2 * GUARD;
    auto *start = static_cast<unsigned char *>(std::aligned_alloc(GUARD, rounded));
    if (start == nullptr)
        return status::failed("zkml_device_alloc", emulator::MEMORY_ALLOCATION);
    std::memset(start, GUARD_PATTERN, GUARD);
    std::memset(start + GUARD, FRESH_PATTERN, bytes);
    std::memset(start + GUARD + bytes, GUARD_PATTERN, rounded - GUARD - bytes);
    all.used += bytes;
    all.blocks[reinterpret_cast<uintptr_t>(start + GUARD)] = bytes;
    *out = start + GUARD;
    return 0;
}

extern "C" int zkml_device_free(void *address)
{
    if (address == nullptr)
        return 0;
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.blocks.find(reinterpret_cast<uintptr_t>(address));
    if (found == all.blocks.end())
        return status::failed("zkml_device_free", emulator::INVALID_VALUE);
    auto *start = static_cast<unsigned char *>(address);
    const bool whole = intact(start - GUARD) && intact(start + found->second);
    std::memset(start, FREED_PATTERN, found->second);
    all.used -= found->second;
    all.blocks.erase(found);
    std::free(start - GUARD);
    return whole ? 0 : status::failed("zkml_device_free", emulator::ILLEGAL_ADDRESS);
}

extern "C" int zkml_device_free_async(void *address, zkml_stream stream)
{
    return emulator::queue(stream, [=] { return zkml_device_free(address); });
}

int emulator::upload(void *device, const void *host, size_t bytes, zkml_stream stream)
{
    const auto *start = static_cast<const unsigned char *>(host);
    const std::vector<unsigned char> copy(start, start + bytes);
    return queue(stream, [=] { return zkml_device_upload(device, copy.data(), bytes, nullptr); });
}

extern "C" int zkml_device_upload(void *device, const void *host, size_t bytes, zkml_stream stream)
{
    if (bytes == 0)
        return 0;
    return emulator::queue(
        stream, [=] { return moved("zkml_device_upload", contains(device, bytes), device, host, bytes); });
}

extern "C" int zkml_device_download(void *host, const void *device, size_t bytes, zkml_stream stream)
{
    if (bytes == 0)
        return 0;
    ZKML_TRY(zkml_device_stream_synchronize(stream));
    return moved("zkml_device_download", contains(device, bytes), host, device, bytes);
}

extern "C" int zkml_device_copy(void *to, const void *from, size_t bytes, zkml_stream stream)
{
    if (bytes == 0)
        return 0;
    return emulator::queue(stream, [=] {
        return moved("zkml_device_copy", contains(to, bytes) && contains(from, bytes), to, from, bytes);
    });
}

extern "C" int zkml_device_set(void *device, int byte, size_t bytes, zkml_stream stream)
{
    if (bytes == 0)
        return 0;
    return emulator::queue(stream, [=] {
        if (!contains(device, bytes))
            return status::failed("zkml_device_set", emulator::INVALID_VALUE);
        std::memset(device, byte, bytes);
        return 0;
    });
}

extern "C" int zkml_device_memory(size_t *free_bytes, size_t *total_bytes)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    *total_bytes = all.total;
    *free_bytes = all.total > all.used ? all.total - all.used : 0;
    return 0;
}

extern "C" void zkml_host_set_memory(size_t bytes)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    all.total = bytes;
}

extern "C" size_t zkml_host_allocated(void)
{
    Memory &all = memory();
    const std::lock_guard<std::mutex> lock(all.mutex);
    return all.used;
}
