// Multi-scalar multiplication: Pippenger's algorithm over many columns at once.
//
// All windows of all parts are units of one computation, as many together as the workspace
// holds: the buckets of all units are summed (buckets.cu), and each window's buckets weighted and summed
// (msm/reduce.cuh). The host combines windows, 2^(bits w) sums_w:
// one thread there doubles faster than one thread here. Nothing waits for the device.
//
// Products for a part of n terms in w windows of c bits, b buckets each (2^(c - 1), or the largest
// value where one window does):
//
//   w (10 n + 34 b), up to 51 b where buckets are few, and n / 2 for full-width scalars out of Montgomery form
//
// 2^20 full-width terms: 16 windows of 16 bits, 186 million, 178 for each term and 168 million of them
// additions to buckets, which is the floor of this method; a column of 8-bit values: 10 each.
// Small integers keep their width: one window up to about 16 bits, two beyond.
//
// The endomorphism would halve the windows' number and double their terms: the additions stay, b halves.
// At sizes that count, that is under a tenth; it is left out.
#include "msm/buckets.cuh"
#include "msm/reduce.cuh"
#include <algorithm>

namespace {

// Bits of a scalar of the field.
constexpr uint32_t SCALAR_BITS = 254;
// Widest window: its buckets take 16 MB.
constexpr uint32_t MOST_BITS = 18;
// Cost, in products, of a term, a bucket and a window, sorting and writing included.
constexpr uint64_t TERM_COST = 12, BUCKET_COST = 36, WINDOW_COST = 4096;

uint32_t bit_length(uint32_t value)
{
    uint32_t bits = 0;
    for (; value != 0; value >>= 1)
        ++bits;
    return bits;
}

void add_window(Load &load, const zkml_msm_part &part)
{
    load.terms += part.count;
    load.buckets += part.buckets;
    ++load.units;
}

// A group's memory.
struct Memory {
    Buckets buckets;
    Sum *sums;

    Memory(Workspace &workspace, const Load &load)
        : buckets(workspace, load), sums(workspace.take<Sum>(most_chunks(load.buckets, load.units)))
    {
    }
};

size_t bytes(const Load &load)
{
    Workspace workspace;
    Memory(workspace, load);
    return workspace.used();
}

// The window of a part.
struct Place {
    size_t part;
    uint32_t window;
};

// Windows from a place on until they exceed `limit` bytes, at least one; `from` moves behind them.
Load next_group(const zkml_msm_part *parts, size_t count, size_t limit, Place &from)
{
    Load group;
    while (from.part < count) {
        if (from.window == parts[from.part].windows) {
            from = Place{from.part + 1, 0};
            continue;
        }
        Load more = group;
        add_window(more, parts[from.part]);
        if (group.units > 0 && (!more.fits() || bytes(more) > limit))
            break;
        group = more;
        ++from.window;
    }
    return group;
}

// The most bytes that a group of units takes, with groups of up to `limit` bytes.
size_t most_bytes(const zkml_msm_part *parts, size_t count, size_t limit)
{
    size_t most = 0;
    Place from{0, 0};
    for (Load group = next_group(parts, count, limit, from); group.units > 0;
         group = next_group(parts, count, limit, from))
        most = std::max(most, bytes(group));
    return most;
}

// What the kernels need to know of a group.
struct Group {
    Terms terms;
    const uint32_t chunk;    // buckets of a chunk
    uint64_t most_chunks = 0; // of a unit

    // As many windows from a place on.
    Group(const zkml_msm_part *parts, Place from, const Load &all) : terms(all.units), chunk(chunk_of(all.buckets))
    {
        Load before;
        uint64_t chunks = 0;
        while (before.units < all.units) {
            const zkml_msm_part &part = parts[from.part];
            const uint32_t left = part.windows - from.window;
            const uint32_t windows = uint32_t(std::min<uint64_t>(left, all.units - before.units));
            if (windows > 0)
                terms.spans.push(Span{part.scalars, uint32_t(part.count), part.kind, part.bits, part.buckets,
                                      from.window, windows, uint32_t(before.units)});
            for (uint32_t window = 0; window < windows; ++window)
                add(part, before, chunks);
            from = Place{from.part + 1, 0};
        }
    }

  private:
    void add(const zkml_msm_part &part, Load &before, uint64_t &chunks)
    {
        const uint64_t own = divided(part.buckets, chunk);
        terms.add(Unit{before.terms, uint32_t(part.count), uint32_t(part.first_base), uint32_t(before.buckets),
                       part.buckets, uint32_t(chunks), uint32_t(own)});
        add_window(before, part);
        chunks += own;
        most_chunks = std::max(most_chunks, own);
    }
};

using SumChunks = void (*)(const Unit *, const Point *, Sum *);

SumChunks sum_chunks_of(uint32_t length)
{
    switch (length) {
    case 1:
        return sum_chunks<1>;
    case 2:
        return sum_chunks<2>;
    case 4:
        return sum_chunks<4>;
    default:
        return sum_chunks<MOST_CHUNK>;
    }
}

int run_group(zkml_stream stream, const Affine *bases, const Group &group, const Load &load, Point *out,
              void *workspace_start, size_t workspace_bytes)
{
    Workspace workspace(workspace_start, workspace_bytes);
    const Memory memory(workspace, load);
    ZKML_TRY(workspace.check());
    ZKML_TRY(memory.buckets.sum(stream, bases, group.terms, load));
    const Unit *units = memory.buckets.units;
    const uint32_t unit_count = uint32_t(group.terms.units.size());
    ZKML_TRY(queue::launch("sum_chunks", sum_chunks_of(group.chunk),
                           dim3(queue::blocks(group.most_chunks, 128), unit_count), 128, 0, stream, units,
                           static_cast<const Point *>(memory.buckets.sums), memory.sums));
    for (uint64_t stride = 1, blocks = 0; blocks != 1; stride *= SUMS) {
        blocks = divided(divided(group.most_chunks, stride), SUMS);
        ZKML_TRY(queue::launch("merge_sums", merge_sums, dim3(uint32_t(blocks), unit_count), BLOCK, 0, stream,
                               units, memory.sums, stride, out));
    }
    return 0;
}

} // namespace

extern "C" void zkml_msm_plan(zkml_msm_part *part, uint32_t largest)
{
    part->bits = part->windows = part->buckets = 0;
    part->cost = 0;
    const bool full = part->kind == ZKML_SCALARS_FULL;
    const uint32_t length = full ? SCALAR_BITS : bit_length(largest);
    if (part->count == 0 || length == 0)
        return;
    for (uint32_t windows = 1; windows <= length; ++windows) {
        // A single window takes digits as they are; more need room for the last carry.
        const uint32_t bits = windows == 1 ? length : uint32_t(divided(length + 1, windows));
        if (bits > MOST_BITS)
            continue;
        const uint32_t buckets = windows == 1 ? largest : 1u << (bits - 1);
        const uint64_t cost = windows * (TERM_COST * part->count + BUCKET_COST * buckets + WINDOW_COST);
        if (part->windows == 0 || cost < part->cost) {
            part->cost = cost;
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
        ZKML_TRY(run_group(stream, reinterpret_cast<const Affine *>(bases), Group(parts, start, load), load, out,
                           workspace, workspace_bytes));
        out += load.units;
    }
}
