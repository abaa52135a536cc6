"""The groups G1 and G2 of BN254. Source of curves and generators: EIP-196 and EIP-197.

G1 is `y^2 = x^3 + 3` over Fq, of prime order `R`, so that a point of the curve is a point of the group.
G2 is a subgroup of the twist `y^2 = x^3 + 3 / XI` over Fq2, which has other points too.
Points are pairs of coordinates; `None` is the identity.
"""

from typing import Optional, Sequence

from .field import Q, R
from .tower import (
    XI,
    Fq2,
    fq2_add,
    fq2_inverse,
    fq2_mul,
    fq2_neg,
    fq2_scale,
    fq2_square,
    fq2_sub,
)

G1Point = tuple[int, int]
G2Point = tuple[Fq2, Fq2]
Jacobian = tuple[int, int, int]

G1: G1Point = (1, 2)
G2: G2Point = (
    (
        10857046999023057135944570762232829481370756359578518086990519993285655852781,
        11559732032986387107991004021392285783925812861821192530917403151452391805634,
    ),
    (
        8495653923123431417604973247489272438418190587263600148770280649306958101930,
        4082367875863433681332203403145435568316851327593401208105741076214120093531,
    ),
)
TWIST_B: Fq2 = fq2_scale(fq2_inverse(XI), 3)

IDENTITY: Jacobian = (1, 1, 0)


def on_g1(point: G1Point) -> bool:
    """Whether coordinates are canonical and those of a point of the curve, and so of the group."""
    x, y = point
    return 0 <= x < Q and 0 <= y < Q and (y * y - x * x * x - 3) % Q == 0


def g1_neg(point: Optional[G1Point]) -> Optional[G1Point]:
    return None if point is None else (point[0], -point[1] % Q)


def _double(point: Jacobian) -> Jacobian:
    """Formulas `dbl-2009-l` of the Explicit-Formulas Database, for `a = 0`."""
    x, y, z = point
    a, b = x * x % Q, y * y % Q
    c = b * b % Q
    d = 2 * ((x + b) * (x + b) - a - c) % Q
    e = 3 * a
    x3 = (e * e - 2 * d) % Q
    return (x3, (e * (d - x3) - 8 * c) % Q, 2 * y * z % Q)


def _chord(left: Jacobian, u1: int, s1: int, h: int, r: int, z: int) -> Jacobian:
    """What both additions end with: `u1` and `s1` are `left` at the common denominator `z`, `h` and `r` the differences."""
    if h == 0:
        return _double(left) if r == 0 else IDENTITY
    hh = h * h % Q
    hhh = h * hh % Q
    v = u1 * hh % Q
    x3 = (r * r - hhh - 2 * v) % Q
    return (x3, (r * (v - x3) - s1 * hhh) % Q, z * h % Q)


def _add_affine(left: Jacobian, right: G1Point) -> Jacobian:
    """Formulas `madd-2004-hmv` of the Explicit-Formulas Database."""
    x1, y1, z1 = left
    if z1 == 0:
        return (right[0], right[1], 1)
    zz = z1 * z1 % Q
    h = (right[0] * zz - x1) % Q
    r = (right[1] * z1 % Q * zz - y1) % Q
    return _chord(left, x1, y1, h, r, z1)


def _add(left: Jacobian, right: Jacobian) -> Jacobian:
    """Formulas `add-1998-cmo-2` of the Explicit-Formulas Database."""
    x1, y1, z1 = left
    x2, y2, z2 = right
    if z1 == 0:
        return right
    if z2 == 0:
        return left
    zz1, zz2 = z1 * z1 % Q, z2 * z2 % Q
    u1, s1 = x1 * zz2 % Q, y1 * z2 % Q * zz2 % Q
    h = (x2 * zz1 - u1) % Q
    r = (y2 * z1 % Q * zz1 - s1) % Q
    return _chord(left, u1, s1, h, r, z1 * z2 % Q)


def _to_affine(point: Jacobian) -> Optional[G1Point]:
    x, y, z = point
    if z == 0:
        return None
    inverse = pow(z, -1, Q)
    square = inverse * inverse % Q
    return (x * square % Q, y * square % Q * inverse % Q)


def g1_msm(points: Sequence[Optional[G1Point]], scalars: Sequence[int]) -> Optional[G1Point]:
    """`sum scalar_i point_i`, by Pippenger's method: for each window of bits, points gather in buckets by their digit."""
    terms = [(p, s % R) for p, s in zip(points, scalars) if p is not None and s % R]
    window = 6 if len(terms) >= 64 else 4
    mask = (1 << window) - 1
    total = IDENTITY
    for shift in reversed(range(0, R.bit_length(), window)):
        for _ in range(window):
            total = _double(total)
        buckets: list[Jacobian] = [IDENTITY] * (mask + 1)
        for point, scalar in terms:
            digit = scalar >> shift & mask
            if digit:
                buckets[digit] = _add_affine(buckets[digit], point)
        # Bucket d counts d times: it is in d of the running sums from the last bucket down.
        running = IDENTITY
        for bucket in reversed(buckets[1:]):
            running = _add(running, bucket)
            total = _add(total, running)
    return _to_affine(total)


def g1_mul(point: Optional[G1Point], scalar: int) -> Optional[G1Point]:
    return g1_msm([point], [scalar])


def g1_add(left: Optional[G1Point], right: Optional[G1Point]) -> Optional[G1Point]:
    return g1_msm([left, right], [1, 1])


def on_twist(point: G2Point) -> bool:
    """Whether coordinates are canonical and those of a point of the twist, in G2 or not."""
    x, y = point
    if not all(0 <= c < Q for c in (*x, *y)):
        return False
    return fq2_square(y) == fq2_add(fq2_mul(fq2_square(x), x), TWIST_B)


def g2_slope(left: G2Point, right: G2Point) -> Optional[Fq2]:
    """The slope of the line through two points, the tangent's where they are equal; `None` where it is vertical.

    Points of G2 are added in plain coordinates: Python inverts a number in the time of some forty products, and an
    inversion in Fq2 saves as many.
    """
    (x1, y1), (x2, y2) = left, right
    if x1 != x2:
        return fq2_mul(fq2_sub(y2, y1), fq2_inverse(fq2_sub(x2, x1)))
    if y1 != y2 or y1 == (0, 0):
        return None
    return fq2_mul(fq2_scale(fq2_square(x1), 3), fq2_inverse(fq2_scale(y1, 2)))


def g2_third(left: G2Point, right: G2Point, slope: Fq2) -> G2Point:
    """The sum of two points whose line has the given slope."""
    x = fq2_sub(fq2_square(slope), fq2_add(left[0], right[0]))
    return (x, fq2_sub(fq2_mul(slope, fq2_sub(left[0], x)), left[1]))


def g2_neg(point: G2Point) -> G2Point:
    return (point[0], fq2_neg(point[1]))


def g2_add(left: Optional[G2Point], right: Optional[G2Point]) -> Optional[G2Point]:
    if left is None or right is None:
        return right if left is None else left
    slope = g2_slope(left, right)
    return None if slope is None else g2_third(left, right, slope)


def g2_mul(point: Optional[G2Point], scalar: int) -> Optional[G2Point]:
    """Multiplies by the scalar as it is: it is not reduced, because a point may have another order than `R`."""
    total: Optional[G2Point] = None
    for bit in bin(scalar)[2:]:
        total = g2_add(total, total)
        if bit == "1":
            total = g2_add(total, point)
    return total


def in_g2(point: G2Point) -> bool:
    """On the twist, and of order `R`."""
    return on_twist(point) and g2_mul(point, R) is None
