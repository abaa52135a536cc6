"""A prover for tests, from docs/proof-format.md too: for circuits of 32 rows, with an SRS whose secret it knows.

It makes a proof for any witness. What a false witness leaves of the divisions is dropped, as a cheating prover would.
"""

import random
from dataclasses import dataclass
from typing import Callable, Optional

from zkml_spec.constraints import DELTA
from zkml_spec.curve import G1, G1Point, g1_mul
from zkml_spec.container import Cursor
from zkml_spec.field import R, inverse
from zkml_spec.link import Statement
from zkml_spec.protocol import Protocol
from zkml_spec.shplonk import Query, by_rotations
from zkml_spec.domain import interpolate_at
from zkml_spec.transcript import TRANSCRIPTS

from .polynomials import (
    Polynomial,
    add,
    divide_by_root,
    divide_by_vanishing,
    evaluate,
    interpolate,
    multiply,
    rotate,
    scale,
)

Column = list[int]


@dataclass
class Witness:
    """The columns of a circuit. `advice` makes an advice column from the challenges that are drawn before it."""

    fixed: list[Column]
    sigma: list[Column]
    advice: list[Callable[[list[int]], Column]]
    instances: list[Column]
    committed: list[Column]


class Srs:
    """Commitments with a secret that is known."""

    def __init__(self, secret: int) -> None:
        self.secret = secret

    def commit(self, f: Polynomial) -> G1Point:
        point = g1_mul(G1, evaluate(f, self.secret))
        assert point is not None
        return point


class Writer:
    """A transcript that writes the proof."""

    def __init__(self, protocol: Protocol) -> None:
        self.kind = protocol.transcript
        self.transcript = TRANSCRIPTS[self.kind](Cursor(b""))
        self.proof = bytearray()

    def point(self, point: G1Point) -> None:
        x, y = point
        self.transcript.point(point)
        if self.kind == "evm":
            self.proof += x.to_bytes(32, "big") + y.to_bytes(32, "big")
        else:
            self.proof += (x | (y & 1) << 254).to_bytes(32, "little")

    def scalar(self, value: int) -> int:
        self.transcript.scalar(value)
        self.proof += value.to_bytes(32, "big" if self.kind == "evm" else "little")
        return value


