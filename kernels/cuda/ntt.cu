// Number-theoretic transforms of 2^k elements, natural order on both sides.
//
// The size is split into two or three factors (Gentleman and Sande 1966; Bailey 1990), so that each
// pass over the vector transforms short columns in shared memory: 2^r rows by 2^c neighbouring columns a block.
// With n = n1 n2 n3, input index j = (j1, j2, j3), output index k = (k3, k2, k1), the most significant
// part first, the passes are
//
//   1  over j1, gives (k1, j2, j3), times w^(k1 (j2, j3))      source -> target, each tile in place
//   2  over j2, gives (k2, k1, j3), times w^(n1 k2 j3)         target -> workspace
//   3  over j3, gives (k3, k2, k1)                             workspace -> target
//
// and with two factors passes 1 and 3, through the workspace. Number the columns of a pass by g,
// the rest of the index in order. Then in all passes element `row` of column g is read at
//
//   (g >> s, row, g mod 2^s)  and written at  (row, g),  times w^(row (g mod 2^s) 2^(k - r - s))
//
// where s is the number of bits below the row: k - r in pass 1, log n3 in pass 2, 0 in the last one.
// Tiles are 2^c columns wide: a tile reads and writes runs of at least 2^c elements of 32 bytes.
//
// Within a tile: decimation in time, rows bit-reversed as they are loaded, radix 4 in registers with
// one barrier each (radix 2 first where r is odd). The two halves of an element lie in two planes
// of 16-byte words, swizzled so that every power-of-two stride is free of bank conflicts.
//
// Products for n elements in p passes: n/2 for each level but the first of each pass (where all factors
// are one; half of the second as well if r is even), and 2 n for each of the p - 1 twists (one makes
// the factor of two powers). 2^20: 10.5 n, against 9.5 n for the plain radix-2 count n/2 (20 - 1). A shift costs
// 2 n more. The inverse's 1/n is in the tables of the first twist. Memory: 2 n elements a pass.
#include "list.cuh"
#include "powers.cuh"

namespace {

// Largest log2 of a tile's rows, and of a transform in one pass.
constexpr uint32_t MAX_ROWS = 11;

// The entries of a table, in order: for each direction powers of the root (low, high), and the roots of
// tiles; for the inverse the high powers over n too.
struct Table {
    Fr *low[2];
    Fr *high[2];
    Fr *scaled;
    Fr *tile[2];
    size_t elements;

    Table(Fr *base, uint32_t log)
    {
        const size_t tile_roots = size_t(1) << (tile_log(log) == 0 ? 0 : tile_log(log) - 1);
        elements = 0;
        const auto take = [&](size_t count) {
            Fr *start = base == nullptr ? nullptr : base + elements;
            elements += count;
            return start;
        };
        for (int direction = 0; direction < 2; ++direction) {
            low[direction] = take(Powers::lows(log));
            high[direction] = take(Powers::highs(log));
            tile[direction] = take(tile_roots);
        }
        scaled = take(Powers::highs(log));
    }

    // log2 of the size whose roots tiles use.
    static uint32_t tile_log(uint32_t log) { return log < MAX_ROWS ? log : MAX_ROWS; }
};

// How a size is split.
struct Split {
    uint32_t passes;
    uint32_t rows[3];
    uint32_t tile;

    explicit Split(uint32_t log)
    {
        passes = log <= MAX_ROWS ? 1 : log <= 20 ? 2 : 3;
        tile = passes == 1 ? log : log < 19 ? 10 : 11;
        uint32_t rest = log;
        for (uint32_t pass = 0; pass < passes; ++pass) {
            const uint32_t left = passes - pass;
            rows[pass] = (rest + left - 1) / left;
            rest -= rows[pass];
        }
    }
};

// One pass. See the head of this file.
struct Pass {
    uint32_t log;     // k
    uint32_t rows;    // r
    uint32_t columns; // c
    uint32_t below;   // s
    uint32_t tile_log;
    const Fr *tile_roots;
    bool twist;
    Powers root;
    bool shift_first, shift_last;
    Powers shift;
    bool scale; // times the first high power, which is 1/n
};

// Where the 16-byte half of an element lies in its plane. Linear over bits, and the identity above
// the low three: any eight elements whose indices differ in three neighbouring bits have eight banks.
ZKML_HD uint32_t swizzle(uint32_t at)
{
    return at ^ ((at >> 3 ^ at >> 6 ^ at >> 9) & 7);
}

// A tile in shared memory.
struct Tile {
    uint4 *words;
    uint32_t size;

    ZKML_HD Fr get(uint32_t at) const
    {
        const uint32_t place = swizzle(at);
        return Fr::join(words[place], words[size + place]);
    }

