// From a window's buckets to its sum, sum_d d S_d.
//
// A thread sums a chunk of c neighbouring buckets with weights 1, 2, ..., c by running sums from the highest down, 2
// additions a bucket. What a chunk's weights lack is a multiple of its
// buckets' plain sum, which a tree makes up for: a node over m buckets holds
//
//   weighted = sum_(i = 1)^m i S_i      scaled = m sum_i S_i
//
// and two neighbours of m buckets make one of 2 m by
//
//   weighted = weighted_1 + weighted_2 + scaled_2      scaled = 2 (scaled_1 + scaled_2)
//
// so that a window takes a logarithmic number of additions in a row. Two threads make a node, one of
// them each part. Products a bucket: 28 in chunks, and 51 / c for a node and its share of the tree. In a row, 2 c additions
// in a chunk replace 2 log2(c) in the tree: chunks are long only where there are buckets enough to keep the device busy.
#ifndef ZKML_MSM_REDUCE_CUH
#define ZKML_MSM_REDUCE_CUH

#include "units.cuh"

struct alignas(16) Sum {
    Point weighted, scaled;
};

// Buckets of a chunk, and the most: a power of two.
constexpr uint32_t MOST_CHUNK = 8;

inline uint32_t chunk_of(uint64_t buckets)
{
    uint32_t chunk = 1;
    while (chunk < MOST_CHUNK && buckets >= uint64_t(2) * chunk * BUSY)
        chunk *= 2;
    return chunk;
}

// At least as many as the chunks of so many buckets; it rises with them.
inline uint64_t most_chunks(uint64_t buckets, uint64_t units)
{
    const uint64_t few = buckets < 2 * BUSY ? buckets : 2 * BUSY, many = buckets / MOST_CHUNK;
    return (few < many ? many : few) + units;
}

// A thread a chunk of LENGTH buckets.
template <uint32_t LENGTH>
__global__ void __launch_bounds__(128, 4)
    sum_chunks(const Unit *units, const Point *buckets, Sum *sums)
{
    const Unit unit = units[blockIdx.y];
    const uint64_t chunk = thread_number();
    if (chunk >= unit.chunks)
        return;
    const uint32_t start = static_cast<uint32_t>(chunk) * LENGTH;
    const uint32_t left = unit.buckets - start;
    Point running = Point::identity(), weighted = running;
    for (uint32_t i = left < LENGTH ? left : LENGTH; i-- > 0;) {
        running = add(running, Point::load(buckets + unit.first_bucket + start + i));
        weighted = add(weighted, running);
    }
    for (uint32_t i = 1; i < LENGTH; i *= 2)
        running = doubled(running);
    Sum *sum = sums + unit.first_chunk + chunk;
    weighted.store(&sum->weighted);
    running.store(&sum->scaled);
}

// Nodes that a block merges into its first: a pair of threads for each two of them.
constexpr uint32_t SUMS = BLOCK;

// Merges every unit's nodes 0, stride, 2 stride, ..., a block SUMS of them. The last time, when one block
// has all, the weighted sums go to `out`.
__global__ void __launch_bounds__(BLOCK, 2)
    merge_sums(const Unit *units, Sum *sums, uint64_t stride, Point *out)
{
    const Unit unit = units[blockIdx.y];
    const uint64_t first = static_cast<uint64_t>(blockIdx.x) * SUMS;
    const uint64_t count = (unit.chunks + stride - 1) / stride;
    const bool scaled = threadIdx.x >= BLOCK / 2;
    const uint32_t pair = threadIdx.x % (BLOCK / 2);
    Sum *mine = sums + unit.first_chunk;
    // The scaled sums of a last, shorter block are those of a full one: its neighbours add them.
    const uint64_t reach = gridDim.x == 1 ? count : SUMS;
    for (uint32_t distance = 1; distance < reach; distance *= 2) {
        const uint64_t left = first + static_cast<uint64_t>(pair) * 2 * distance;
        if (left < first + SUMS && left < count) {
            Sum *a = mine + left * stride;
            const Sum *b = left + distance < count ? mine + (left + distance) * stride : nullptr;
            if (scaled) {
                Point sum = Point::load(&a->scaled);
                if (b != nullptr)
                    sum = add(sum, Point::load(&b->scaled));
                doubled(sum).store(&a->scaled);
            } else if (b != nullptr) {
                const Point sum = add(Point::load(&a->weighted), Point::load(&b->weighted));
                add(sum, Point::load(&b->scaled)).store(&a->weighted);
            }
        }
        __syncthreads();
    }
    if (gridDim.x == 1 && threadIdx.x == 0)
        Point::load(&mine->weighted).store(out + blockIdx.y);
}

#endif
