"""The two prime fields of BN254, as integers that are always reduced.

The curve is defined over the field of `Q` elements; its group and the circuits' numbers have order `R`.
Source of the numbers: EIP-196, and the curve's parameter `u` from which both follow as polynomials (see the tests).
"""

from typing import Sequence

Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583
R = 21888242871839275222246405745257275088548364400416034343698204186575808495617


def inverse(value: int, modulus: int) -> int:
    """The inverse of a number; `ZeroDivisionError` for 0."""
    if value % modulus == 0:
        raise ZeroDivisionError("0 has no inverse")
    return pow(value, -1, modulus)


def batch_inverse(values: Sequence[int], modulus: int) -> list[int]:
    """The inverses of all values, with one inversion; `ZeroDivisionError` if one of them is 0."""
    products = [1]
    for value in values:
        products.append(products[-1] * value % modulus)
    running = inverse(products[-1], modulus)
    inverses = [0] * len(values)
    for index in reversed(range(len(values))):
        inverses[index] = running * products[index] % modulus
        running = running * values[index] % modulus
    return inverses


def base_sqrt(value: int) -> int:
    """A square root in the field of `Q` elements; `ValueError` where there is none. `Q = 3 mod 4`."""
    root = pow(value, (Q + 1) // 4, Q)
    if root * root % Q != value % Q:
        raise ValueError("not a square")
    return root