    ZKML_HD void set(uint32_t at, const Fr &value) const
    {
        const uint32_t place = swizzle(at);
        words[place] = value.low();
        words[size + place] = value.high();
    }
};

ZKML_HD uint32_t reversed(uint32_t value, uint32_t bits)
{
    uint32_t r = 0;
    for (uint32_t i = 0; i < bits; ++i)
        r |= (value >> i & 1) << (bits - 1 - i);
    return r;
}

// Sum and difference, in place.
ZKML_HD void butterfly(Fr &a, Fr &b)
{
    const Fr difference = a - b;
    a = a + b;
    b = difference;
}

// The first level where their number is odd: all factors are one.
ZKML_HD void radix_2(const Tile &tile, const Pass &pass, uint32_t number)
{
    const uint32_t column = number & ((1u << pass.columns) - 1);
    const uint32_t first = (number >> pass.columns) * 2;
    const uint32_t at = first << pass.columns | column, other = (first + 1) << pass.columns | column;
    Fr a = tile.get(at), b = tile.get(other);
    butterfly(a, b);
    tile.set(at, a);
    tile.set(other, b);
}

// Levels `level` and `level + 1` for rows i, i + h, i + 2 h, i + 3 h of a group of 4 h = 4 2^level: with
// w of order 4 h, the first takes w^(2 i), the second w^i and w^(i + h).
ZKML_HD void radix_4(const Tile &tile, const Pass &pass, uint32_t level, uint32_t number)
{
    const uint32_t column = number & ((1u << pass.columns) - 1);
    const uint32_t quad = number >> pass.columns;
    const uint32_t h = 1u << level, i = quad & (h - 1);
    const uint32_t first = (quad >> level) * 4 * h + i;
    const uint32_t step = 1u << (level + pass.columns);
    const uint32_t at = first << pass.columns | column;
    const uint32_t stride = pass.tile_log - level - 2;
    Fr x0 = tile.get(at), x1 = tile.get(at + step), x2 = tile.get(at + 2 * step), x3 = tile.get(at + 3 * step);
    if (level > 0) {
        const Fr w = Fr::load(pass.tile_roots + (2 * i << stride));
        x1 = x1 * w;
        x3 = x3 * w;
    }
    butterfly(x0, x1);
    butterfly(x2, x3);
    if (level > 0)
        x2 = x2 * Fr::load(pass.tile_roots + (i << stride));
    x3 = x3 * Fr::load(pass.tile_roots + ((i + h) << stride));
    butterfly(x0, x2);
    butterfly(x1, x3);
    tile.set(at, x0);
    tile.set(at + step, x1);
    tile.set(at + 2 * step, x2);
    tile.set(at + 3 * step, x3);
}

__global__ void __launch_bounds__(BLOCK, 3)
    ntt_pass(Pass pass, const Fr *const *sources, Fr *const *targets)
{
    ZKML_SHARED(uint4, words);
    const uint32_t size = 1u << (pass.rows + pass.columns);
    const Tile tile{words, size};
    const uint32_t tiles = pass.log - pass.rows - pass.columns;
    const uint32_t vector = blockIdx.x >> tiles;
    const uint64_t first = static_cast<uint64_t>(blockIdx.x & ((1u << tiles) - 1)) << pass.columns;
    const Fr *source = sources[vector];
    Fr *target = targets[vector];
    const uint64_t below = (uint64_t(1) << pass.below) - 1;
    const uint32_t column_mask = (1u << pass.columns) - 1, row_mask = (1u << pass.rows) - 1;

    for (uint32_t l = threadIdx.x; l < size; l += BLOCK) {
        // Neighbouring threads read neighbouring addresses: columns where they are next to each other.
        const uint32_t row = pass.below > 0 ? l >> pass.columns : l & row_mask;
        const uint32_t column = pass.below > 0 ? l & column_mask : l >> pass.rows;
        const uint64_t g = first + column;
        const uint64_t j = (g >> pass.below) << (pass.below + pass.rows) |
                           static_cast<uint64_t>(row) << pass.below | (g & below);
        Fr value = Fr::load(source + j);
        if (pass.shift_first)
            value = value * pass.shift.at(j);
        tile.set(reversed(row, pass.rows) << pass.columns | column, value);
    }
    __syncthreads();

    uint32_t level = pass.rows & 1;
    if (level == 1) {
        for (uint32_t number = threadIdx.x; number < size / 2; number += BLOCK)
            radix_2(tile, pass, number);
        __syncthreads();
    }
    for (; level < pass.rows; level += 2) {
        for (uint32_t number = threadIdx.x; number < size / 4; number += BLOCK)
            radix_4(tile, pass, level, number);
        __syncthreads();
    }

    for (uint32_t l = threadIdx.x; l < size; l += BLOCK) {
        const uint64_t row = l >> pass.columns, g = first + (l & column_mask);
        const uint64_t k = row << (pass.log - pass.rows) | g;
        Fr value = tile.get(l);
        if (pass.twist)
            value = value * pass.root.at(row * (g & below) << (pass.log - pass.rows - pass.below));
        if (pass.shift_last)
            value = value * pass.shift.at(k);
        if (pass.scale)
            value = value * Fr::load(pass.root.high);
        value.store(target + k);
    }
}

// What a call needs beside its vectors.
struct Scratch {
    Fr *vectors;
    Fr *low, *high;

