"""Polynomials over the field of `R` elements as lists of coefficients, without any speed."""

from typing import Sequence

from zkml_spec.domain import Domain
from zkml_spec.field import R, inverse

Polynomial = list[int]


def interpolate(domain: Domain, values: Sequence[int]) -> Polynomial:
    """The polynomial with these values on the rows of the domain."""
    n, n_inverse = domain.n, inverse(domain.n, R)
    powers = [domain.rotate(1, -i) for i in range(n)]
    return [
        n_inverse * sum(value * powers[i * row % n] for row, value in enumerate(values)) % R for i in range(n)
    ]


def evaluate(f: Polynomial, x: int) -> int:
    value = 0
    for coefficient in reversed(f):
        value = (value * x + coefficient) % R
    return value


def add(f: Polynomial, g: Polynomial) -> Polynomial:
    if len(f) < len(g):
        f, g = g, f
    return [(a + b) % R for a, b in zip(f, g)] + f[len(g) :]


def scale(f: Polynomial, by: int) -> Polynomial:
    return [a * by % R for a in f]


def multiply(f: Polynomial, g: Polynomial) -> Polynomial:
    product = [0] * max(len(f) + len(g) - 1, 0)
    for i, a in enumerate(f):
        if a:
            for j, b in enumerate(g):
                product[i + j] += a * b
    return [a % R for a in product]


def rotate(domain: Domain, f: Polynomial, rotation: int) -> Polynomial:
    """`f(omega^rotation X)`."""
    return [a * domain.rotate(1, rotation * i) % R for i, a in enumerate(f)]


def divide_by_vanishing(domain: Domain, f: Polynomial) -> Polynomial:
    """The quotient by `X^n - 1`, without the remainder."""
    rest, n = list(f), domain.n
    for i in reversed(range(n, len(rest))):
        rest[i - n] = (rest[i - n] + rest[i]) % R
    return rest[n:]


def divide_by_root(f: Polynomial, root: int) -> Polynomial:
    """The quotient by `X - root`, without the remainder."""
    quotient, carry = [0] * (len(f) - 1), 0
    for i in reversed(range(len(quotient))):
        carry = (f[i + 1] + carry * root) % R
        quotient[i] = carry
    return quotient
