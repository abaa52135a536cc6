"""A circuit for tests that has all that a protocol can have, with a true witness."""

from functools import lru_cache
from typing import Any, Optional

from zkml_spec.constraints import DELTA
from zkml_spec.curve import G2, G1Point, G2Point, g2_mul
from zkml_spec.domain import Domain
from zkml_spec.field import R
from zkml_spec.link import Statement
from zkml_spec.output import number, point
from zkml_spec.protocol import ROOT_OF_UNITY

from .polynomials import interpolate
from .prover import Srs, Witness

K, N, BLINDING = 5, 32, 6
ACTIVE = N - BLINDING - 1
DOMAIN = Domain(K, pow(ROOT_OF_UNITY, 1 << (28 - K), R))
SRS = Srs(0x1234567890ABCDEF)
TAG = 0x332073726574656D617261702064657474696D6D6F63206C6D6B7A
PUBLIC_VALUES = [5, R - 7, R // 3]
INSTANCES = [[None, 0, 1], [2]]
PERMUTATION = [("advice", 0), ("advice", 1), ("instance", 0), ("fixed", 0)]

# Equal cells, by the position of the column in the permutation and the row.
COPIES = [((0, 1), (2, 1)), ((1, 3), (2, 2)), ((0, 4), (3, 4))]


def padded(values: list[int]) -> list[int]:
    return values + [0] * (N - len(values))


def sigma() -> list[list[int]]:
    """For each cell of the permutation, the number of the next cell of its cycle."""
    columns = [[pow(DELTA, c, R) * DOMAIN.rotate(1, row) % R for row in range(N)] for c in range(len(PERMUTATION))]
    for (c, i), (d, j) in COPIES:
        columns[c][i], columns[d][j] = columns[d][j], columns[c][i]
    return columns


def witness() -> Witness:
    """`a2 = (a0 + challenge) a1` and `a1(next) = 3 a1 - 1` on the selected rows, and `a0` is the instance on row 2."""
    selector = padded([1] * 4)
    second = padded([0, 0, 1])
    marks = padded([1, 1, 0, 0, 0, 1])
    a0 = padded([11, 5, R - 7, 13, 0, 17, 18])
    # a1 is -7 on row 3, backwards and forwards from there.
    a1 = [R - 7]
    for _ in range(3):
        a1.insert(0, (a1[0] + 1) * pow(3, -1, R) % R)
    a1 = padded([*a1, (3 * (R - 7) - 1) % R])

    def a2(challenges: list[int]) -> list[int]:
        return padded([(a0[i] + challenges[0]) * a1[i] % R for i in range(4)])

    committed = [[value * mark for value, mark in zip(column, marks)] for column in (a0, a1)]
    for i, column in enumerate(committed):
        column[ACTIVE + 1 :] = [1000 * i + row for row in range(ACTIVE + 1, N)]
    instances = [[0 if index is None else PUBLIC_VALUES[index] for index in column] for column in INSTANCES]
    return Witness(
        [selector, second, marks], sigma(), [lambda _: list(a0), lambda _: list(a1), a2], instances, committed
    )


@lru_cache(maxsize=None)
def s_g2(secret: int) -> G2Point:
    point = g2_mul(G2, secret)
    assert point is not None
    return point


@lru_cache(maxsize=None)
def _committed() -> tuple[list[G1Point], list[G1Point], list[G1Point]]:
    """The commitments to fixed columns, to those of the permutation, and to the parameters: made once for all tests."""
    columns = witness()
    return commitments(columns.fixed), commitments(columns.sigma), commitments(columns.committed)


def parameters() -> list[G1Point]:
    """The points of the model commitment."""
    return list(_committed()[2])


def commitments(columns: list[list[int]]) -> list[G1Point]:
    return [SRS.commit(interpolate(DOMAIN, column)) for column in columns]


def protocol(transcript: str, linked: bool, permuted: bool = True) -> dict[str, Any]:
    """The protocol as JSON values."""
    fixed, copies, _ = _committed()
    nodes: list[list[Any]] = [
        ["advice", 0],  # a0
        ["advice", 1],  # a1
        ["advice", 2],  # a1, next row
        ["advice", 3],  # a2
        ["fixed", 0],
        ["fixed", 1],
        ["instance", 0],
        ["challenge", 0],
        ["constant", number(1)],
        ["sum", 0, 7],
        ["product", 9, 1],
        ["negated", 3],
        ["sum", 10, 11],
        ["product", 4, 12],  # the first constraint
        ["scaled", 1, number(R - 3)],
        ["sum", 2, 14],
        ["sum", 15, 8],
        ["product", 4, 16],  # the second
        ["negated", 6],
        ["sum", 0, 18],
        ["product", 5, 19],  # the third
    ]
    return {
        "format": "zkml protocol",
        "version": 1,
        "key_digest": "ab" * 32,
        "model_digest": "cd" * 32,
        "transcript": transcript,
        "transcript_repr": number(987654321),
        "s_g2": [[number(c) for c in coordinate] for coordinate in s_g2(SRS.secret)],
        "k": K,
        "omega": number(DOMAIN.omega),
        "blinding_factors": BLINDING,
        "quotient_pieces": 3 if permuted else 2,
        "permutation_chunk": 2,
        "advice_phases": [0, 0, 1],
        "challenge_phases": [0],
        "instances": INSTANCES,
        "public_values": 3,
        "integers": 2,
        "advice_queries": [[0, 0], [1, 0], [1, 1], [2, 0]],
        "fixed_queries": [[0, 0], [1, 0]],
        "instance_queries": [[0, 0]],
        "nodes": nodes,
        "constraints": [13, 17, 20],
        "permutation": PERMUTATION if permuted else [],
        "fixed_commitments": [point(p) for p in fixed],
        "permutation_commitments": [point(p) for p in copies] if permuted else [],
        "link": {"tag": number(TAG), "first": 0, "columns": 2, "marks": 2} if linked else None,
    }


def statement(linked: bool, manifest: bytes = bytes(range(32))) -> Optional[Statement]:
    return Statement(TAG, manifest, parameters()) if linked else None
