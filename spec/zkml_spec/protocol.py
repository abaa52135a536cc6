"""A verifying key as data: docs/proof-format.md, section 3, read strictly.

What is read here holds for every protocol that is returned; the rest of the verifier relies on it.
"""

from dataclasses import dataclass
from typing import Any, Optional

from .curve import G2, G1Point, G2Point
from .domain import Domain
from .encoding import checked_g1, checked_g2
from .field import Q, R
from .strict import Value, parse, unhex
from .transcript import TRANSCRIPTS

ROOT_OF_UNITY = pow(7, (R - 1) >> 28, R)
"""Of order `2^28`."""

MAX_COLUMNS = 1 << 14
MAX_QUERIES = 1 << 16
MAX_ROTATIONS = 256
MAX_NODES = 1 << 20
MAX_PIECES = 64
MAX_PHASES = 8
MAX_CHALLENGES = 256
MAX_PUBLIC_VALUES = 1 << 20

Query = tuple[int, int]
"""A column and a rotation."""

Node = tuple[Any, ...]
"""The name of an operation, and its operands: indices of earlier nodes or of queries, and numbers."""


@dataclass(frozen=True)
class Link:
    """The link to committed parameters: docs/proof-format.md, section 9."""

    tag: int
    first: int
    columns: int
    marks: int


@dataclass(frozen=True)
class Protocol:
    """The fields have the names of the page."""

    key_digest: bytes
    model_digest: bytes
    transcript: str
    transcript_repr: int
    s_g2: G2Point
    domain: Domain
    blinding_factors: int
    quotient_pieces: int
    permutation_chunk: int
    advice_phases: list[int]
    challenge_phases: list[int]
    instances: list[list[Optional[int]]]
    public_values: int
    integers: int
    advice_queries: list[Query]
    fixed_queries: list[Query]
    instance_queries: list[Query]
    nodes: list[Node]
    constraints: list[int]
    permutation: list[tuple[str, int]]
    fixed_commitments: list[G1Point]
    permutation_commitments: list[G1Point]
    link: Optional[Link]

    @property
    def n(self) -> int:
        """The number of rows."""
        return self.domain.n

    @property
    def phases(self) -> int:
        """The number of phases of advice columns."""
        return max(self.advice_phases) + 1

    @property
    def last_rotation(self) -> int:
        """That of the last row before the blinding rows."""
        return -(self.blinding_factors + 1)

    @property
    def chunks(self) -> list[list[int]]:
        """For each running product of the permutation, the positions of its columns."""
        places = range(len(self.permutation))
        return [list(places[i : i + self.permutation_chunk]) for i in places[:: self.permutation_chunk]]


FIELDS = (
    "format",
    "version",
    "key_digest",
    "model_digest",
    "transcript",
    "transcript_repr",
    "s_g2",
    "k",
    "omega",
    "blinding_factors",
    "quotient_pieces",
    "permutation_chunk",
    "advice_phases",
    "challenge_phases",
    "instances",
    "public_values",
    "integers",
    "advice_queries",
    "fixed_queries",
    "instance_queries",
    "nodes",
    "constraints",
    "permutation",
    "fixed_commitments",
    "permutation_commitments",
    "link",
)


def number(value: Value, modulus: int = R, any_case: bool = False) -> int:
    """A canonical number: `0x` and 64 digits, lower-case ones but where any case is asked for."""
    text = value.text(66)
    if not text.startswith("0x"):
        value.refuse("expected 0x and 64 hexadecimal digits")
    result = int.from_bytes(unhex(Value(text[2:], value.path), 32, any_case), "big")
    if result >= modulus:
        value.refuse("a number that is not below its modulus")
    return result


def _base(value: Value) -> int:
    return number(value, Q)


def _point(value: Value) -> G1Point:
    x, y = value.each(2, 2, _base)
    return checked_g1((x, y), value.path)


def _g2_point(value: Value) -> G2Point:
    x, y = value.each(2, 2, lambda coordinate: coordinate.each(2, 2, _base))
    result = checked_g2(((x[0], x[1]), (y[0], y[1])), value.path)
    if result == G2:
        value.refuse("the generator of G2: the SRS would have the secret 1")
    return result


def _queries(value: Value, columns: int, n: int, rotated: bool) -> list[Query]:
    furthest = n - 1 if rotated else 0

    def query(item: Value) -> Query:
        column, rotation = item.items(2, 2)
        return (column.integer(0, columns - 1), rotation.integer(-furthest, furthest))

    result = value.each(0, MAX_QUERIES, query)
    if len({(column, rotation % n) for column, rotation in result}) != len(result):
        value.refuse("a query occurs twice")
    if len({rotation for _, rotation in result}) > MAX_ROTATIONS:
        value.refuse(f"more than {MAX_ROTATIONS} different rotations")
    return result


def _nodes(value: Value, limits: dict[str, int]) -> list[Node]:
    """Each node refers to earlier ones; `limits` are the numbers of queries and challenges."""

    def node(item: Value, index: int) -> Node:
        head, *rest = item.items(2, 3)
        name = head.text(20)
        if name == "constant" and len(rest) == 1:
            return (name, number(rest[0]))
        if name in limits and len(rest) == 1:
            return (name, rest[0].integer(0, limits[name] - 1))
        if name == "negated" and len(rest) == 1:
            return (name, rest[0].integer(0, index - 1))
        if name in ("sum", "product") and len(rest) == 2:
            return (name, rest[0].integer(0, index - 1), rest[1].integer(0, index - 1))
        if name == "scaled" and len(rest) == 2:
            return (name, rest[0].integer(0, index - 1), number(rest[1]))
        item.refuse(f"no node {name!r} with {len(rest)} operands")

    return [node(item, index) for index, item in enumerate(value.items(0, MAX_NODES))]


