// Field and curve arithmetic one by one, for the tests of the host build.
#include "../curve.cuh"

namespace {

enum Operation : uint32_t { ADD, SUBTRACT, MULTIPLY, MULTIPLY_CHAINS, NEGATE, INVERT, PLAIN, POWER };

template <typename P> int compute(uint32_t operation, const Field<P> *a, const Field<P> *b, Field<P> *out, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const Field<P> x = Field<P>::load(a + i), y = Field<P>::load(b + i);
        Field<P> r;
        switch (operation) {
        case ADD:
            r = x + y;
            break;
        case SUBTRACT:
            r = x - y;
            break;
        case MULTIPLY:
            r = x * y;
            break;
        case MULTIPLY_CHAINS:
            Field<P>::multiply_chains(r.limbs, x.limbs, y.limbs);
            r = r.reduced();
            break;
        case NEGATE:
            r = -x;
            break;
        case INVERT:
            r = x.inverse();
            break;
        case PLAIN:
            r = x.plain();
            break;
        case POWER:
            r = x.power(y.limbs[0] | static_cast<uint64_t>(y.limbs[1]) << 32);
            break;
        default:
            return status::failed("zkml_probe_field", emulator::INVALID_VALUE);
        }
        r.store(out + i);
    }
    return 0;
}

enum Group : uint32_t { ADD_AFFINE, ADD_POINTS, DOUBLE_AFFINE, DOUBLE_POINT };

} // namespace

// out_i = a_i operation b_i in the scalar field (`base` zero) or the base field; memory is 16-byte
// aligned. Operations: + - * *(by chains) -a 1/a, a as a number, a to the power of b's first word.
extern "C" int zkml_probe_field(uint32_t base, uint32_t operation, const void *a, const void *b, void *out, size_t count)
{
    if (base == 0)
        return compute(operation, static_cast<const Fr *>(a), static_cast<const Fr *>(b), static_cast<Fr *>(out), count);
    return compute(operation, static_cast<const Fq *>(a), static_cast<const Fq *>(b), static_cast<Fq *>(out), count);
}

// out_i = small(values_i) in the scalar field.
extern "C" void zkml_probe_small(const int32_t *values, void *out, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        Fr::small(values[i]).store(static_cast<Fr *>(out) + i);
}

// out_i = a_i + b_i for points a (XYZZ) and b (affine in the first half of each entry for operation 0,
// XYZZ for 1), or 2 b_i (2: affine, 3: XYZZ).
extern "C" int zkml_probe_curve(uint32_t operation, const void *a, const void *b, void *out, size_t count)
{
    const auto *left = static_cast<const Point *>(a);
    const auto *right = static_cast<const Point *>(b);
    for (size_t i = 0; i < count; ++i) {
        Point r = Point::load(left + i);
        const Point p = Point::load(right + i);
        const Affine affine{p.x, p.y};
        switch (operation) {
        case ADD_AFFINE:
            add(r, affine);
            break;
        case ADD_POINTS:
            r = add(r, p);
            break;
        case DOUBLE_AFFINE:
            r = doubled(affine);
            break;
        case DOUBLE_POINT:
            r = doubled(p);
            break;
        default:
            return status::failed("zkml_probe_curve", emulator::INVALID_VALUE);
        }
        r.store(static_cast<Point *>(out) + i);
    }
    return 0;
}
