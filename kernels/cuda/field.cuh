// The two prime fields of BN254, in Montgomery form with R = 2^256, always canonical.
//
// An element is eight 32-bit limbs, least first: on little-endian machines the same bytes as four
// 64-bit words. A product on the device is the operand-scanning Montgomery product (Koc, Acar and
// Kaliski 1996: CIOS) on two accumulators, one for products that start at an even limb and one for odd
// limbs, so that the 64-bit products of a row never overlap and their additions form carry chains,
// each instruction pair one IMAD.WIDE (the layout of Emmart, Zheng and Weems 2018). It takes 128 of
// them and 8 low products. Elsewhere, and with ZKML_PORTABLE_FIELD on the device, it is plain C++ on
// 64-bit words.
#ifndef ZKML_FIELD_CUH
#define ZKML_FIELD_CUH

#include "chains.cuh"

// Base field.
struct FqModulus {
    ZKML_ARITHMETIC static constexpr uint32_t modulus(int i)
    {
        constexpr uint32_t limbs[8] = {0xd87cfd47u, 0x3c208c16u, 0x6871ca8du, 0x97816a91u,
                                       0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u};
        return limbs[i];
    }
    // R modulo the modulus.
    ZKML_ARITHMETIC static constexpr uint32_t one(int i)
    {
        constexpr uint32_t limbs[8] = {0xc58f0d9du, 0xd35d438du, 0xf5c70b3du, 0x0a78eb28u,
                                       0x7879462cu, 0x666ea36fu, 0x9a07df2fu, 0x0e0a77c1u};
        return limbs[i];
    }
    // R^2 modulo the modulus.
    ZKML_ARITHMETIC static constexpr uint32_t square(int i)
    {
        constexpr uint32_t limbs[8] = {0x538afa89u, 0xf32cfc5bu, 0xd44501fbu, 0xb5e71911u,
                                       0x0a417ff6u, 0x47ab1effu, 0xcab8351fu, 0x06d89f71u};
        return limbs[i];
    }
    // -1 / modulus modulo 2^64.
    static constexpr uint64_t INVERSE = 0x87d20782e4866389u;
};

// Scalar field.
struct FrModulus {
    ZKML_ARITHMETIC static constexpr uint32_t modulus(int i)
    {
        constexpr uint32_t limbs[8] = {0xf0000001u, 0x43e1f593u, 0x79b97091u, 0x2833e848u,
                                       0x8181585du, 0xb85045b6u, 0xe131a029u, 0x30644e72u};
        return limbs[i];
    }
    ZKML_ARITHMETIC static constexpr uint32_t one(int i)
    {
        constexpr uint32_t limbs[8] = {0x4ffffffbu, 0xac96341cu, 0x9f60cd29u, 0x36fc7695u,
                                       0x7879462eu, 0x666ea36fu, 0x9a07df2fu, 0x0e0a77c1u};
        return limbs[i];
    }
    ZKML_ARITHMETIC static constexpr uint32_t square(int i)
    {
        constexpr uint32_t limbs[8] = {0xae216da7u, 0x1bb8e645u, 0xe35c59e3u, 0x53fe3ab1u,
                                       0x53bb8085u, 0x8c49833du, 0x7f4e44a5u, 0x0216d0b1u};
        return limbs[i];
    }
    static constexpr uint64_t INVERSE = 0xc2e1f593efffffffu;
};

