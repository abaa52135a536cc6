"""Numbers and points as bytes: docs/proof-format.md, section 1. Each function reads exactly one encoding."""

from .curve import G1Point, G2Point, in_g2, on_g1
from .errors import Malformed
from .field import Q, R, base_sqrt, inverse

SCALAR = 32
COMPRESSED = 32
POINT = 64
RAW_G2 = 128

MONTGOMERY_INVERSE = inverse(1 << 256, Q)


def scalar(data: bytes, order: str, where: object) -> int:
    """A number below `R`; `order` is "little" or "big"."""
    value = int.from_bytes(data, order)  # type: ignore[arg-type]
    if value >= R:
        raise Malformed(where, "a scalar that is not below the order of the group")
    return value


def _coordinate(value: int, where: object) -> int:
    if value >= Q:
        raise Malformed(where, "a coordinate that is not below the modulus of the base field")
    return value


def checked_g1(point: G1Point, where: object) -> G1Point:
    """The point, if it is one of the curve."""
    if not on_g1(point):
        raise Malformed(where, "a point that is not on the curve")
    return point


def checked_g2(point: G2Point, where: object) -> G2Point:
    """The point, if it is one of G2."""
    if not in_g2(point):
        raise Malformed(where, "a point that is not in the group G2")
    return point


def compressed_point(data: bytes, where: object) -> G1Point:
    """Bits 0 to 253 are `x`, bit 254 is the lowest one of `y`, bit 255 is 0."""
    number = int.from_bytes(data, "little")
    if number >> 255:
        raise Malformed(where, "a point with bit 255: infinity, or not canonical")
    x = _coordinate(number & ((1 << 254) - 1), where)
    try:
        y = base_sqrt(x * x * x + 3)
    except ValueError:
        raise Malformed(where, "a compressed point whose x is that of no point of the curve") from None
    return (x, y if y & 1 == number >> 254 else Q - y)


def big_endian_point(data: bytes, where: object) -> G1Point:
    """`x`, then `y`."""
    x, y = int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big")
    return checked_g1((_coordinate(x, where), _coordinate(y, where)), where)


def _montgomery(data: bytes, where: object) -> int:
    return _coordinate(int.from_bytes(data, "little"), where) * MONTGOMERY_INVERSE % Q


def raw_point(data: bytes, where: object) -> G1Point:
    """`x`, then `y`, in Montgomery form."""
    return checked_g1((_montgomery(data[:32], where), _montgomery(data[32:], where)), where)


def raw_g2_point(data: bytes, where: object) -> G2Point:
    """`x.c0`, `x.c1`, `y.c0`, `y.c1`, in Montgomery form; the point is in G2."""
    x0, x1, y0, y1 = (_montgomery(data[i : i + 32], where) for i in range(0, RAW_G2, 32))
    return checked_g2(((x0, x1), (y0, y1)), where)
