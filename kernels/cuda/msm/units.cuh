// Windows of columns, and lists of codes, as units of work, and what a kernel needs to know of each.
#ifndef ZKML_MSM_UNITS_CUH
#define ZKML_MSM_UNITS_CUH

#include "../curve.cuh"

// One window of one part, or one list of codes. Buckets and digits are numbered through a group of units that is
// computed together.
struct Unit {
    uint64_t first_digit;
    uint32_t count;        // scalars
    uint32_t first_base;   // base of the first scalar
    uint32_t first_bucket; // bucket of digit 1
    uint32_t buckets;      // largest digit
    uint32_t first_chunk;  // of its chunks of neighbouring buckets: see reduce.cuh
    uint32_t chunks;
};

// The kind of a span of codes, beside those of scalars: its digits are the codes plus one.
constexpr uint32_t CODES = 2;

// Neighbouring windows of one part, or one list of codes.
struct Span {
    const void *scalars;
    uint32_t count;
    uint32_t kind;
    uint32_t bits;
    uint32_t buckets;
    uint32_t first_window, windows;
    uint32_t first_unit;
};

// A term of a bucket: which bucket of the group, and twice the number of the base, plus one if it is
// subtracted. Eight bytes, moved together.
struct alignas(8) Entry {
    uint32_t bucket, term;
};

// The sums at the ends of a thread's share of the sorted terms: see accumulate.cuh. With one bucket only, `last`
// equals `first` and `last_sum` is unused.
struct alignas(16) Node {
    Point first_sum, last_sum;
    uint32_t first, last;
};

#endif