    Scratch(Workspace &workspace, uint32_t log, size_t batch)
    {
        const size_t elements = Split(log).passes == 1 ? 0 : batch << log;
        vectors = workspace.take<Fr>(elements);
        low = workspace.take<Fr>(Powers::lows(log));
        high = workspace.take<Fr>(Powers::highs(log));
    }
};

constexpr size_t LISTS = 3;

} // namespace

extern "C" size_t zkml_ntt_table_elements(uint32_t log_size)
{
    return Table(nullptr, log_size).elements;
}

extern "C" int zkml_ntt_table(zkml_stream stream, uint32_t log_size, const zkml_fr *root,
                              const zkml_fr *root_inverse, const zkml_fr *size_inverse, zkml_fr *table)
{
    const Table all(device(table), log_size);
    const uint32_t split = Powers::split_of(log_size), tile = Table::tile_log(log_size);
    const size_t lows = Powers::lows(log_size), highs = Powers::highs(log_size);
    const Fr roots[2] = {element(root), element(root_inverse)};
    for (int direction = 0; direction < 2; ++direction) {
        const Fr w = roots[direction];
        ZKML_TRY(powers_table(stream, w, Fr::one(), 0, lows, all.low[direction]));
        ZKML_TRY(powers_table(stream, w, Fr::one(), split, highs, all.high[direction]));
        ZKML_TRY(powers_table(stream, w, Fr::one(), log_size - tile, tile == 0 ? 1 : size_t(1) << (tile - 1),
                              all.tile[direction]));
    }
    return powers_table(stream, roots[1], element(size_inverse), split, highs, all.scaled);
}

extern "C" size_t zkml_ntt_workspace(uint32_t log_size, size_t batch)
{
    Workspace workspace;
    Scratch(workspace, log_size, batch);
    for (size_t list = 0; list < LISTS; ++list)
        workspace.take<Fr *>(batch);
    return workspace.used();
}

extern "C" int zkml_ntt(zkml_stream stream, uint32_t direction, uint32_t log_size, size_t batch,
                        const zkml_fr *const *sources, zkml_fr *const *targets, const zkml_fr *table,
                        const zkml_fr *shift, void *workspace_start, size_t workspace_bytes)
{
    if (batch == 0)
        return 0;
    const Split split(log_size);
    const bool inverse = direction == ZKML_NTT_INVERSE;
    const Table all(const_cast<Fr *>(device(table)), log_size);
    Workspace workspace(workspace_start, workspace_bytes);
    const Scratch scratch(workspace, log_size, batch);

    // Source, target and workspace of every vector: a pass goes from one list to another.
    int copied = 0;
    List<Fr *> middle(batch);
    for (size_t i = 0; i < batch; ++i)
        middle.push(scratch.vectors + (i << log_size));
    ZKML_TRY(middle.check());
    using Sources = const Fr *const *;
    Fr *const *targets_list = reinterpret_cast<Fr *const *>(targets);
    const auto *from = workspace.copy(copied, stream, reinterpret_cast<Sources>(sources), batch);
    auto *to = workspace.copy(copied, stream, targets_list, batch);
    auto *between = workspace.copy(copied, stream, middle.data(), batch);
    ZKML_TRY(copied);
    const Powers shifts{scratch.low, scratch.high, Powers::split_of(log_size)};
    if (shift != nullptr) {
        ZKML_TRY(powers_table(stream, element(shift), Fr::one(), 0, Powers::lows(log_size), scratch.low));
        ZKML_TRY(powers_table(stream, element(shift), Fr::one(), shifts.split, Powers::highs(log_size),
                              scratch.high));
    }

    for (uint32_t number = 0; number < split.passes; ++number) {
        const bool first = number == 0, last = number + 1 == split.passes;
        Pass pass;
        pass.log = log_size;
        pass.rows = split.rows[number];
        pass.columns = split.tile - split.rows[number];
        pass.below = last ? 0 : first ? log_size - pass.rows : split.rows[2];
        pass.tile_log = Table::tile_log(log_size);
        pass.tile_roots = all.tile[direction];
        pass.twist = !last;
        pass.root = Powers{all.low[direction], first && inverse ? all.scaled : all.high[direction],
                           Powers::split_of(log_size)};
        pass.shift_first = first && !inverse && shift != nullptr;
        pass.shift_last = last && inverse && shift != nullptr;
        pass.shift = shifts;
        pass.scale = first && last && inverse;
        const Sources in = first ? reinterpret_cast<Sources>(from)
                                 : reinterpret_cast<Sources>(last ? between : to);
        Fr *const *out = last || (first && split.passes == 3) ? to : between;
        const uint64_t tiles = uint64_t(batch) << (log_size - split.tile);
        ZKML_TRY(queue::launch("ntt_pass", ntt_pass, dim3(uint32_t(tiles)), BLOCK, sizeof(Fr) << split.tile,
                               stream, pass, in, out));
    }
    return 0;
}
