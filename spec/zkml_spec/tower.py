"""The extension fields of BN254 that pairings live in.

`Fq2 = Fq[u] / (u^2 + 1)`, pairs of integers; `Fq6 = Fq2[v] / (v^3 - XI)` with `XI = 9 + u`, triples;
`Fq12 = Fq6[w] / (w^2 - v)`, pairs. Source: EIP-197 for Fq2 and the twist; the tower is the usual one.
"""

from typing import Callable, TypeVar

from .field import Q

T = TypeVar("T")
Fq2 = tuple[int, int]
Fq6 = tuple[Fq2, Fq2, Fq2]
Fq12 = tuple[Fq6, Fq6]

XI: Fq2 = (9, 1)

FQ2_ZERO: Fq2 = (0, 0)
FQ2_ONE: Fq2 = (1, 0)
FQ6_ZERO: Fq6 = (FQ2_ZERO, FQ2_ZERO, FQ2_ZERO)
FQ6_ONE: Fq6 = (FQ2_ONE, FQ2_ZERO, FQ2_ZERO)
FQ12_ONE: Fq12 = (FQ6_ONE, FQ6_ZERO)


def fq2_add(a: Fq2, b: Fq2) -> Fq2:
    return ((a[0] + b[0]) % Q, (a[1] + b[1]) % Q)


def fq2_sub(a: Fq2, b: Fq2) -> Fq2:
    return ((a[0] - b[0]) % Q, (a[1] - b[1]) % Q)


def fq2_neg(a: Fq2) -> Fq2:
    return (-a[0] % Q, -a[1] % Q)


def fq2_scale(a: Fq2, by: int) -> Fq2:
    return (a[0] * by % Q, a[1] * by % Q)


def fq2_mul(a: Fq2, b: Fq2) -> Fq2:
    a0, a1 = a
    b0, b1 = b
    low, high = a0 * b0, a1 * b1
    return ((low - high) % Q, ((a0 + a1) * (b0 + b1) - low - high) % Q)


def fq2_square(a: Fq2) -> Fq2:
    a0, a1 = a
    return ((a0 + a1) * (a0 - a1) % Q, 2 * a0 * a1 % Q)


def fq2_inverse(a: Fq2) -> Fq2:
    """`ZeroDivisionError` for 0."""
    norm = (a[0] * a[0] + a[1] * a[1]) % Q
    if norm == 0:
        raise ZeroDivisionError("0 has no inverse")
    inverse = pow(norm, -1, Q)
    return (a[0] * inverse % Q, -a[1] * inverse % Q)


def fq2_conjugate(a: Fq2) -> Fq2:
    """The Frobenius map of Fq2, `a^Q`."""
    return (a[0], -a[1] % Q)


def fq2_mul_xi(a: Fq2) -> Fq2:
    """`XI a`."""
    return ((9 * a[0] - a[1]) % Q, (a[0] + 9 * a[1]) % Q)


def _power(a: T, exponent: int, one: T, square: Callable[[T], T], multiply: Callable[[T, T], T]) -> T:
    result = one
    for bit in bin(exponent)[2:]:
        result = square(result)
        if bit == "1":
            result = multiply(result, a)
    return result


def fq2_pow(a: Fq2, exponent: int) -> Fq2:
    return _power(a, exponent, FQ2_ONE, fq2_square, fq2_mul)


def fq6_add(a: Fq6, b: Fq6) -> Fq6:
    return (fq2_add(a[0], b[0]), fq2_add(a[1], b[1]), fq2_add(a[2], b[2]))


def fq6_sub(a: Fq6, b: Fq6) -> Fq6:
    return (fq2_sub(a[0], b[0]), fq2_sub(a[1], b[1]), fq2_sub(a[2], b[2]))


def fq6_neg(a: Fq6) -> Fq6:
    return (fq2_neg(a[0]), fq2_neg(a[1]), fq2_neg(a[2]))


def fq6_mul(a: Fq6, b: Fq6) -> Fq6:
    """Karatsuba's method: six products in Fq2."""
    a0, a1, a2 = a
    b0, b1, b2 = b
    t0, t1, t2 = fq2_mul(a0, b0), fq2_mul(a1, b1), fq2_mul(a2, b2)
    t12 = fq2_sub(fq2_mul(fq2_add(a1, a2), fq2_add(b1, b2)), fq2_add(t1, t2))
    t01 = fq2_sub(fq2_mul(fq2_add(a0, a1), fq2_add(b0, b1)), fq2_add(t0, t1))
    t02 = fq2_sub(fq2_mul(fq2_add(a0, a2), fq2_add(b0, b2)), fq2_add(t0, t2))
    return (fq2_add(t0, fq2_mul_xi(t12)), fq2_add(t01, fq2_mul_xi(t2)), fq2_add(t02, t1))


