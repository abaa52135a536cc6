"""The optimal ate pairing of BN254, for checks that a product of pairings is 1.

Source of the Miller loop: F. Vercauteren, "Optimal pairings", IEEE Trans. Inf. Theory 56 (2010), for BN curves;
of the final power: M. Scott et al., "On the final exponentiation for calculating pairings on ordinary elliptic
curves", Pairing 2009.
"""

from typing import Optional, Sequence

from .curve import G1Point, G2Point, g2_neg, g2_slope, g2_third
from .tower import (
    FQ12_ONE,
    FROBENIUS,
    Fq12,
    fq2_conjugate,
    fq2_mul,
    fq2_neg,
    fq2_scale,
    fq2_sub,
    fq12_conjugate,
    fq12_frobenius,
    fq12_inverse,
    fq12_mul,
    fq12_mul_line,
    fq12_pow,
    fq12_square,
)

U = 4965661367192848881
"""The parameter of the curve: both moduli are polynomials in it."""

def _signed_digits(value: int) -> list[int]:
    """The non-adjacent form: digits -1, 0, 1 from the lowest on, no two neighbours of them other than 0."""
    digits = []
    while value:
        digit = 2 - value % 4 if value & 1 else 0
        digits.append(digit)
        value = (value - digit) // 2
    return digits


LOOP = _signed_digits(6 * U + 2)


def _frobenius(point: G2Point) -> G2Point:
    """The Frobenius map of the curve over Fq12, seen on the twist: `(x, y)` is the curve's `(x w^2, y w^3)`."""
    x, y = point
    return (fq2_mul(fq2_conjugate(x), FROBENIUS[2]), fq2_mul(fq2_conjugate(y), FROBENIUS[3]))


class _Step:
    """One pair of points in the Miller loop, with the running multiple of the second."""

    def __init__(self, point: G1Point, base: G2Point) -> None:
        self.x, self.y = point
        self.base = base
        self.multiple = base

    def line(self, value: Fq12, other: G2Point) -> Fq12:
        """Multiplies by the line through the multiple and another point, and adds that point.

        At `(x, y)` the line of slope `s` on the twist is `y - s x w + (s x_T - y_T) w^3`.
        """
        slope = g2_slope(self.multiple, other)
        if slope is None:
            raise ValueError("a point of the twist that is not in G2")
        x, y = self.multiple
        self.multiple = g2_third(self.multiple, other, slope)
        return fq12_mul_line(value, self.y, fq2_scale(fq2_neg(slope), self.x), fq2_sub(fq2_mul(slope, x), y))


def miller_loop(pairs: Sequence[tuple[G1Point, G2Point]]) -> Fq12:
    """The product of the Miller functions; squarings are shared."""
    steps = [_Step(point, base) for point, base in pairs]
    value = FQ12_ONE
    for digit in reversed(LOOP[:-1]):
        value = fq12_square(value)
        for step in steps:
            value = step.line(value, step.multiple)
            if digit:
                value = step.line(value, step.base if digit == 1 else g2_neg(step.base))
    for step in steps:
        once = _frobenius(step.base)
        value = step.line(value, once)
        value = step.line(value, g2_neg(_frobenius(once)))
    return value


def final_power(value: Fq12) -> Fq12:
    """`value^((Q^12 - 1) / R)`; `ZeroDivisionError` for 0."""
    value = fq12_mul(fq12_conjugate(value), fq12_inverse(value))
    value = fq12_mul(fq12_frobenius(fq12_frobenius(value)), value)

    # The hard part, in powers of U and the Frobenius map: y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36.
    to_u = fq12_pow(value, U)
    to_u2 = fq12_pow(to_u, U)
    to_u3 = fq12_pow(to_u2, U)
    once = fq12_frobenius(value)
    twice = fq12_frobenius(once)
    y0 = fq12_mul(fq12_mul(once, twice), fq12_frobenius(twice))
    y1 = fq12_conjugate(value)
    y2 = fq12_frobenius(fq12_frobenius(to_u2))
    y3 = fq12_conjugate(fq12_frobenius(to_u))
    y4 = fq12_conjugate(fq12_mul(to_u, fq12_frobenius(to_u2)))
    y5 = fq12_conjugate(to_u2)
    y6 = fq12_conjugate(fq12_mul(to_u3, fq12_frobenius(to_u3)))

    a = fq12_mul(fq12_mul(fq12_square(y6), y4), y5)
    b = fq12_mul(fq12_mul(y3, y5), a)
    a = fq12_mul(a, y2)
    b = fq12_square(fq12_mul(fq12_square(b), a))
    a = fq12_mul(b, y1)
    b = fq12_mul(b, y0)
    return fq12_mul(fq12_square(a), b)


def pairing_is_one(pairs: Sequence[tuple[Optional[G1Point], G2Point]]) -> bool:
    """Whether `prod e(P_i, Q_i) = 1`. Second points must be in G2, first ones in G1; the identity's factor is 1."""
    proper = [(point, base) for point, base in pairs if point is not None]
    return final_power(miller_loop(proper)) == FQ12_ONE
