"""The parts of a proof and the challenges between them: docs/proof-format.md, section 6."""

from dataclasses import dataclass
from typing import Optional

from .curve import G1Point
from .link import Statement
from .protocol import Protocol
from .transcript import Transcript


@dataclass(frozen=True)
class Challenges:
    """The challenges in the order in which they are drawn; `eta` is there with a link."""

    circuit: list[int]
    theta: int
    beta: int
    gamma: int
    y: int
    eta: Optional[int]
    x: int
    mu: int
    nu: int
    u: int

    def named(self) -> list[tuple[str, int]]:
        """All challenges with their names, in order."""
        later = ("theta", "beta", "gamma", "y", "eta", "x", "mu", "nu", "u")
        circuit = [(f"c{i}", value) for i, value in enumerate(self.circuit)]
        return circuit + [(name, getattr(self, name)) for name in later if getattr(self, name) is not None]


@dataclass(frozen=True)
class Parts:
    """What a proof says. Points of columns are by their column, evaluations by their query."""

    challenges: Challenges
    advice: list[G1Point]
    first_phase: list[G1Point]
    products: list[G1Point]
    random: G1Point
    pieces: list[G1Point]
    marks_value: Optional[int]
    advice_values: list[int]
    fixed_values: list[int]
    random_value: int
    permutation_values: list[int]
    product_values: list[list[int]]
    first_opening: G1Point
    second_opening: G1Point


def read(
    protocol: Protocol, transcript: Transcript, instances: list[list[int]], statement: Optional[Statement]
) -> Parts:
    """Reads a proof to its end."""
    transcript.scalar(protocol.transcript_repr)
    for instance in instances:
        for value in instance:
            transcript.scalar(value)

    advice: dict[int, G1Point] = {}
    circuit: list[int] = []
    for phase in range(protocol.phases):
        for column, of_column in enumerate(protocol.advice_phases):
            if of_column == phase:
                advice[column] = transcript.read_point(f"the commitment to advice column {column}")
        circuit += [transcript.challenge() for of_challenge in protocol.challenge_phases if of_challenge == phase]
    theta, beta, gamma = (transcript.challenge() for _ in range(3))

    chunks = protocol.chunks
    products = [transcript.read_point(f"the commitment to running product {j}") for j in range(len(chunks))]
    random = transcript.read_point("the commitment to the random polynomial")
    y = transcript.challenge()
    eta = None
    if statement is not None:
        statement.absorb(transcript)
        eta = transcript.challenge()
    pieces = [transcript.read_point(f"piece {j} of the quotient") for j in range(protocol.quotient_pieces)]
    x = transcript.challenge()

    marks_value = None if statement is None else transcript.read_scalar("the value of the marks")
    advice_values, fixed_values = (
        [transcript.read_scalar(f"the value of {kind} query {i}") for i in range(len(queries))]
        for kind, queries in (("advice", protocol.advice_queries), ("fixed", protocol.fixed_queries))
    )
    random_value = transcript.read_scalar("the value of the random polynomial")
    permutation_values = [
        transcript.read_scalar(f"the value of permutation column {c}") for c in range(len(protocol.permutation))
    ]
    product_values = [
        [transcript.read_scalar(f"value {i} of running product {j}") for i in range(3 if j + 1 < len(chunks) else 2)]
        for j in range(len(chunks))
    ]
    mu, nu = transcript.challenge(), transcript.challenge()
    first_opening = transcript.read_point("the first opening")
    u = transcript.challenge()
    second_opening = transcript.read_point("the second opening")
    transcript.proof.end()

    return Parts(
        challenges=Challenges(circuit, theta, beta, gamma, y, eta, x, mu, nu, u),
        advice=[advice[column] for column in range(len(advice))],
        first_phase=[advice[column] for column, phase in enumerate(protocol.advice_phases) if phase == 0],
        products=products,
        random=random,
        pieces=pieces,
        marks_value=marks_value,
        advice_values=advice_values,
        fixed_values=fixed_values,
        random_value=random_value,
        permutation_values=permutation_values,
        product_values=product_values,
        first_opening=first_opening,
        second_opening=second_opening,
    )