// An element of the field with modulus P. Elements are read and written as two 16-byte words: a warp
// that reads neighbouring elements uses every byte of the sectors it touches.
template <typename P> struct alignas(16) Field {
    uint32_t limbs[8];

    ZKML_ARITHMETIC static Field zero()
    {
        Field r;
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            r.limbs[i] = 0;
        return r;
    }

    ZKML_ARITHMETIC static Field one()
    {
        Field r;
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            r.limbs[i] = P::one(i);
        return r;
    }

    ZKML_HD static Field load(const Field *source)
    {
        const uint4 *words = reinterpret_cast<const uint4 *>(source);
        return join(words[0], words[1]);
    }

    ZKML_HD void store(Field *target) const
    {
        uint4 *words = reinterpret_cast<uint4 *>(target);
        words[0] = low();
        words[1] = high();
    }

    // The halves of an element, for memory that keeps them apart.
    ZKML_ARITHMETIC uint4 low() const { return word(0); }
    ZKML_ARITHMETIC uint4 high() const { return word(4); }

    ZKML_ARITHMETIC static Field join(uint4 low, uint4 high)
    {
        return Field{{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
    }

    ZKML_ARITHMETIC bool is_zero() const
    {
        uint32_t any = 0;
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            any |= limbs[i];
        return any == 0;
    }

    ZKML_ARITHMETIC friend Field operator+(const Field &a, const Field &b)
    {
        // Both are below 2^254: no carry out.
        Field sum;
        chains::add(sum.limbs, a.limbs, b.limbs);
        return sum.reduced();
    }

    ZKML_ARITHMETIC friend Field operator-(const Field &a, const Field &b)
    {
        Field difference;
        const uint32_t borrow = chains::subtract(difference.limbs, a.limbs, b.limbs);
        uint32_t correction[8];
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            correction[i] = P::modulus(i) & borrow;
        Field r;
        chains::add(r.limbs, difference.limbs, correction);
        return r;
    }

    ZKML_ARITHMETIC Field operator-() const { return zero() - *this; }

    ZKML_ARITHMETIC friend Field operator*(const Field &a, const Field &b)
    {
        Field r;
#if defined(__CUDA_ARCH__) && !defined(ZKML_PORTABLE_FIELD)
        multiply_chains(r.limbs, a.limbs, b.limbs);
#else
        multiply_words(r.limbs, a.limbs, b.limbs);
#endif
        return r.reduced();
    }

    ZKML_ARITHMETIC Field squared() const { return *this * *this; }
    ZKML_ARITHMETIC Field doubled() const { return *this + *this; }

    // The element of a signed integer.
    ZKML_ARITHMETIC static Field small(int32_t value)
    {
        Field r = zero(), factor;
        r.limbs[0] = value < 0 ? 0u - static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            factor.limbs[i] = P::square(i);
        r = r * factor;
        return value < 0 ? -r : r;
    }

    // The number that this element stands for.
    ZKML_ARITHMETIC Field plain() const
    {
        Field unit = zero();
        unit.limbs[0] = 1;
        return *this * unit;
    }

    // This element to a power, from the highest bit down.
    ZKML_ARITHMETIC Field power(uint64_t exponent) const
    {
        Field r = one();
        for (int bit = 63; bit >= 0; --bit) {
            if (exponent >> bit == 0)
                continue;
            r = r.squared();
            if (exponent >> bit & 1)
                r = r * *this;
        }
        return r;
    }

    // The inverse, and zero of zero: the power modulus - 2 (Fermat). 254 squarings and 127 products at
    // most, without divergence: all threads take the same steps.
    ZKML_ARITHMETIC Field inverse() const
    {
        Field r = one();
        for (int limb = 7; limb >= 0; --limb) {
            const uint32_t exponent = P::modulus(limb) - (limb == 0 ? 2u : 0u);
            for (int bit = 31; bit >= 0; --bit) {
                r = r.squared();
                if (exponent >> bit & 1)
                    r = r * *this;
            }
        }
        return r;
    }

    // This value or, where that is not negative, this value less the modulus.
    ZKML_ARITHMETIC Field reduced() const
    {
        Field less;
        uint32_t modulus[8];
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            modulus[i] = P::modulus(i);
        const uint32_t borrow = chains::subtract(less.limbs, limbs, modulus);
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            less.limbs[i] = borrow ? limbs[i] : less.limbs[i];
        return less;
    }

    // r = a b / R + (0 or modulus) < 2 modulus. See the head of this file.
    //
    // Before each row the value is even + 2^32 odd < 2 modulus; a row adds a b_i + m modulus, which
    // stays below 2^288, and drops the lowest limb: what was even becomes odd, two limbs on.
    ZKML_ARITHMETIC static void multiply_chains(uint32_t *r, const uint32_t *a, const uint32_t *b)
    {
        uint32_t even[8], odd[8], n[8];
        ZKML_UNROLL
        for (int i = 0; i < 8; ++i)
            n[i] = P::modulus(i);
        chains::products(even, a, b[0]);
        chains::products(odd, a + 1, b[0]);
        reduce_row(even, odd, n);
        ZKML_UNROLL
        for (int i = 1; i < 7; i += 2) {
            row(odd, even, a, b[i], n);
            row(even, odd, a, b[i + 1], n);
        }
        row(odd, even, a, b[7], n);
        // Now `odd` holds the even limbs, the lowest of them zero.
        chains::add_shifted(r, odd, even);
    }

  private:
    ZKML_ARITHMETIC uint4 word(int at) const
    {
        uint4 r;
        r.x = limbs[at];
        r.y = limbs[at + 1];
        r.z = limbs[at + 2];
        r.w = limbs[at + 3];
        return r;
    }

    ZKML_ARITHMETIC static void row(uint32_t *even, uint32_t *odd, const uint32_t *a, uint32_t b, const uint32_t *n)
    {
        chains::shift_and_add(odd, even[0], a + 1, b);
        chains::add_products(even, odd[7], a, b);
        reduce_row(even, odd, n);
    }

    ZKML_ARITHMETIC static void reduce_row(uint32_t *even, uint32_t *odd, const uint32_t *n)
    {
        const uint32_t m = even[0] * static_cast<uint32_t>(P::INVERSE);
        chains::add_products(odd, n + 1, m);
        chains::add_products(even, odd[7], n, m);
    }

    ZKML_ARITHMETIC static uint64_t pair(const uint32_t *limbs, int at)
    {
        return limbs[2 * at] | static_cast<uint64_t>(limbs[2 * at + 1]) << 32;
    }

    // The same product on four 64-bit words.
    ZKML_ARITHMETIC static void multiply_words(uint32_t *r, const uint32_t *a, const uint32_t *b)
    {
        uint64_t x[4], n[4], t[5] = {0, 0, 0, 0, 0};
        ZKML_UNROLL
        for (int i = 0; i < 4; ++i) {
            x[i] = pair(a, i);
            n[i] = P::modulus(2 * i) | static_cast<uint64_t>(P::modulus(2 * i + 1)) << 32;
        }
        ZKML_UNROLL
        for (int i = 0; i < 4; ++i) {
            const uint64_t y = pair(b, i);
            uint64_t carry = 0;
            ZKML_UNROLL
            for (int j = 0; j < 4; ++j) {
                const Wide sum = static_cast<Wide>(x[j]) * y + t[j] + carry;
                t[j] = static_cast<uint64_t>(sum);
                carry = static_cast<uint64_t>(sum >> 64);
            }
            t[4] += carry;
            const uint64_t m = t[0] * P::INVERSE;
            Wide sum = static_cast<Wide>(m) * n[0] + t[0];
            carry = static_cast<uint64_t>(sum >> 64);
            ZKML_UNROLL
            for (int j = 1; j < 4; ++j) {
                sum = static_cast<Wide>(m) * n[j] + t[j] + carry;
                t[j - 1] = static_cast<uint64_t>(sum);
                carry = static_cast<uint64_t>(sum >> 64);
            }
            // The sum stays below 2 modulus 2^64, which has five words.
            sum = static_cast<Wide>(t[4]) + carry;
            t[3] = static_cast<uint64_t>(sum);
            t[4] = 0;
        }
        ZKML_UNROLL
        for (int i = 0; i < 4; ++i) {
            r[2 * i] = static_cast<uint32_t>(t[i]);
            r[2 * i + 1] = static_cast<uint32_t>(t[i] >> 32);
        }
    }

    using Wide = unsigned __int128;
};

template <typename P> ZKML_ARITHMETIC bool operator==(const Field<P> &a, const Field<P> &b)
{
    uint32_t any = 0;
    ZKML_UNROLL
    for (int i = 0; i < 8; ++i)
        any |= a.limbs[i] ^ b.limbs[i];
    return any == 0;
}

using Fq = Field<FqModulus>;
using Fr = Field<FrModulus>;

// The interface's elements are these elements.
inline const Fr *device(const zkml_fr *values)
{
    return reinterpret_cast<const Fr *>(values);
}

inline Fr *device(zkml_fr *values)
{
    return reinterpret_cast<Fr *>(values);
}

// A host element, by value.
inline Fr element(const zkml_fr *value)
{
    Fr r;
    for (int i = 0; i < 4; ++i) {
        r.limbs[2 * i] = static_cast<uint32_t>(value->words[i]);
        r.limbs[2 * i + 1] = static_cast<uint32_t>(value->words[i] >> 32);
    }
    return r;
}

#endif
