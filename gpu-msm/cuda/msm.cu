// Multi-scalar multiplication: Pippenger's algorithm over many columns at once.
//
// All windows of all parts are units of one computation, as many together as the workspace
// holds: scalars are cut into signed digits (msm/digits.cuh), the terms of all units sorted by bucket
// (msm/sort.cuh), the buckets summed from equal shares of the sorted list (msm/accumulate.cuh), and each
// window's buckets weighted and summed (msm/reduce.cuh). The host combines windows, 2^(bits w) sums_w:
// one thread there doubles faster than one thread here. Nothing waits for the device.
//
// Products for a part of n terms in w windows of c bits, b buckets each (2^(c - 1), or the largest
// value where one window does):
//
//   w (10 n + 34 b), and n / 2 for full-width scalars out of Montgomery form
//
// 2^20 full-width terms: 16 windows of 16 bits, 186 million, 178 for each term and 168 million of them
// additions to buckets, which is the floor of this method; a column of 8-bit values: 10 each.
// Small integers keep their width: one window up to about 16 bits, two beyond.
//
// The endomorphism would halve the windows' number and double their terms: the additions stay, b halves.
// At sizes that count, that is under a tenth; it is left out.
#include "msm/accumulate.cuh"
#include "msm/digits.cuh"
#include "msm/reduce.cuh"
#include "msm/sort.cuh"
#include "list.cuh"
#include <algorithm>

namespace {

// Bits of a scalar of the field.
constexpr uint32_t SCALAR_BITS = 254;
// Widest window: its buckets take 16 MB.
constexpr uint32_t MOST_BITS = 18;
// Cost, in products, of a term, a bucket and a window, sorting and writing included.
constexpr uint64_t TERM_COST = 12, BUCKET_COST = 36, WINDOW_COST = 4096;
// Units of a group: the second dimension of a grid is short.
constexpr uint32_t MOST_UNITS = 65535;
// Terms, and buckets, of a group are numbered in 32 bits.
constexpr uint64_t MOST_TERMS = 0xFFFF0000u;
// Threads that accumulate: about what a large device runs at a time; and the terms each has at least.
constexpr uint64_t MOST_THREADS = uint64_t(1) << 17;
constexpr uint64_t TERMS_A_THREAD = 16;

uint32_t bit_length(uint32_t value)
{
    uint32_t bits = 0;
    for (; value != 0; value >>= 1)
        ++bits;
    return bits;
}

uint64_t divided(uint64_t value, uint64_t by)
{
    return (value + by - 1) / by;
}

// What units of one group need together.
struct Load {
    uint64_t terms = 0, buckets = 0, chunks = 0, units = 0;

    void add(const zkml_msm_part &part)
    {
        terms += part.count;
        buckets += part.buckets;
        chunks += divided(part.buckets, CHUNK);
        ++units;
    }

    bool fits() const { return units <= MOST_UNITS && terms <= MOST_TERMS && buckets <= MOST_TERMS; }

    // Blocks that accumulate.
    uint32_t blocks() const
    {
        const uint64_t threads = std::min(MOST_THREADS, divided(terms, TERMS_A_THREAD));
        return queue::blocks(std::max<uint64_t>(threads, 1), ACCUMULATE_BLOCK);
    }
};

// A group's memory.
struct Memory {
    uint32_t *digits, *starts, *totals;
    Entry *entries;
    Point *buckets;
    Node *nodes;
    Sum *sums;

