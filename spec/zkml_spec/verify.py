"""The verification of a proof, put together from the parts of docs/proof-format.md."""

from dataclasses import dataclass
from typing import Iterator, Optional

from . import constraints, link, shplonk
from . import parts as proof_parts
from .curve import G2, G1Point, g1_add, g1_mul, g1_neg
from .errors import Invalid
from .field import R
from .files import Commitment, Proof
from .link import Statement
from .pairing import pairing_is_one
from .parts import Parts
from .protocol import Protocol
from .shplonk import Query, Terms
from .transcript import TRANSCRIPTS


@dataclass(frozen=True)
class Trace:
    """What a verifier computes on the way to the pairing."""

    instances: list[list[int]]
    challenges: list[tuple[str, int]]
    instance_values: list[int]
    quotient: int
    left: G1Point
    right: Optional[G1Point]


def instance_columns(protocol: Protocol, proof: Proof) -> list[list[int]]:
    """The public values at their places: section 4."""
    values = proof.public_values
    if len(values) != protocol.public_values:
        raise Invalid(f"the proof has {len(values)} public values, and the key {protocol.public_values}")
    for i, value in enumerate(values[: protocol.integers]):
        if min(value, R - value) >= 1 << 63:
            raise Invalid(f"public value {i} is no integer of 63 bits and a sign")
    return [[0 if index is None else values[index] for index in column] for column in protocol.instances]


def quotient_commitment(protocol: Protocol, parts: Parts, statement: Optional[Statement]) -> Terms:
    """`H`, of which a link takes its part out: sections 8 and 9."""
    x = parts.challenges.x
    pieces: list[G1Point] = list(parts.pieces)
    if protocol.link is not None and statement is not None:
        first, last = protocol.link.first, protocol.link.first + protocol.link.columns
        eta = parts.challenges.eta
        assert eta is not None and parts.marks_value is not None
        factor = eta * parts.marks_value * pow(protocol.domain.vanishing(x), -1, R) % R
        part = g1_mul(statement.difference(parts.first_phase[first:last], eta), factor)
        rest = g1_add(pieces[0], g1_neg(part))
        if rest is None:
            raise Invalid("the link leaves nothing of the quotient's first piece")
        pieces[0] = rest
    return [(piece, pow(x, protocol.n * j, R)) for j, piece in enumerate(pieces)]


def queries(protocol: Protocol, parts: Parts, quotient: Terms, value: int) -> Iterator[Query]:
    """All queries, in the order of section 8."""
    for (column, rotation), of_query in zip(protocol.advice_queries, parts.advice_values):
        yield Query(("advice", column), [(parts.advice[column], 1)], rotation, of_query)
    products = list(enumerate(zip(parts.products, parts.product_values)))
    for j, (product, values) in products:
        yield Query(("product", j), [(product, 1)], 0, values[0])
        yield Query(("product", j), [(product, 1)], 1, values[1])
    for j, (product, values) in reversed(products[:-1]):
        yield Query(("product", j), [(product, 1)], protocol.last_rotation, values[2])
    for (column, rotation), of_query in zip(protocol.fixed_queries, parts.fixed_values):
        yield Query(("fixed", column), [(protocol.fixed_commitments[column], 1)], rotation, of_query)
    for c, of_query in enumerate(parts.permutation_values):
        yield Query(("permutation", c), [(protocol.permutation_commitments[c], 1)], 0, of_query)
    yield Query("quotient", quotient, 0, value)
    yield Query("random", [(parts.random, 1)], 0, parts.random_value)
    if protocol.link is not None and parts.marks_value is not None:
        marks = protocol.link.marks
        yield Query(("fixed", marks), [(protocol.fixed_commitments[marks], 1)], 0, parts.marks_value)


def trace(
    protocol: Protocol,
    proof: Proof,
    commitment: Optional[Commitment] = None,
    manifest: Optional[bytes] = None,
) -> Trace:
    """Computes everything but the pairing. `Malformed` or `Invalid` where that alone refuses the proof."""
    if proof.key_digest != protocol.key_digest:
        raise Invalid("the proof is one for another key")
    if proof.model_digest != protocol.model_digest:
        raise Invalid("the proof is one for another model")
    if proof.transcript != protocol.transcript:
        raise Invalid(f"the proof has the transcript {proof.transcript}, and the key {protocol.transcript}")
    statement = link.statement(protocol, commitment, manifest)
    instances = instance_columns(protocol, proof)
    parts = proof_parts.read(protocol, TRANSCRIPTS[protocol.transcript](proof.cursor()), instances, statement)
    quotient = constraints.quotient(protocol, parts, instances)
    opened = queries(protocol, parts, quotient_commitment(protocol, parts, statement), quotient.value)
    right = shplonk.right_input(protocol.domain, list(opened), parts)
    return Trace(
        instances=instances,
        challenges=parts.challenges.named(),
        instance_values=quotient.instance_values,
        quotient=quotient.value,
        left=parts.second_opening,
        right=right,
    )


def holds(protocol: Protocol, computed: Trace) -> bool:
    """`e(left, [s]_2) = e(right, [1]_2)`."""
    return pairing_is_one([(computed.left, protocol.s_g2), (g1_neg(computed.right), G2)])
