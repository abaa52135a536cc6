// Sums of buckets: scalars are cut into digits (msm/digits.cuh), the terms of all units sorted by bucket
// (msm/sort.cuh), and the buckets summed from equal shares of the sorted list (msm/accumulate.cuh).
#include "msm/accumulate.cuh"
#include "msm/digits.cuh"
#include "msm/sort.cuh"
#include <algorithm>

namespace {

// Units of a group: the second dimension of a grid is short.
constexpr uint32_t MOST_UNITS = 65535;
// Terms, and buckets, of a group are numbered in 32 bits.
constexpr uint64_t MOST_TERMS = 0xFFFF0000u;
// Threads that accumulate: about what a large device runs at a time; and the terms each has at least.
constexpr uint64_t MOST_THREADS = uint64_t(1) << 17;
constexpr uint64_t TERMS_A_THREAD = 16;

} // namespace

bool Load::fits() const
{
    return units <= MOST_UNITS && terms <= MOST_TERMS && buckets <= MOST_TERMS;
}

uint32_t Load::blocks() const
{
    const uint64_t threads = std::min(MOST_THREADS, divided(terms, TERMS_A_THREAD));
    return queue::blocks(std::max<uint64_t>(threads, 1), ACCUMULATE_BLOCK);
}

void Terms::add(const Unit &unit)
{
    units.push(unit);
    longest = std::max<uint64_t>(longest, unit.count);
    shared |= unit.buckets <= SHARED_BUCKETS;
}

int Terms::check() const
{
    ZKML_TRY(units.check());
    return spans.check();
}

Buckets::Buckets(Workspace &workspace, const Load &load)
{
    digits = workspace.take<uint32_t>(load.terms);
    starts = workspace.take<uint32_t>(load.buckets);
    totals = workspace.take<uint32_t>(divided(load.buckets, COUNT_TILE) + 1);
    entries = workspace.take<Entry>(load.terms);
    sums = workspace.take<Point>(load.buckets);
    nodes = workspace.take<Node>(size_t(load.blocks()) * ACCUMULATE_BLOCK);
    units = workspace.take<Unit>(load.units);
    spans = workspace.take<Span>(load.units);
}

int Buckets::sum(zkml_stream stream, const Affine *bases, const Terms &terms, const Load &load) const
{
    ZKML_TRY(terms.check());
    ZKML_TRY(queue::upload(stream, units, terms.units.data(), terms.units.size() * sizeof(Unit)));
    ZKML_TRY(queue::upload(stream, spans, terms.spans.data(), terms.spans.size() * sizeof(Span)));
    const Unit *all = units;
    const uint32_t count = uint32_t(load.buckets), unit_count = uint32_t(terms.units.size());

    // Sort.
    ZKML_TRY(queue::clear(stream, starts, count * sizeof(uint32_t)));
    ZKML_TRY(queue::clear(stream, sums, count * sizeof(Point)));
    ZKML_TRY(queue::launch("split_scalars", split_scalars,
                           dim3(queue::blocks(terms.longest), uint32_t(terms.spans.size())), BLOCK, 0, stream,
                           static_cast<const Span *>(spans), all, digits));
    const dim3 segments(queue::blocks(terms.longest, SEGMENT), unit_count);
    const size_t shared = terms.shared ? SHARED_BUCKETS * sizeof(uint32_t) : 0;
    ZKML_TRY(queue::launch("count_terms", count_terms, segments, BLOCK, shared, stream, all,
                           static_cast<const uint32_t *>(digits), starts));
    const uint32_t tiles = queue::blocks(count, COUNT_TILE);
    const size_t scratch = BLOCK * sizeof(uint32_t);
    ZKML_TRY(queue::launch("count_totals", count_totals, tiles, BLOCK, scratch, stream,
                           static_cast<const uint32_t *>(starts), count, totals));
    ZKML_TRY(queue::launch("count_carries", count_carries, 1, BLOCK, scratch, stream, totals, tiles));
    ZKML_TRY(queue::launch("count_starts", count_starts, tiles, BLOCK, scratch, stream, starts, count,
                           static_cast<const uint32_t *>(totals)));
    ZKML_TRY(queue::launch("deal_terms", deal_terms, segments, BLOCK, shared, stream, all,
                           static_cast<const uint32_t *>(digits), starts, entries));

    // Sum.
    ZKML_TRY(queue::launch("accumulate", accumulate, load.blocks(), ACCUMULATE_BLOCK, 0, stream, bases,
                           static_cast<const Entry *>(entries), static_cast<const uint32_t *>(totals + tiles), sums,
                           nodes));
    uint64_t left = uint64_t(load.blocks()) * ACCUMULATE_BLOCK;
    for (uint64_t stride = 1, blocks = 0; blocks != 1; stride *= MERGE, left = blocks) {
        blocks = divided(left, MERGE);
        ZKML_TRY(queue::launch("merge_nodes", merge_nodes, uint32_t(blocks), BLOCK, 0, stream, nodes, left, stride,
                               sums));
    }
    return 0;
}