def fq6_mul_sparse(a: Fq6, b0: Fq2, b1: Fq2) -> Fq6:
    """`a (b0 + b1 v)`."""
    a0, a1, a2 = a
    t0, t1 = fq2_mul(a0, b0), fq2_mul(a1, b1)
    t01 = fq2_sub(fq2_mul(fq2_add(a0, a1), fq2_add(b0, b1)), fq2_add(t0, t1))
    return (
        fq2_add(t0, fq2_mul_xi(fq2_mul(a2, b1))),
        t01,
        fq2_add(fq2_mul(a2, b0), t1),
    )


def fq6_scale(a: Fq6, by: int) -> Fq6:
    """`by a`, for a number `by`."""
    return (fq2_scale(a[0], by), fq2_scale(a[1], by), fq2_scale(a[2], by))


def fq6_mul_v(a: Fq6) -> Fq6:
    """`v a`."""
    return (fq2_mul_xi(a[2]), a[0], a[1])


def fq6_inverse(a: Fq6) -> Fq6:
    """By the norm to Fq2; `ZeroDivisionError` for 0."""
    a0, a1, a2 = a
    c0 = fq2_sub(fq2_square(a0), fq2_mul_xi(fq2_mul(a1, a2)))
    c1 = fq2_sub(fq2_mul_xi(fq2_square(a2)), fq2_mul(a0, a1))
    c2 = fq2_sub(fq2_square(a1), fq2_mul(a0, a2))
    norm = fq2_add(
        fq2_mul(a0, c0),
        fq2_mul_xi(fq2_add(fq2_mul(a2, c1), fq2_mul(a1, c2))),
    )
    inverse = fq2_inverse(norm)
    return (fq2_mul(c0, inverse), fq2_mul(c1, inverse), fq2_mul(c2, inverse))


def fq12_mul(a: Fq12, b: Fq12) -> Fq12:
    t0, t1 = fq6_mul(a[0], b[0]), fq6_mul(a[1], b[1])
    cross = fq6_mul(fq6_add(a[0], a[1]), fq6_add(b[0], b[1]))
    return (fq6_add(t0, fq6_mul_v(t1)), fq6_sub(cross, fq6_add(t0, t1)))


def fq12_square(a: Fq12) -> Fq12:
    """`(a0 + a1)(a0 + v a1) = a0^2 + v a1^2 + (1 + v) a0 a1`: two products in Fq6."""
    a0, a1 = a
    product = fq6_mul(a0, a1)
    both = fq6_mul(fq6_add(a0, a1), fq6_add(a0, fq6_mul_v(a1)))
    low = fq6_sub(both, fq6_add(product, fq6_mul_v(product)))
    return (low, fq6_add(product, product))


def fq12_mul_line(a: Fq12, c0: int, c1: Fq2, c3: Fq2) -> Fq12:
    """`a (c0 + c1 w + c3 w^3)`: what a line of the Miller loop is."""
    a0, a1 = a
    low = fq6_add(fq6_scale(a0, c0), fq6_mul_v(fq6_mul_sparse(a1, c1, c3)))
    high = fq6_add(fq6_scale(a1, c0), fq6_mul_sparse(a0, c1, c3))
    return (low, high)


def fq12_conjugate(a: Fq12) -> Fq12:
    """`a^(Q^6)`; the inverse where `a` has norm 1 over Fq6, as all values have after the easy part of the final power."""
    return (a[0], fq6_neg(a[1]))


def fq12_inverse(a: Fq12) -> Fq12:
    """`ZeroDivisionError` for 0."""
    a0, a1 = a
    norm = fq6_sub(fq6_mul(a0, a0), fq6_mul_v(fq6_mul(a1, a1)))
    inverse = fq6_inverse(norm)
    return (fq6_mul(a0, inverse), fq6_neg(fq6_mul(a1, inverse)))


def fq12_pow(a: Fq12, exponent: int) -> Fq12:
    return _power(a, exponent, FQ12_ONE, fq12_square, fq12_mul)


def _frobenius_factors() -> tuple[Fq2, ...]:
    """`w^(k (Q - 1)) = XI^(k (Q - 1) / 6)`, for `k` from 0 to 5."""
    factor = fq2_pow(XI, (Q - 1) // 6)
    factors = [FQ2_ONE]
    for _ in range(5):
        factors.append(fq2_mul(factors[-1], factor))
    return tuple(factors)


FROBENIUS = _frobenius_factors()


def fq12_frobenius(a: Fq12) -> Fq12:
    """`a^Q`. The coefficient of `v^i` is that of `w^(2i)`."""
    low, high = a
    even = tuple(fq2_mul(fq2_conjugate(low[i]), FROBENIUS[2 * i]) for i in range(3))
    odd = tuple(fq2_mul(fq2_conjugate(high[i]), FROBENIUS[2 * i + 1]) for i in range(3))
    return (even, odd)  # type: ignore[return-value]
