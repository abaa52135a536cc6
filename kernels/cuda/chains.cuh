// Carry chains over eight 32-bit limbs: the steps that field arithmetic is made of.
//
// Each exists twice: as one block of PTX, because the carry flag does not survive from one asm
// statement to the next, and as C++ with the same contract, which the host's tests run. What PTX writes before
// it has read all operands is marked (&), or it could share a register with one of them. tests/cuda_chains.rs
// follows the PTX step by step.
#ifndef ZKML_CHAINS_CUH
#define ZKML_CHAINS_CUH

#include "platform.cuh"

namespace chains {

#if defined(__CUDA_ARCH__) && !defined(ZKML_PORTABLE_FIELD)

// r = a + b; the sum has eight limbs.
__device__ __forceinline__ void add(uint32_t *r, const uint32_t *a, const uint32_t *b)
{
    asm("add.cc.u32 %0, %8, %16;\n\t"
        "addc.cc.u32 %1, %9, %17;\n\t"
        "addc.cc.u32 %2, %10, %18;\n\t"
        "addc.cc.u32 %3, %11, %19;\n\t"
        "addc.cc.u32 %4, %12, %20;\n\t"
        "addc.cc.u32 %5, %13, %21;\n\t"
        "addc.cc.u32 %6, %14, %22;\n\t"
        "addc.u32 %7, %15, %23;"
        : "=&r"(r[0]), "=&r"(r[1]), "=&r"(r[2]), "=&r"(r[3]), "=&r"(r[4]), "=&r"(r[5]), "=&r"(r[6]), "=&r"(r[7])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "r"(a[6]), "r"(a[7]), "r"(b[0]),
          "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
}

// r = a - b modulo 2^256; returns all ones where that was negative, else zero.
__device__ __forceinline__ uint32_t subtract(uint32_t *r, const uint32_t *a, const uint32_t *b)
{
    uint32_t borrow;
    asm("sub.cc.u32 %0, %9, %17;\n\t"
        "subc.cc.u32 %1, %10, %18;\n\t"
        "subc.cc.u32 %2, %11, %19;\n\t"
        "subc.cc.u32 %3, %12, %20;\n\t"
        "subc.cc.u32 %4, %13, %21;\n\t"
        "subc.cc.u32 %5, %14, %22;\n\t"
        "subc.cc.u32 %6, %15, %23;\n\t"
        "subc.cc.u32 %7, %16, %24;\n\t"
        "subc.u32 %8, 0, 0;"
        : "=&r"(r[0]), "=&r"(r[1]), "=&r"(r[2]), "=&r"(r[3]), "=&r"(r[4]), "=&r"(r[5]), "=&r"(r[6]), "=&r"(r[7]),
          "=&r"(borrow)
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "r"(a[6]), "r"(a[7]), "r"(b[0]),
          "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
    return borrow;
}

// acc = a_0 b + 2^64 a_2 b + 2^128 a_4 b + 2^192 a_6 b.
__device__ __forceinline__ void products(uint32_t *acc, const uint32_t *a, uint32_t b)
{
    ZKML_UNROLL
    for (int j = 0; j < 8; j += 2) {
        const uint64_t product = static_cast<uint64_t>(a[j]) * b;
        acc[j] = static_cast<uint32_t>(product);
        acc[j + 1] = static_cast<uint32_t>(product >> 32);
    }
}

// acc += a_0 b + 2^64 a_2 b + 2^128 a_4 b + 2^192 a_6 b; the sum has eight limbs.
__device__ __forceinline__ void add_products(uint32_t *acc, const uint32_t *a, uint32_t b)
{
    asm("mad.lo.cc.u32 %0, %8, %12, %0;\n\t"
        "madc.hi.cc.u32 %1, %8, %12, %1;\n\t"
        "madc.lo.cc.u32 %2, %9, %12, %2;\n\t"
        "madc.hi.cc.u32 %3, %9, %12, %3;\n\t"
        "madc.lo.cc.u32 %4, %10, %12, %4;\n\t"
        "madc.hi.cc.u32 %5, %10, %12, %5;\n\t"
        "madc.lo.cc.u32 %6, %11, %12, %6;\n\t"
        "madc.hi.u32 %7, %11, %12, %7;"
        : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
          "+&r"(acc[7])
        : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

// The same, with the carry added to `top`.
__device__ __forceinline__ void add_products(uint32_t *acc, uint32_t &top, const uint32_t *a, uint32_t b)
{
    asm("mad.lo.cc.u32 %0, %9, %13, %0;\n\t"
        "madc.hi.cc.u32 %1, %9, %13, %1;\n\t"
        "madc.lo.cc.u32 %2, %10, %13, %2;\n\t"
        "madc.hi.cc.u32 %3, %10, %13, %3;\n\t"
        "madc.lo.cc.u32 %4, %11, %13, %4;\n\t"
        "madc.hi.cc.u32 %5, %11, %13, %5;\n\t"
        "madc.lo.cc.u32 %6, %12, %13, %6;\n\t"
        "madc.hi.cc.u32 %7, %12, %13, %7;\n\t"
        "addc.u32 %8, %8, 0;"
        : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
          "+&r"(acc[7]), "+&r"(top)
        : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

// low += acc_1, and with the carry c of that acc = (acc >> 64) + c + a_0 b + 2^64 a_2 b + 2^128 a_4 b
// + 2^192 a_6 b; the sum has eight limbs.
__device__ __forceinline__ void shift_and_add(uint32_t *acc, uint32_t &low, const uint32_t *a, uint32_t b)
{
    asm("add.cc.u32 %8, %8, %1;\n\t"
        "madc.lo.cc.u32 %0, %9, %13, %2;\n\t"
        "madc.hi.cc.u32 %1, %9, %13, %3;\n\t"
        "madc.lo.cc.u32 %2, %10, %13, %4;\n\t"
        "madc.hi.cc.u32 %3, %10, %13, %5;\n\t"
        "madc.lo.cc.u32 %4, %11, %13, %6;\n\t"
        "madc.hi.cc.u32 %5, %11, %13, %7;\n\t"
        "madc.lo.cc.u32 %6, %12, %13, 0;\n\t"
        "madc.hi.u32 %7, %12, %13, 0;"
        : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
          "+&r"(acc[7]), "+&r"(low)
        : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

// r = (even >> 32) + odd; the sum has eight limbs.
__device__ __forceinline__ void add_shifted(uint32_t *r, const uint32_t *even, const uint32_t *odd)
{
    const uint32_t shifted[8] = {even[1], even[2], even[3], even[4], even[5], even[6], even[7], 0};
    add(r, shifted, odd);
}

#else

ZKML_ARITHMETIC void add(uint32_t *r, const uint32_t *a, const uint32_t *b)
{
    uint64_t carry = 0;
    ZKML_UNROLL
    for (int i = 0; i < 8; ++i) {
        carry += static_cast<uint64_t>(a[i]) + b[i];
        r[i] = static_cast<uint32_t>(carry);
        carry >>= 32;
    }
}

ZKML_ARITHMETIC uint32_t subtract(uint32_t *r, const uint32_t *a, const uint32_t *b)
{
    uint64_t borrow = 0;
    ZKML_UNROLL
    for (int i = 0; i < 8; ++i) {
        const uint64_t difference = static_cast<uint64_t>(a[i]) - b[i] - borrow;
        r[i] = static_cast<uint32_t>(difference);
        borrow = difference >> 63;
    }
    return 0u - static_cast<uint32_t>(borrow);
}

// acc = addend + carry + the four products; returns the carry.
ZKML_ARITHMETIC uint32_t sum_products(uint32_t *acc, const uint32_t *addend, uint32_t carry, const uint32_t *a, uint32_t b)
{
    uint64_t rest = carry;
    ZKML_UNROLL
    for (int j = 0; j < 8; j += 2) {
        const uint64_t product = static_cast<uint64_t>(a[j]) * b;
        rest += static_cast<uint64_t>(addend[j]) + static_cast<uint32_t>(product);
        acc[j] = static_cast<uint32_t>(rest);
        rest = (rest >> 32) + addend[j + 1] + (product >> 32);
        acc[j + 1] = static_cast<uint32_t>(rest);
        rest >>= 32;
    }
    return static_cast<uint32_t>(rest);
}

ZKML_ARITHMETIC void products(uint32_t *acc, const uint32_t *a, uint32_t b)
{
    const uint32_t nothing[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    sum_products(acc, nothing, 0, a, b);
}

ZKML_ARITHMETIC void add_products(uint32_t *acc, const uint32_t *a, uint32_t b)
{
    sum_products(acc, acc, 0, a, b);
}

ZKML_ARITHMETIC void add_products(uint32_t *acc, uint32_t &top, const uint32_t *a, uint32_t b)
{
    top += sum_products(acc, acc, 0, a, b);
}

ZKML_ARITHMETIC void shift_and_add(uint32_t *acc, uint32_t &low, const uint32_t *a, uint32_t b)
{
    const uint64_t sum = static_cast<uint64_t>(low) + acc[1];
    low = static_cast<uint32_t>(sum);
    const uint32_t shifted[8] = {acc[2], acc[3], acc[4], acc[5], acc[6], acc[7], 0, 0};
    sum_products(acc, shifted, static_cast<uint32_t>(sum >> 32), a, b);
}

ZKML_ARITHMETIC void add_shifted(uint32_t *r, const uint32_t *even, const uint32_t *odd)
{
    const uint32_t shifted[8] = {even[1], even[2], even[3], even[4], even[5], even[6], even[7], 0};
    add(r, shifted, odd);
}

#endif

} // namespace chains

#endif
