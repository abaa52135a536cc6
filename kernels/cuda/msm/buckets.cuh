// Sums of buckets: what the windows of scalars and columns of codes have in common.
#ifndef ZKML_MSM_BUCKETS_CUH
#define ZKML_MSM_BUCKETS_CUH

#include "../list.cuh"
#include "units.cuh"

constexpr uint64_t divided(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

// How much is summed together.
struct Load {
    uint64_t terms = 0, buckets = 0, units = 0;

    // Whether grids reach that far, and 32 bits number the terms and buckets.
    bool fits() const;
    // Blocks that accumulate.
    uint32_t blocks() const;
};

// The units, and the spans that they are windows of.
struct Terms {
    List<Unit> units;
    List<Span> spans;
    uint64_t longest = 0; // scalars of a unit
    bool shared = false;  // whether the buckets of any unit are counted in shared memory

    explicit Terms(uint64_t count) : units(count) {}

    void add(const Unit &unit);
    int check() const;
};

// Their device memory. There are at most as many spans as units.
struct Buckets {
    uint32_t *digits, *starts, *totals;
    Entry *entries;
    Point *sums;
    Node *nodes;
    Unit *units;
    Span *spans;

    Buckets(Workspace &workspace, const Load &load);

    // Queues the summing: sums_b = the sum of the terms of bucket b.
    int sum(zkml_stream stream, const Affine *bases, const Terms &terms, const Load &load) const;
};

#endif
