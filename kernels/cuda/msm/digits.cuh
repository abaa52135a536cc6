// Signed digits of scalars.
//
// A digit d of c bits is replaced by d - 2^c with a carry of one where it exceeds the number of
// buckets, 2^(c - 1). With windows of more bits together than the scalar has the last digit keeps its
// carry. In a single window there are as many buckets as the largest digit, and no carry. A code is one digit, one more
// than the code.
#ifndef ZKML_MSM_DIGITS_CUH
#define ZKML_MSM_DIGITS_CUH

#include "units.cuh"

// A scalar as a number and a sign.
struct Magnitude {
    Fr number;
    bool negative;

    ZKML_HD static Magnitude of(const Span &span, uint64_t i)
    {
        Magnitude r;
        if (span.kind == ZKML_SCALARS_FULL) {
            r.number = Fr::load(static_cast<const Fr *>(span.scalars) + i).plain();
            r.negative = false;
        } else {
            const int32_t value = static_cast<const int32_t *>(span.scalars)[i];
            r.negative = value < 0;
            r.number = Fr::zero();
            r.number.limbs[0] = r.negative ? 0u - static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
            if (span.kind == CODES)
                ++r.number.limbs[0];
        }
        return r;
    }

    // Cuts the lowest bits off, 1 to 31 of them.
    ZKML_HD uint32_t cut(uint32_t bits)
    {
        const uint32_t low = number.limbs[0] & ((1u << bits) - 1);
        ZKML_UNROLL
        for (int i = 0; i < 7; ++i)
            number.limbs[i] = number.limbs[i] >> bits | number.limbs[i + 1] << (32 - bits);
        number.limbs[7] >>= bits;
        return low;
    }
};

// digits_(unit, i) = twice the bucket of scalar i in that window, plus one if it is subtracted; zero for none.
// A thread a scalar: it is converted once for all its windows, and windows are written coalesced.
__global__ void split_scalars(const Span *spans, const Unit *units, uint32_t *digits)
{
    const Span span = spans[blockIdx.y];
    const uint64_t i = thread_number();
    if (i >= span.count)
        return;
    Magnitude rest = Magnitude::of(span, i);
    uint32_t carry = 0;
    for (uint32_t window = 0; window < span.first_window + span.windows; ++window) {
        uint32_t digit = rest.cut(span.bits) + carry;
        carry = digit > span.buckets;
        if (carry)
            digit = (1u << span.bits) - digit;
        if (window >= span.first_window) {
            const uint32_t negative = digit != 0 && (carry != 0) != rest.negative;
            digits[units[span.first_unit + window - span.first_window].first_digit + i] = digit << 1 | negative;
        }
    }
}

#endif
