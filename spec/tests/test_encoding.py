import unittest

from zkml_spec import encoding
from zkml_spec.curve import G1, G2, g1_mul, g1_neg
from zkml_spec.errors import Malformed
from zkml_spec.field import Q, R

from .test_pairing import twist_point


def compressed(point) -> bytes:
    x, y = point
    return (x | (y & 1) << 254).to_bytes(32, "little")


def montgomery(*coordinates: int) -> bytes:
    return b"".join((c * (1 << 256) % Q).to_bytes(32, "little") for c in coordinates)


class Encodings(unittest.TestCase):
    def refused(self, reason: str, read, *arguments) -> None:
        with self.assertRaises(Malformed) as caught:
            read(*arguments, 7)
        self.assertEqual(caught.exception.where, 7)
        self.assertIn(reason, caught.exception.reason)

    def test_scalars(self) -> None:
        self.assertEqual(encoding.scalar((R - 1).to_bytes(32, "big"), "big", 0), R - 1)
        self.assertEqual(encoding.scalar((5).to_bytes(32, "little"), "little", 0), 5)
        for order in ("big", "little"):
            self.refused("not below the order", encoding.scalar, R.to_bytes(32, order), order)
            self.refused("not below the order", encoding.scalar, b"\xff" * 32, order)

    def test_points_have_one_encoding_of_each_kind(self) -> None:
        for scalar in (1, 2, 3, 7**90 % R):
            for point in (g1_mul(G1, scalar), g1_neg(g1_mul(G1, scalar))):
                x, y = point
                self.assertEqual(encoding.compressed_point(compressed(point), 0), point)
                big = x.to_bytes(32, "big") + y.to_bytes(32, "big")
                self.assertEqual(encoding.big_endian_point(big, 0), point)
                self.assertEqual(encoding.raw_point(montgomery(x, y), 0), point)

    def test_compressed_points_that_are_none(self) -> None:
        read = encoding.compressed_point
        self.refused("bit 255", read, bytes(31) + b"\x80")
        self.refused("bit 255", read, (1 | 1 << 255).to_bytes(32, "little"))
        # 3 is no square, so that no point has x = 0, whatever the sign.
        self.refused("no point", read, bytes(32))
        self.refused("no point", read, (1 << 254).to_bytes(32, "little"))
        self.refused("modulus", read, (1 + Q).to_bytes(32, "little"))

    def test_other_points_that_are_none(self) -> None:
        self.refused("curve", encoding.big_endian_point, bytes(64))
        self.refused("curve", encoding.big_endian_point, bytes(31) + b"\x01" + bytes(31) + b"\x03")
        self.refused("modulus", encoding.big_endian_point, (1 + Q).to_bytes(32, "big") + (2).to_bytes(32, "big"))
        self.refused("curve", encoding.raw_point, bytes(64))
        self.refused("modulus", encoding.raw_point, b"\xff" * 64)

    def test_points_of_g2(self) -> None:
        (x0, x1), (y0, y1) = G2
        self.assertEqual(encoding.raw_g2_point(montgomery(x0, x1, y0, y1), 0), G2)
        self.refused("G2", encoding.raw_g2_point, montgomery(x1, x0, y0, y1))
        self.refused("G2", encoding.raw_g2_point, bytes(128))
        (x0, x1), (y0, y1) = twist_point()
        self.refused("G2", encoding.raw_g2_point, montgomery(x0, x1, y0, y1))


if __name__ == "__main__":
    unittest.main()
