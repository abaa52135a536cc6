// The group G1 of BN254, y^2 = x^3 + 3, in the coordinates XYZZ: x = X / ZZ, y = Y / ZZZ with
// ZZ^3 = ZZZ^2. Formulas of the Explicit-Formulas Database (madd-2008-s, add-2008-s, dbl-2008-s-1,
// mdbl-2008-s-1), complete by branches: the identity on either side, equal points, opposite points.
// The group's order is odd, so that no doubling gives the identity.
//
//   add an affine point   8 products, 2 squarings
//   add                  12 products, 2 squarings
//   double                6 products, 3 squarings
#ifndef ZKML_CURVE_CUH
#define ZKML_CURVE_CUH

#include "field.cuh"

// An affine point; (0, 0), which is not on the curve, is the identity.
struct Affine {
    Fq x, y;

    ZKML_HD static Affine load(const Affine *source)
    {
        return Affine{Fq::load(&source->x), Fq::load(&source->y)};
    }

    ZKML_HD bool is_identity() const { return x.is_zero() && y.is_zero(); }
};

struct Point {
    Fq x, y, zz, zzz;

    ZKML_HD static Point identity() { return Point{Fq::zero(), Fq::zero(), Fq::zero(), Fq::zero()}; }

    ZKML_HD static Point from(const Affine &p)
    {
        return p.is_identity() ? identity() : Point{p.x, p.y, Fq::one(), Fq::one()};
    }

    ZKML_HD static Point load(const Point *source)
    {
        return Point{Fq::load(&source->x), Fq::load(&source->y), Fq::load(&source->zz),
                     Fq::load(&source->zzz)};
    }

    ZKML_HD void store(Point *target) const
    {
        x.store(&target->x);
        y.store(&target->y);
        zz.store(&target->zz);
        zzz.store(&target->zzz);
    }

    ZKML_HD bool is_identity() const { return zz.is_zero(); }
};

// 2 p for an affine point other than the identity.
ZKML_HD_NOINLINE inline Point doubled(const Affine &p)
{
    const Fq u = p.y.doubled();
    const Fq v = u.squared();
    const Fq w = u * v;
    const Fq s = p.x * v;
    const Fq square = p.x.squared();
    const Fq m = square.doubled() + square;
    Point r;
    r.x = m.squared() - s.doubled();
    r.y = m * (s - r.x) - w * p.y;
    r.zz = v;
    r.zzz = w;
    return r;
}

// 2 p; the formula gives the identity for the identity.
ZKML_HD_NOINLINE inline Point doubled(const Point &p)
{
    const Fq u = p.y.doubled();
    const Fq v = u.squared();
    const Fq w = u * v;
    const Fq s = p.x * v;
    const Fq square = p.x.squared();
    const Fq m = square.doubled() + square;
    Point r;
    r.x = m.squared() - s.doubled();
    r.y = m * (s - r.x) - w * p.y;
    r.zz = v * p.zz;
    r.zzz = w * p.zzz;
    return r;
}

// acc += p. In the loop of the bucket sums: written to be inlined, with doubling out of line.
ZKML_HD void add(Point &acc, const Affine &p)
{
    if (p.is_identity())
        return;
    if (acc.is_identity()) {
        acc = Point{p.x, p.y, Fq::one(), Fq::one()};
        return;
    }
    const Fq h = p.x * acc.zz - acc.x;
    const Fq r = p.y * acc.zzz - acc.y;
    if (h.is_zero()) {
        // A copy: what is passed by address is kept in memory from where it is made, here in the rare case only.
        const Affine same = p;
        acc = r.is_zero() ? doubled(same) : Point::identity();
        return;
    }
    const Fq hh = h.squared();
    acc.zz = acc.zz * hh;
    const Fq hhh = hh * h;
    acc.zzz = acc.zzz * hhh;
    const Fq q = acc.x * hh;
    acc.x = r.squared() - hhh - q.doubled();
    acc.y = r * (q - acc.x) - acc.y * hhh;
}

// a + b.
ZKML_HD_NOINLINE inline Point add(const Point &a, const Point &b)
{
    if (a.is_identity())
        return b;
    if (b.is_identity())
        return a;
    const Fq u = a.x * b.zz;
    const Fq s = a.y * b.zzz;
    const Fq h = b.x * a.zz - u;
    const Fq r = b.y * a.zzz - s;
    if (h.is_zero())
        return r.is_zero() ? doubled(a) : Point::identity();
    const Fq hh = h.squared();
    const Fq hhh = hh * h;
    const Fq q = u * hh;
    Point sum;
    sum.x = r.squared() - hhh - q.doubled();
    sum.y = r * (q - sum.x) - s * hhh;
    sum.zz = a.zz * b.zz * hh;
    sum.zzz = a.zzz * b.zzz * hhh;
    return sum;
}

#endif