    Memory(Workspace &workspace, const Load &load)
    {
        digits = workspace.take<uint32_t>(load.terms);
        starts = workspace.take<uint32_t>(load.buckets);
        totals = workspace.take<uint32_t>(divided(load.buckets, COUNT_TILE) + 1);
        entries = workspace.take<Entry>(load.terms);
        buckets = workspace.take<Point>(load.buckets);
        nodes = workspace.take<Node>(size_t(load.blocks()) * ACCUMULATE_BLOCK);
        sums = workspace.take<Sum>(load.chunks);
    }
};

size_t bytes(const Load &load)
{
    Workspace workspace;
    Memory(workspace, load);
    workspace.take<Unit>(load.units);
    // At most one span a unit.
    workspace.take<Span>(load.units);
    return workspace.used();
}

// The window of a part.
struct Place {
    size_t part;
    uint32_t window;
};

// Adds units to `load` until they exceed `limit` bytes, at least one; `from` moves behind them.
Load next_group(const zkml_msm_part *parts, size_t count, size_t limit, Place &from)
{
    Load load;
    while (from.part < count) {
        if (from.window == parts[from.part].windows) {
            from = Place{from.part + 1, 0};
            continue;
        }
        Load more = load;
        more.add(parts[from.part]);
        if (load.units > 0 && (!more.fits() || bytes(more) > limit))
            break;
        load = more;
        ++from.window;
    }
    return load;
}

// The most bytes that a group of units takes, with groups of up to `limit` bytes.
size_t most_bytes(const zkml_msm_part *parts, size_t count, size_t limit)
{
    size_t most = 0;
    Place from{0, 0};
    for (Load load = next_group(parts, count, limit, from); load.units > 0;
         load = next_group(parts, count, limit, from))
        most = std::max(most, bytes(load));
    return most;
}

// What the kernels need to know of a group.
struct Group {
    List<Unit> units;
    List<Span> spans;
    uint64_t longest = 0, chunks = 0; // of a unit
    bool shared = false;

    // As many units from a place on.
    Group(const zkml_msm_part *parts, Place from, uint64_t count) : units(count)
    {
        Load load;
        while (load.units < count) {
            const zkml_msm_part &part = parts[from.part];
            const uint32_t left = part.windows - from.window;
            const uint32_t windows = uint32_t(std::min<uint64_t>(left, count - load.units));
            if (windows > 0)
                spans.push(Span{part.scalars, uint32_t(part.count), part.kind, part.bits, part.buckets,
                                from.window, windows, uint32_t(load.units)});
            for (uint32_t window = 0; window < windows; ++window)
                add(part, load);
            from = Place{from.part + 1, 0};
        }
    }

  private:
    void add(const zkml_msm_part &part, Load &load)
    {
        const uint64_t of_unit = divided(part.buckets, CHUNK);
        units.push(Unit{load.terms, uint32_t(part.count), uint32_t(part.first_base), uint32_t(load.buckets),
                        part.buckets, uint32_t(load.chunks), uint32_t(of_unit)});
        load.add(part);
        longest = std::max(longest, part.count);
        chunks = std::max(chunks, of_unit);
        shared |= part.buckets <= SHARED_BUCKETS;
    }
};

int run_group(zkml_stream stream, const Affine *bases, const Group &group, const Load &load, Point *out,
              void *workspace_start, size_t workspace_bytes)
{
    ZKML_TRY(group.units.check());
    ZKML_TRY(group.spans.check());
    Workspace workspace(workspace_start, workspace_bytes);
    const Memory memory(workspace, load);
    int copied = 0;
    const Unit *units = workspace.copy(copied, stream, group.units.data(), group.units.size());
    const Span *spans = workspace.copy(copied, stream, group.spans.data(), group.spans.size());
    ZKML_TRY(copied);
    const uint32_t buckets = uint32_t(load.buckets), unit_count = uint32_t(group.units.size());

    // Sort.
    ZKML_TRY(queue::clear(stream, memory.starts, buckets * sizeof(uint32_t)));
    ZKML_TRY(queue::clear(stream, memory.buckets, buckets * sizeof(Point)));
    ZKML_TRY(queue::launch("split_scalars", split_scalars,
                           dim3(queue::blocks(group.longest), uint32_t(group.spans.size())), BLOCK, 0, stream,
                           spans, units, memory.digits));
    const dim3 segments(queue::blocks(group.longest, SEGMENT), unit_count);
    const size_t shared = group.shared ? SHARED_BUCKETS * sizeof(uint32_t) : 0;
    ZKML_TRY(queue::launch("count_terms", count_terms, segments, BLOCK, shared, stream, units,
                           static_cast<const uint32_t *>(memory.digits), memory.starts));
    const uint32_t tiles = queue::blocks(buckets, COUNT_TILE);
    const size_t sums = BLOCK * sizeof(uint32_t);
    ZKML_TRY(queue::launch("count_totals", count_totals, tiles, BLOCK, sums, stream,
                           static_cast<const uint32_t *>(memory.starts), buckets, memory.totals));
    ZKML_TRY(queue::launch("count_carries", count_carries, 1, BLOCK, sums, stream, memory.totals, tiles));
    ZKML_TRY(queue::launch("count_starts", count_starts, tiles, BLOCK, sums, stream, memory.starts, buckets,
                           static_cast<const uint32_t *>(memory.totals)));
    ZKML_TRY(queue::launch("deal_terms", deal_terms, segments, BLOCK, shared, stream, units,
                           static_cast<const uint32_t *>(memory.digits), memory.starts, memory.entries));

    // Sum buckets.
    ZKML_TRY(queue::launch("accumulate", accumulate, load.blocks(), ACCUMULATE_BLOCK, 0, stream, bases,
                           static_cast<const Entry *>(memory.entries),
                           static_cast<const uint32_t *>(memory.totals + tiles), memory.buckets, memory.nodes));
    uint64_t nodes = uint64_t(load.blocks()) * ACCUMULATE_BLOCK;
    for (uint64_t stride = 1, blocks = 0; blocks != 1; stride *= MERGE, nodes = blocks) {
        blocks = divided(nodes, MERGE);
        ZKML_TRY(queue::launch("merge_nodes", merge_nodes, uint32_t(blocks), BLOCK, 0, stream, memory.nodes,
                               nodes, stride, memory.buckets));
    }

    // Sum windows.
    ZKML_TRY(queue::launch("sum_chunks", sum_chunks, dim3(queue::blocks(group.chunks, 128), unit_count), 128, 0,
                           stream, units, static_cast<const Point *>(memory.buckets), memory.sums));
    for (uint64_t stride = 1, blocks = 0; blocks != 1; stride *= SUMS) {
        blocks = divided(divided(group.chunks, stride), SUMS);
        ZKML_TRY(queue::launch("merge_sums", merge_sums, dim3(uint32_t(blocks), unit_count), BLOCK, 0, stream,
                               units, memory.sums, stride, out));
    }
    return 0;
}

} // namespace

