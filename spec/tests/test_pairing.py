import random
import unittest

from zkml_spec.curve import (
    G1,
    G2,
    TWIST_B,
    g1_add,
    g1_msm,
    g1_mul,
    g1_neg,
    g2_add,
    g2_mul,
    g2_neg,
    in_g2,
    on_g1,
    on_twist,
)
from zkml_spec.field import Q, R, base_sqrt
from zkml_spec.pairing import final_power, miller_loop, pairing_is_one
from zkml_spec.tower import (
    FQ12_ONE,
    fq2_add,
    fq2_mul,
    fq2_square,
    fq12_frobenius,
    fq12_inverse,
    fq12_mul,
    fq12_pow,
    fq12_square,
)

# A pairing check of the tests of EIP-197's first implementation (go-ethereum, core/vm/testdata, bn256Pairing, "jeff1"),
# which is true: x1 y1, then x2 and y2 with the imaginary part first, and the second pair.
EIP_197 = """
1c76476f4def4bb94541d57ebba1193381ffa7aa76ada664dd31c16024c43f59
3034dd2920f673e204fee2811c678745fc819b55d3e9d294e45c9b03a76aef41
209dd15ebff5d46c4bd888e51a93cf99a7329636c63514396b4a452003a35bf7
04bf11ca01483bfa8b34b43561848d28905960114c8ac04049af4b6315a41678
2bb8324af6cfc93537a2ad1a445cfd0ca2a71acd7ac41fadbf933c2a51be344d
120a2a4cf30c1bf9845f20c6fe39e07ea2cce61f0c9bb048165fe5e4de877550
111e129f1cf1097710d41c4ac70fcdfa5ba2023c6ff1cbeac322de49d1b6df7c
2032c61a830e3c17286de9462bf242fca2883585b93870a73853face6a6bf411
198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2
1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed
090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b
12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
""".split()


def random_fq12(seed: int):
    rng = random.Random(seed)

    def fq6():
        return tuple((rng.randrange(Q), rng.randrange(Q)) for _ in range(3))

    return (fq6(), fq6())


class Tower(unittest.TestCase):
    def test_squares_and_inverses(self) -> None:
        a, b = random_fq12(1), random_fq12(2)
        self.assertEqual(fq12_square(a), fq12_mul(a, a))
        self.assertEqual(fq12_mul(a, fq12_inverse(a)), FQ12_ONE)
        self.assertEqual(fq12_mul(a, b), fq12_mul(b, a))

    def test_frobenius_is_the_power(self) -> None:
        a = random_fq12(3)
        self.assertEqual(fq12_frobenius(a), fq12_pow(a, Q))


class Groups(unittest.TestCase):
    def test_generators(self) -> None:
        self.assertTrue(on_g1(G1))
        self.assertIsNone(g1_mul(G1, R))
        self.assertTrue(in_g2(G2))

    def test_double_of_the_generator(self) -> None:
        # EIP-196's tests (go-ethereum, core/vm/testdata, bn256Add): (1, 2) + (1, 2).
        double = (
            0x030644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD3,
            0x15ED738C0E0A7C92E7845F96B2AE9C0A68A6A449E3538FC7FF3EBF7A5A18A2C4,
        )
        self.assertEqual(g1_add(G1, G1), double)
        self.assertEqual(g1_mul(G1, 2), double)
        self.assertEqual(g1_mul(G1, R - 2), g1_neg(double))

    def test_sums_with_the_identity_and_opposites(self) -> None:
        point = g1_mul(G1, 77)
        self.assertEqual(g1_add(point, None), point)
        self.assertIsNone(g1_add(point, g1_neg(point)))
        self.assertIsNone(g1_msm([], []))
        self.assertIsNone(g1_msm([point, point], [5, R - 5]))
        self.assertEqual(g1_msm([point, point, None], [1, 1, 9]), g1_mul(G1, 154))

    def test_multiples_sum_up(self) -> None:
        rng = random.Random(4)
        for size in (3, 70):
            logs = [rng.randrange(R) for _ in range(size)]
            scalars = [rng.randrange(R) for _ in range(size)]
            points = [g1_mul(G1, log) for log in logs]
            self.assertTrue(all(on_g1(point) for point in points))
            expected = sum(a * b for a, b in zip(logs, scalars)) % R
            self.assertEqual(g1_msm(points, scalars), g1_mul(G1, expected))

    def test_points_that_are_none(self) -> None:
        self.assertFalse(on_g1((1, 3)))
        self.assertFalse(on_g1((0, 0)))
        self.assertFalse(on_g1((1 + Q, 2)))
        x, y = G2
        self.assertFalse(on_twist((x, (y[0], y[1] + 1))))

    def test_twist_has_points_outside_g2(self) -> None:
        # Found by trying x = 1, 2, ... in Fq; the cofactor is not 1.
        point = twist_point()
        self.assertTrue(on_twist(point))
        self.assertFalse(in_g2(point))
        self.assertTrue(in_g2(g2_mul(point, 2 * Q - R)))


def twist_point():
    """A point of the twist, by the square root in Fq2 for `Q = 3 mod 4`."""
    for x0 in range(1, 100):
        x = (x0, 0)
        a, b = fq2_add(fq2_mul(fq2_square(x), x), TWIST_B)
        try:
            norm = base_sqrt(a * a + b * b)
        except ValueError:
            continue
        for root in (norm, -norm):
            half = (a + root) * pow(2, -1, Q) % Q
            try:
                c = base_sqrt(half)
            except ValueError:
                continue
            point = (x, (c, b * pow(2 * c, -1, Q) % Q))
            if on_twist(point):
                return point
    raise AssertionError("no point of the twist was found")


class Pairings(unittest.TestCase):
    def test_eip_197_vector(self) -> None:
        words = [int(word, 16) for word in EIP_197]
        pairs = []
        for i in (0, 6):
            x1, y1, x2i, x2r, y2i, y2r = words[i : i + 6]
            pairs.append(((x1, y1), ((x2r, x2i), (y2r, y2i))))
        for point, base in pairs:
            self.assertTrue(on_g1(point))
            self.assertTrue(in_g2(base))
        self.assertTrue(pairing_is_one(pairs))
        self.assertFalse(pairing_is_one([pairs[0], (g1_neg(pairs[1][0]), pairs[1][1])]))

    def test_bilinear_and_not_degenerate(self) -> None:
        a, b = 12345678901234567890, R - 987654321
        left = (g1_mul(G1, a), g2_mul(G2, b))
        right = (g1_neg(g1_mul(G1, a * b % R)), G2)
        self.assertTrue(pairing_is_one([left, right]))
        self.assertFalse(pairing_is_one([(G1, G2)]))
        self.assertTrue(pairing_is_one([(G1, G2), (G1, g2_neg(G2))]))
        self.assertTrue(pairing_is_one([(None, G2)]))
        self.assertEqual(g2_add(G2, G2), g2_mul(G2, 2))

    def test_final_power_is_the_power(self) -> None:
        value = miller_loop([(G1, G2)])
        self.assertEqual(final_power(value), fq12_pow(value, (Q**12 - 1) // R))
        self.assertEqual(fq12_pow(final_power(value), R), FQ12_ONE)


if __name__ == "__main__":
    unittest.main()
