"""The openings, SHPLONK: docs/proof-format.md, section 8.

Source of the scheme: D. Boneh, J. Drake, B. Fisch, A. Gabizon, "Efficient polynomial commitment schemes for multiple points
and polynomials", IACR ePrint 2020/081, section 4.
"""

from dataclasses import dataclass
from typing import Hashable, Optional, Sequence

from .curve import G1, G1Point, g1_msm
from .domain import Domain, interpolate_at
from .errors import Invalid
from .field import R, inverse
from .parts import Parts

Terms = list[tuple[Optional[G1Point], int]]
"""A point as a sum of multiples of points."""


@dataclass(frozen=True)
class Query:
    """The claim that a commitment opens to a value at `x omega^rotation`. `place` tells commitments apart."""

    place: Hashable
    commitment: Terms
    rotation: int
    value: int


@dataclass(frozen=True)
class Opened:
    """A commitment with its values by rotation."""

    commitment: Terms
    values: dict[int, int]


def by_rotations(queries: Sequence[Query], n: int) -> list[tuple[list[int], list[Opened]]]:
    """Commitments with the same set of rotations, in the order of their first queries."""
    opened: dict[Hashable, Opened] = {}
    for query in queries:
        commitment = opened.setdefault(query.place, Opened(query.commitment, {}))
        commitment.values[query.rotation % n] = query.value
    sets: dict[frozenset[int], list[Opened]] = {}
    for commitment in opened.values():
        sets.setdefault(frozenset(commitment.values), []).append(commitment)
    return [(sorted(rotations), commitments) for rotations, commitments in sets.items()]


def right_input(domain: Domain, queries: Sequence[Query], parts: Parts) -> Optional[G1Point]:
    """The right input `R` of the pairing; the left one is the second opening."""
    x, mu, nu, u = parts.challenges.x, parts.challenges.mu, parts.challenges.nu, parts.challenges.u
    sets = by_rotations(queries, domain.n)
    points = {rho: domain.rotate(x, rho) for rotations, _ in sets for rho in rotations}
    distances = {rho: (u - point) % R for rho, point in points.items()}
    if 0 in distances.values():
        raise Invalid("the challenge u is a point of an opening")

    def product(rotations: Sequence[int]) -> int:
        result = 1
        for rho in rotations:
            result = result * distances[rho] % R
        return result

    others = [product([rho for rho in distances if rho not in rotations]) for rotations, _ in sets]
    normal = inverse(others[0], R)
    terms: Terms = []
    constant = 0
    for i, (rotations, commitments) in enumerate(sets):
        weight = pow(nu, i, R) * others[i] % R * normal % R
        for opened in commitments:
            at_u = interpolate_at([points[rho] for rho in rotations], [opened.values[rho] for rho in rotations], u)
            terms += [(point, scalar * weight % R) for point, scalar in opened.commitment]
            constant += weight * at_u
            weight = weight * mu % R
    terms.append((G1, -constant))
    terms.append((parts.first_opening, -product(sets[0][0])))
    terms.append((parts.second_opening, u))
    return g1_msm([point for point, _ in terms], [scalar for _, scalar in terms])