def _instances(value: Value, public_values: int, rows: int) -> list[list[Optional[int]]]:
    def entry(item: Value) -> Optional[int]:
        return None if item.raw is None else item.integer(0, public_values - 1)

    columns = value.each(0, MAX_COLUMNS, lambda column: column.each(0, rows, entry))
    places = sorted(index for column in columns for index in column if index is not None)
    if places != list(range(public_values)):
        value.refuse("each public value must stand in exactly one place")
    return columns


def _permutation(value: Value, queries: dict[str, list[Query]]) -> list[tuple[str, int]]:
    def column(item: Value) -> tuple[str, int]:
        kind, index = item.items(2, 2)
        result = (kind.one_of(list(queries)), index.integer(0, MAX_COLUMNS - 1))
        if (result[1], 0) not in queried[result[0]]:
            item.refuse("a column of the permutation without a query of rotation 0")
        return result

    queried = {kind: set(of_kind) for kind, of_kind in queries.items()}
    result = value.each(0, MAX_COLUMNS, column)
    if len(set(result)) != len(result):
        value.refuse("a column occurs twice in the permutation")
    return result


def _link(value: Value, advice_phases: list[int], fixed: int) -> Optional[Link]:
    if value.raw is None:
        return None
    tag, first, columns, marks = value.fields("tag", "first", "columns", "marks")
    in_phase_0 = advice_phases.count(0)
    link = Link(
        number(tag), first.integer(0, in_phase_0), columns.integer(1, in_phase_0), marks.integer(0, fixed - 1)
    )
    if link.first + link.columns > in_phase_0:
        value.refuse(f"columns {link.first} to {link.first + link.columns - 1} of {in_phase_0} of phase 0")
    return link


def read(data: bytes) -> Protocol:
    """Reads what `zkml inspect --protocol` prints; `Malformed` with the path of what is wrong."""
    root = parse(data)
    field = dict(zip(FIELDS, root.fields(*FIELDS)))
    field["format"].one_of(["zkml protocol"])
    field["version"].integer(1, 1)
    k = field["k"].integer(5, 22)
    omega = number(field["omega"])
    if omega != pow(ROOT_OF_UNITY, 1 << (28 - k), R):
        field["omega"].refuse(f"not the root of unity of order 2^{k}")
    domain = Domain(k, omega)
    blinding = field["blinding_factors"].integer(1, domain.n - 2)
    public_values = field["public_values"].integer(0, MAX_PUBLIC_VALUES)
    instances = _instances(field["instances"], public_values, domain.n - blinding - 1)
    advice_phases = field["advice_phases"].each(1, MAX_COLUMNS, lambda item: item.integer(0, MAX_PHASES - 1))
    if set(advice_phases) != set(range(max(advice_phases) + 1)):
        field["advice_phases"].refuse("a phase without a column")
    challenge_phases = field["challenge_phases"].each(
        0, MAX_CHALLENGES, lambda item: item.integer(0, max(advice_phases))
    )
    if challenge_phases != sorted(challenge_phases):
        field["challenge_phases"].refuse("a phase before that of the challenge before")
    fixed_commitments = field["fixed_commitments"].each(0, MAX_COLUMNS, _point)
    queries = {
        "advice": _queries(field["advice_queries"], len(advice_phases), domain.n, True),
        "fixed": _queries(field["fixed_queries"], len(fixed_commitments), domain.n, True),
        "instance": _queries(field["instance_queries"], len(instances), domain.n, False),
    }
    nodes = _nodes(
        field["nodes"],
        {**{kind: len(of_kind) for kind, of_kind in queries.items()}, "challenge": len(challenge_phases)},
    )
    permutation = _permutation(field["permutation"], queries)
    link = _link(field["link"], advice_phases, len(fixed_commitments))
    if link and any(column == link.marks for column, _ in queries["fixed"]):
        field["link"].refuse("the column of the marks has a query")
    return Protocol(
        key_digest=unhex(field["key_digest"], 32),
        model_digest=unhex(field["model_digest"], 32),
        transcript=field["transcript"].one_of(list(TRANSCRIPTS)),
        transcript_repr=number(field["transcript_repr"]),
        s_g2=_g2_point(field["s_g2"]),
        domain=domain,
        blinding_factors=blinding,
        quotient_pieces=field["quotient_pieces"].integer(1, MAX_PIECES),
        permutation_chunk=field["permutation_chunk"].integer(1, MAX_COLUMNS),
        advice_phases=advice_phases,
        challenge_phases=challenge_phases,
        instances=instances,
        public_values=public_values,
        integers=field["integers"].integer(0, public_values),
        advice_queries=queries["advice"],
        fixed_queries=queries["fixed"],
        instance_queries=queries["instance"],
        nodes=nodes,
        constraints=field["constraints"].each(0, MAX_NODES, lambda item: item.integer(0, len(nodes) - 1)),
        permutation=permutation,
        fixed_commitments=fixed_commitments,
        permutation_commitments=field["permutation_commitments"].each(len(permutation), len(permutation), _point),
        link=link,
    )
