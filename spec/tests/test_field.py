import unittest

from zkml_spec.domain import Domain, interpolate_at
from zkml_spec.field import Q, R, base_sqrt, batch_inverse, inverse
from zkml_spec.pairing import U


class Fields(unittest.TestCase):
    def test_moduli_are_the_polynomials_of_the_curve(self) -> None:
        # Barreto and Naehrig, "Pairing-friendly elliptic curves of prime order", SAC 2005.
        self.assertEqual(Q, 36 * U**4 + 36 * U**3 + 24 * U**2 + 6 * U + 1)
        self.assertEqual(R, 36 * U**4 + 36 * U**3 + 18 * U**2 + 6 * U + 1)

    def test_inverses(self) -> None:
        values = [1, 2, R - 1, 123456789, 7**80 % R]
        self.assertEqual(batch_inverse(values, R), [pow(v, R - 2, R) for v in values])
        self.assertEqual(batch_inverse([], R), [])
        with self.assertRaises(ZeroDivisionError):
            inverse(R, R)
        with self.assertRaises(ZeroDivisionError):
            batch_inverse([3, 0, 4], R)

    def test_square_roots(self) -> None:
        self.assertIn(base_sqrt(16), (4, Q - 4))
        with self.assertRaises(ValueError):
            base_sqrt(Q - 1)


class Domains(unittest.TestCase):
    def setUp(self) -> None:
        self.domain = Domain(3, pow(7, (R - 1) // 8, R))

    def test_rows_are_distinct_and_close(self) -> None:
        rows = [self.domain.rotate(1, i) for i in range(8)]
        self.assertEqual(len(set(rows)), 8)
        self.assertEqual(self.domain.rotate(1, 8), 1)
        self.assertEqual(self.domain.rotate(rows[5], -5), 1)
        self.assertTrue(all(self.domain.vanishing(row) == 0 for row in rows))

    def test_lagrange_values_evaluate_polynomials(self) -> None:
        def f(x: int) -> int:
            return (3 * pow(x, 7, R) + 5 * x * x + 11) % R

        x = 123456789
        values = self.domain.lagrange(x, 0, 8)
        self.assertEqual(sum(values[i] * f(self.domain.rotate(1, i)) for i in range(8)) % R, f(x))
        self.assertEqual(self.domain.lagrange(x, -2, 1), {-2: values[6], -1: values[7], 0: values[0]})
        with self.assertRaises(ZeroDivisionError):
            self.domain.lagrange(self.domain.rotate(1, 3), 2, 4)

    def test_interpolation(self) -> None:
        points = [5, 9, 100]
        values = [(2 * p * p + 3 * p + 4) % R for p in points]
        self.assertEqual(interpolate_at(points, values, 77), (2 * 77 * 77 + 3 * 77 + 4) % R)


if __name__ == "__main__":
    unittest.main()