class Prover:
    """The proof of one witness, in the order of the page."""

    def __init__(self, protocol: Protocol, srs: Srs, witness: Witness, statement: Optional[Statement] = None) -> None:
        self.protocol = protocol
        self.domain = protocol.domain
        self.srs = srs
        self.witness = witness
        self.statement = statement
        self.writer = Writer(protocol)
        self.random = random.Random(5)

    def blinded(self, column: Column) -> Column:
        """A column with random values on the blinding rows."""
        active = column[: self.protocol.last_rotation + self.domain.n + 1]
        return active + [self.random.randrange(R) for _ in range(self.domain.n - len(active))]

    def commit(self, f: Polynomial) -> Polynomial:
        self.writer.point(self.srs.commit(f))
        return f

    def prove(self) -> bytes:
        protocol, transcript, domain, witness = self.protocol, self.writer.transcript, self.domain, self.witness
        transcript.scalar(protocol.transcript_repr)
        for instance in witness.instances:
            for value in instance:
                transcript.scalar(value)

        columns: dict[tuple[str, int], Column] = {("fixed", i): c for i, c in enumerate(witness.fixed)}
        for i, instance in enumerate(witness.instances):
            columns["instance", i] = instance + [0] * (domain.n - len(instance))
        challenges: list[int] = []
        f: dict[tuple[str, int], Polynomial] = {}
        for phase in range(protocol.phases):
            for i, of_column in enumerate(protocol.advice_phases):
                if of_column == phase:
                    columns["advice", i] = self.blinded(witness.advice[i](challenges))
                    f["advice", i] = self.commit(interpolate(domain, columns["advice", i]))
            challenges += [transcript.challenge() for of_challenge in protocol.challenge_phases if of_challenge == phase]
        for place, column in columns.items():
            f.setdefault(place, interpolate(domain, column))
        _, beta, gamma = (transcript.challenge() for _ in range(3))

        sigma = [interpolate(domain, column) for column in witness.sigma]
        products = [self.commit(interpolate(domain, z)) for z in self.products(columns, beta, gamma)]
        masking = self.commit([self.random.randrange(R) for _ in range(domain.n)])
        y = transcript.challenge()

        numerator: Polynomial = []
        for constraint in self.constraints(f, challenges) + self.permutation(f, sigma, products, beta, gamma):
            numerator = add(scale(numerator, y), constraint)
        quotient = divide_by_vanishing(domain, numerator)
        eta, difference = 0, []
        if self.statement is not None and protocol.link is not None:
            self.statement.absorb(transcript)
            eta = transcript.challenge()
            for i, committed in enumerate(witness.committed):
                own = add(f["advice", protocol.link.first + i], scale(interpolate(domain, committed), -1))
                difference = add(difference, scale(own, pow(eta, i, R)))
            marked = scale(multiply(f["fixed", protocol.link.marks], difference), eta)
            quotient = add(quotient, divide_by_vanishing(domain, marked))
        n = domain.n
        pieces = [self.commit(quotient[j * n : (j + 1) * n] or [0]) for j in range(protocol.quotient_pieces)]
        assert len(quotient) <= n * len(pieces)
        x = transcript.challenge()

        opened: list[tuple[Query, Polynomial]] = []

        def value(place: object, polynomial: Polynomial, rotation: int) -> None:
            at = self.writer.scalar(evaluate(polynomial, domain.rotate(x, rotation)))
            opened.append((Query(place, [], rotation, at), polynomial))

        if self.statement is not None and protocol.link is not None:
            value("marks", f["fixed", protocol.link.marks], 0)
        for kind, queries in (("advice", protocol.advice_queries), ("fixed", protocol.fixed_queries)):
            for column, rotation in queries:
                value((kind, column), f[kind, column], rotation)
        value("random", masking, 0)
        for c, polynomial in enumerate(sigma):
            value(("permutation", c), polynomial, 0)
        for j, product in enumerate(products):
            for rotation in (0, 1, protocol.last_rotation)[: 3 if j + 1 < len(products) else 2]:
                value(("product", j), product, rotation)
        whole: Polynomial = []
        for j in range(len(pieces)):
            whole = add(whole, scale(pieces[j], pow(x, n * j, R)))
        if eta:
            taken = eta * evaluate(f["fixed", protocol.link.marks], x) * inverse(domain.vanishing(x), R) % R
            whole = add(whole, scale(difference, -taken))
        opened.append((Query("quotient", [], 0, evaluate(whole, x)), whole))
        self.open(in_order(opened, protocol), x)
        return bytes(self.writer.proof)

    def products(self, columns: dict[tuple[str, int], Column], beta: int, gamma: int) -> list[Column]:
        """The running products of the permutation."""
        result, running = [], 1
        last = self.domain.n + self.protocol.last_rotation
        for chunk in self.protocol.chunks:
            z = [running]
            for row in range(last):
                for c in chunk:
                    own = columns[self.protocol.permutation[c]][row]
                    running = running * (own + beta * pow(DELTA, c, R) * self.domain.rotate(1, row) + gamma) % R
                    running = running * inverse(own + beta * self.witness.sigma[c][row] + gamma, R) % R
                z.append(running)
            result.append(self.blinded(z))
        return result

    def constraints(self, f: dict[tuple[str, int], Polynomial], challenges: list[int]) -> list[Polynomial]:
        """The circuit's constraints as polynomials."""
        queries = {
            "advice": self.protocol.advice_queries,
            "fixed": self.protocol.fixed_queries,
            "instance": self.protocol.instance_queries,
        }
        values: list[Polynomial] = []
        for name, *operands in self.protocol.nodes:
            if name in queries:
                column, rotation = queries[name][operands[0]]
                values.append(rotate(self.domain, f[name, column], rotation))
            elif name == "constant":
                values.append([operands[0]])
            elif name == "challenge":
                values.append([challenges[operands[0]]])
            elif name == "negated":
                values.append(scale(values[operands[0]], -1))
            elif name == "scaled":
                values.append(scale(values[operands[0]], operands[1]))
            else:
                combine = add if name == "sum" else multiply
                values.append(combine(values[operands[0]], values[operands[1]]))
        return [values[index] for index in self.protocol.constraints]

    def permutation(
        self,
        f: dict[tuple[str, int], Polynomial],
        sigma: list[Polynomial],
        products: list[Polynomial],
        beta: int,
        gamma: int,
    ) -> list[Polynomial]:
        """The permutation's constraints as polynomials."""
        if not products:
            return []
        n, last = self.domain.n, self.domain.n + self.protocol.last_rotation

        def rows(chosen: Callable[[int], bool]) -> Polynomial:
            return interpolate(self.domain, [int(chosen(row)) for row in range(n)])

        first, end, active = rows(lambda row: row == 0), rows(lambda row: row == last), rows(lambda row: row < last)
        z = products[-1]
        result = [
            multiply(first, add([1], scale(products[0], -1))),
            multiply(end, add(multiply(z, z), scale(z, -1))),
        ]
        for before, after in zip(products, products[1:]):
            handed = rotate(self.domain, before, self.protocol.last_rotation)
            result.append(multiply(first, add(after, scale(handed, -1))))
        for chunk, z in zip(self.protocol.chunks, products):
            left, right = rotate(self.domain, z, 1), z
            for c in chunk:
                own = f[self.protocol.permutation[c]]
                left = multiply(left, add(own, add(scale(sigma[c], beta), [gamma])))
                right = multiply(right, add(own, [gamma, beta * pow(DELTA, c, R) % R]))
            result.append(multiply(active, add(left, scale(right, -1))))
        return result

    def open(self, opened: list[tuple[Query, Polynomial]], x: int) -> None:
        """SHPLONK, as the paper has it."""
        transcript = self.writer.transcript
        mu, nu = transcript.challenge(), transcript.challenge()
        of_place = {query.place: polynomial for query, polynomial in opened}
        queries = [Query(q.place, [(q.place, 1)], q.rotation, q.value) for q, _ in opened]  # type: ignore[list-item]
        sets = by_rotations(queries, self.domain.n)
        points = {t: self.domain.rotate(x, t) for rotations, _ in sets for t in rotations}
        first: Polynomial = []
        for i, (rotations, commitments) in enumerate(sets):
            part: Polynomial = []
            for j, one in enumerate(commitments):
                part = add(part, scale(of_place[one.commitment[0][0]], pow(mu, j, R)))
            for t in rotations:
                part = divide_by_root(part, points[t])
            first = add(first, scale(part, pow(nu, i, R)))
        self.commit(first)
        u = transcript.challenge()

        def distance(rotations: list[int]) -> int:
            result = 1
            for t in rotations:
                result = result * (u - points[t]) % R
            return result

        others = [distance([t for t in points if t not in rotations]) for rotations, _ in sets]
        second = scale(first, -distance(sets[0][0]))
        for i, (rotations, commitments) in enumerate(sets):
            weight = pow(nu, i, R) * others[i] * inverse(others[0], R) % R
            for one in commitments:
                at_u = interpolate_at([points[t] for t in rotations], [one.values[t] for t in rotations], u)
                second = add(second, scale(add(of_place[one.commitment[0][0]], [-at_u]), weight))
                weight = weight * mu % R
        self.commit(divide_by_root(second, u))


def in_order(opened: list[tuple[Query, Polynomial]], protocol: Protocol) -> list[tuple[Query, Polynomial]]:
    """The queries in the order in which they are opened, which is not that of the evaluations."""

    def rank(entry: tuple[Query, Polynomial]) -> tuple[int, int]:
        place, rotation = entry[0].place, entry[0].rotation
        kind = place if isinstance(place, str) else place[0]  # type: ignore[index]
        if kind == "product" and rotation == protocol.last_rotation:
            return (2, -place[1])  # type: ignore[index]
        order = ("advice", "product", "", "fixed", "permutation", "quotient", "random", "marks")
        return (order.index(kind), 0)

    return sorted(opened, key=rank)
