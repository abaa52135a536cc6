// Sums of buckets from terms sorted by bucket, balanced whatever the scalars are.
//
// Threads take equal shares of the sorted list and walk them: 8 products and 2 squarings a term. A
// bucket that lies within one share is finished there. The first and last bucket of a share may go on
// in its neighbours: a share is summarised as a node (first bucket and its sum, last bucket and its sum),
// and a tree merges neighbouring nodes, finishing the buckets that end inside. All equal scalars thus take
// the same steps as arbitrary ones, and log2(threads) additions in a row more.
//
// A share's terms lie together, so that each thread reads whole lines of the list, and their bases
// are gathered: 64 bytes each, two whole sectors. About 110 registers: 16 warps on a multiprocessor,
// whose products cover the latency of one another's gathers.
#ifndef ZKML_MSM_ACCUMULATE_CUH
#define ZKML_MSM_ACCUMULATE_CUH

#include "buckets.cuh"

constexpr uint32_t ACCUMULATE_BLOCK = 128;
// No bucket.
constexpr uint32_t NONE = 0xFFFFFFFFu;
// Terms of a share at least, so that few terms make few nodes.
constexpr uint32_t LEAST_SHARE = 8;

__global__ void __launch_bounds__(ACCUMULATE_BLOCK, 4)
    accumulate(const Affine *bases, const Entry *entries, const uint32_t *total, Point *buckets, Node *nodes)
{
    const uint64_t thread = thread_number();
    const uint64_t threads = static_cast<uint64_t>(gridDim.x) * ACCUMULATE_BLOCK;
    const uint64_t end = *total;
    uint64_t share = (end + threads - 1) / threads;
    share = share < LEAST_SHARE ? LEAST_SHARE : share;
    Node *node = nodes + thread;
    const uint64_t start = thread * share;
    if (start >= end) {
        node->first = node->last = NONE;
        return;
    }
    const uint64_t stop = start + share < end ? start + share : end;
    uint32_t current = entries[start].bucket;
    node->first = current;
    bool within_first = true;
    Point sum = Point::identity();
    for (uint64_t at = start; at < stop; ++at) {
        const Entry entry = entries[at];
        if (entry.bucket != current) {
            sum.store(within_first ? &node->first_sum : buckets + current);
            within_first = false;
            current = entry.bucket;
            sum = Point::identity();
        }
        Affine base = Affine::load(bases + (entry.term >> 1));
        if (entry.term & 1)
            base.y = -base.y;
        add(sum, base);
    }
    node->last = current;
    sum.store(within_first ? &node->first_sum : &node->last_sum);
}

__device__ inline void copy(Point *to, const Point *from)
{
    Point::load(from).store(to);
}

// Merges a node with the one behind it; finished buckets are written.
__device__ inline void merge(Node *a, const Node *b, Point *buckets)
{
    // Only nodes at the end have no buckets.
    if (b->first == NONE)
        return;
    const bool one = a->first == a->last, other_one = b->first == b->last;
    if (a->last == b->first) {
        Point *sum = one ? &a->first_sum : &a->last_sum;
        const Point joined = add(Point::load(sum), Point::load(&b->first_sum));
        if (one || other_one)
            joined.store(sum);
        else
            joined.store(buckets + a->last);
        if (!other_one)
            copy(&a->last_sum, &b->last_sum);
    } else {
        if (!one)
            copy(buckets + a->last, &a->last_sum);
        if (other_one) {
            copy(&a->last_sum, &b->first_sum);
        } else {
            copy(buckets + b->first, &b->first_sum);
            copy(&a->last_sum, &b->last_sum);
        }
    }
    a->last = b->last;
}

// Nodes that a block merges into its first.
constexpr uint32_t MERGE = 2 * BLOCK;

// Merges nodes 0, stride, 2 stride, ... of `count`, a block MERGE of them. Where one block has all,
// the buckets at its ends are finished too.
__global__ void __launch_bounds__(BLOCK, 2)
    merge_nodes(Node *nodes, uint64_t count, uint64_t stride, Point *buckets)
{
    const uint64_t first = static_cast<uint64_t>(blockIdx.x) * MERGE;
    const uint64_t here = count - first < MERGE ? count - first : MERGE;
    for (uint32_t distance = 1; distance < here; distance *= 2) {
        const uint64_t left = first + static_cast<uint64_t>(threadIdx.x) * 2 * distance;
        if (left + distance < first + here)
            merge(nodes + left * stride, nodes + (left + distance) * stride, buckets);
        __syncthreads();
    }
    if (gridDim.x == 1 && threadIdx.x == 0 && nodes->first != NONE) {
        copy(buckets + nodes->first, &nodes->first_sum);
        if (nodes->last != nodes->first)
            copy(buckets + nodes->last, &nodes->last_sum);
    }
}

#endif
