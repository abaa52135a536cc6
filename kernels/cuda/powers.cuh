// Powers of one element, by two tables: x^e = low[e mod 2^split] high[e / 2^split].
//
// For exponents below 2^log the tables have about 2^(log / 2) entries each, so that they stay in the
// caches; a power costs one product.
#ifndef ZKML_POWERS_CUH
#define ZKML_POWERS_CUH

#include "field.cuh"

struct Powers {
    const Fr *low;
    const Fr *high;
    uint32_t split;

    ZKML_HD static uint32_t split_of(uint32_t log) { return (log + 1) / 2; }

    // Entries of each table for exponents below 2^log.
    static size_t lows(uint32_t log) { return size_t(1) << split_of(log); }
    static size_t highs(uint32_t log) { return size_t(1) << (log - split_of(log)); }

    ZKML_HD Fr at(uint64_t exponent) const
    {
        const uint64_t mask = (uint64_t(1) << split) - 1;
        return Fr::load(low + (exponent & mask)) * Fr::load(high + (exponent >> split));
    }
};

// out_i = first base^(i 2^step): a thread an entry, at most 2 (log count + step) products each.
__global__ void fill_powers(Fr base, Fr first, uint32_t step, uint64_t count, Fr *out)
{
    const uint64_t i = thread_number();
    if (i < count)
        (first * base.power(i << step)).store(out + i);
}

// Queues the filling of a table of powers.
inline int powers_table(zkml_stream stream, Fr base, Fr first, uint32_t step, size_t count, Fr *out)
{
    return queue::launch("fill_powers", fill_powers, queue::blocks(count), BLOCK, 0, stream, base, first, step,
                         uint64_t(count), out);
}

#endif