extern "C" void zkml_msm_plan(zkml_msm_part *part, uint32_t largest)
{
    part->bits = part->windows = part->buckets = 0;
    const bool full = part->kind == ZKML_SCALARS_FULL;
    const uint32_t length = full ? SCALAR_BITS : bit_length(largest);
    if (part->count == 0 || length == 0)
        return;
    uint64_t least = UINT64_MAX;
    for (uint32_t windows = 1; windows <= length; ++windows) {
        // A single window takes digits as they are; more need room for the last carry.
        const uint32_t bits = windows == 1 ? length : uint32_t(divided(length + 1, windows));
        if (bits > MOST_BITS)
            continue;
        const uint32_t buckets = windows == 1 ? largest : 1u << (bits - 1);
        const uint64_t cost = windows * (TERM_COST * part->count + BUCKET_COST * buckets + WINDOW_COST);
        if (cost < least) {
            least = cost;
            part->bits = bits;
            part->windows = windows;
            part->buckets = buckets;
        }
    }
}

extern "C" size_t zkml_msm_workspace_least(const zkml_msm_part *parts, size_t count)
{
    return most_bytes(parts, count, 0);
}

extern "C" size_t zkml_msm_workspace_most(const zkml_msm_part *parts, size_t count)
{
    return most_bytes(parts, count, SIZE_MAX);
}

extern "C" int zkml_msm(zkml_stream stream, const zkml_affine *bases, const zkml_msm_part *parts, size_t count,
                        zkml_xyzz *sums, void *workspace, size_t workspace_bytes)
{
    Place from{0, 0};
    Point *out = reinterpret_cast<Point *>(sums);
    for (;;) {
        const Place start = from;
        const Load load = next_group(parts, count, workspace_bytes, from);
        if (load.units == 0)
            return 0;
        ZKML_TRY(run_group(stream, reinterpret_cast<const Affine *>(bases), Group(parts, start, load.units), load,
                           out, workspace, workspace_bytes));
        out += load.units;
    }
}
