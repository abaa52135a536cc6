// A counting sort of terms by bucket.
//
// Terms of a bucket are counted, the counts summed up to where each bucket starts, and terms dealt
// out. Where a unit has few buckets each block counts in shared memory and takes room for all its
// terms of a bucket at once: buckets are then hit often, as by columns of small integers. Where it has
// many, terms go to global counters one by one: terms that all hit one counter take about a clock each
// there, in every window, and column of codes, on their own, which is far less than their additions take.
//
// The order within a bucket is arbitrary; the sum is not.
#ifndef ZKML_MSM_SORT_CUH
#define ZKML_MSM_SORT_CUH

#include "units.cuh"

// Buckets of a unit that a block counts in shared memory.
constexpr uint32_t SHARED_BUCKETS = 4096;
constexpr uint32_t SORT_ITEMS = 16;
// Digits of one block.
constexpr uint32_t SEGMENT = BLOCK * SORT_ITEMS;

// This block's counts of digits in shared memory, ready to read.
__device__ inline void count_segment(const Unit &unit, const uint32_t *digits, uint64_t first, uint32_t *counts)
{
    for (uint32_t bucket = threadIdx.x; bucket < unit.buckets; bucket += BLOCK)
        counts[bucket] = 0;
    __syncthreads();
    for (uint64_t i = first + threadIdx.x; i < first + SEGMENT && i < unit.count; i += BLOCK) {
        const uint32_t digit = digits[unit.first_digit + i] >> 1;
        if (digit != 0)
            atomicAdd(counts + digit - 1, 1u);
    }
    __syncthreads();
}

// counts_bucket += the number of its terms.
__global__ void count_terms(const Unit *units, const uint32_t *digits, uint32_t *counts)
{
    ZKML_SHARED(uint32_t, shared);
    const Unit unit = units[blockIdx.y];
    const uint64_t first = static_cast<uint64_t>(blockIdx.x) * SEGMENT;
    if (first >= unit.count)
        return;
    uint32_t *mine = counts + unit.first_bucket;
    if (unit.buckets <= SHARED_BUCKETS) {
        count_segment(unit, digits, first, shared);
        for (uint32_t bucket = threadIdx.x; bucket < unit.buckets; bucket += BLOCK)
            if (shared[bucket] != 0)
                atomicAdd(mine + bucket, shared[bucket]);
        return;
    }
    for (uint64_t i = first + threadIdx.x; i < first + SEGMENT && i < unit.count; i += BLOCK) {
        const uint32_t digit = digits[unit.first_digit + i] >> 1;
        if (digit != 0)
            atomicAdd(mine + digit - 1, 1u);
    }
}

// Writes terms where their buckets start; `starts` moves to where they end.
__global__ void deal_terms(const Unit *units, const uint32_t *digits, uint32_t *starts, Entry *entries)
{
    ZKML_SHARED(uint32_t, shared);
    const Unit unit = units[blockIdx.y];
    const uint64_t first = static_cast<uint64_t>(blockIdx.x) * SEGMENT;
    if (first >= unit.count)
        return;
    uint32_t *next = starts + unit.first_bucket;
    if (unit.buckets <= SHARED_BUCKETS) {
        count_segment(unit, digits, first, shared);
        for (uint32_t bucket = threadIdx.x; bucket < unit.buckets; bucket += BLOCK)
            if (shared[bucket] != 0)
                shared[bucket] = atomicAdd(next + bucket, shared[bucket]);
        __syncthreads();
        next = shared;
    }
    for (uint64_t i = first + threadIdx.x; i < first + SEGMENT && i < unit.count; i += BLOCK) {
        const uint32_t digit = digits[unit.first_digit + i];
        if (digit >> 1 == 0)
            continue;
        const uint32_t bucket = (digit >> 1) - 1;
        const uint32_t place = atomicAdd(next + bucket, 1u);
        const uint32_t base = unit.first_base + static_cast<uint32_t>(i);
        entries[place] = Entry{unit.first_bucket + bucket, base << 1 | (digit & 1)};
    }
}

// ---- prefix sums of counts ----

constexpr uint32_t COUNT_ITEMS = 8;
constexpr uint32_t COUNT_TILE = BLOCK * COUNT_ITEMS;

// The sum of all threads' values up to this one's. Ends with a barrier: the shared sums stay.
__device__ inline uint32_t sum_up(uint32_t *sums, uint32_t mine)
{
    sums[threadIdx.x] = mine;
    __syncthreads();
    for (uint32_t distance = 1; distance < BLOCK; distance *= 2) {
        const uint32_t before = threadIdx.x >= distance ? sums[threadIdx.x - distance] : 0;
        __syncthreads();
        mine += before;
        sums[threadIdx.x] = mine;
        __syncthreads();
    }
    return mine;
}

__device__ inline uint32_t sum_items(const uint32_t *counts, uint32_t first, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = first; i < first + COUNT_ITEMS && i < count; ++i)
        sum += counts[i];
    return sum;
}

// totals_block = the sum of its tile.
__global__ void count_totals(const uint32_t *counts, uint32_t count, uint32_t *totals)
{
    ZKML_SHARED(uint32_t, sums);
    const uint32_t first = static_cast<uint32_t>(thread_number()) * COUNT_ITEMS;
    const uint32_t total = sum_up(sums, sum_items(counts, first, count));
    if (threadIdx.x == BLOCK - 1)
        totals[blockIdx.x] = total;
}

// Replaces totals by the sums before them, and writes the whole sum behind them. One block.
__global__ void count_carries(uint32_t *totals, uint32_t count)
{
    ZKML_SHARED(uint32_t, sums);
    uint32_t carry = 0;
    for (uint32_t first = 0; first < count; first += BLOCK) {
        const uint32_t i = first + threadIdx.x;
        const uint32_t mine = i < count ? totals[i] : 0;
        const uint32_t sum = sum_up(sums, mine);
        if (i < count)
            totals[i] = carry + sum - mine;
        carry += sums[BLOCK - 1];
        __syncthreads();
    }
    if (threadIdx.x == 0)
        totals[count] = carry;
}

// Replaces counts by the sums before them.
__global__ void count_starts(uint32_t *counts, uint32_t count, const uint32_t *carries)
{
    ZKML_SHARED(uint32_t, sums);
    const uint32_t first = static_cast<uint32_t>(thread_number()) * COUNT_ITEMS;
    const uint32_t mine = sum_items(counts, first, count);
    uint32_t start = carries[blockIdx.x] + sum_up(sums, mine) - mine;
    for (uint32_t i = first; i < first + COUNT_ITEMS && i < count; ++i) {
        const uint32_t here = counts[i];
        counts[i] = start;
        start += here;
    }
}

#endif
