"""The payloads of proofs, verifying keys and model commitments: docs/proof-format.md, sections 2.1 to 2.3."""

from dataclasses import dataclass
from typing import Callable

from . import container, encoding
from .container import COMMITMENT, KEY, PROOF, Cursor, digest
from .curve import G2, G1Point, G2Point
from .errors import Malformed
from .protocol import MAX_PUBLIC_VALUES, Protocol, number
from .strict import parse, unhex
from .transcript import TRANSCRIPT_BYTES, TRANSCRIPTS


@dataclass(frozen=True)
class Proof:
    """A proof file. The proof itself is not read yet: only a protocol tells its parts."""

    model_digest: bytes
    key_digest: bytes
    transcript: str
    public_values: list[int]
    proof: bytes
    place: Callable[[int], object]

    def cursor(self) -> Cursor:
        """The proof from its first byte on."""
        return Cursor(self.proof, self.place)


def _transcript(cursor: Cursor) -> str:
    where = cursor.where
    byte = cursor.number(1, "the transcript")
    if byte not in TRANSCRIPT_BYTES:
        raise Malformed(where, f"transcript {byte}; expected 1 (blake2b) or 2 (evm)")
    return TRANSCRIPT_BYTES[byte]


def _count(cursor: Cursor, size: int, each: int, what: str) -> int:
    """A number of items that the rest of the payload has room for."""
    where = cursor.where
    count = cursor.number(size, f"the number of {what}")
    if count * each > cursor.left:
        raise Malformed(where, f"{count} {what} take {count * each} bytes, and {cursor.left} are left")
    return count


def _scalars(cursor: Cursor, count: int) -> list[int]:
    scalars = []
    for _ in range(count):
        where = cursor.where
        scalars.append(encoding.scalar(cursor.take(encoding.SCALAR, "a public value"), "little", where))
    return scalars


def _points(cursor: Cursor, what: str) -> list[G1Point]:
    points = []
    for _ in range(_count(cursor, 4, encoding.POINT, what)):
        where = cursor.where
        points.append(encoding.raw_point(cursor.take(encoding.POINT, what), where))
    return points


def read_proof(data: bytes) -> Proof:
    """A proof in either form: a container, or JSON."""
    if data[:1000].lstrip(b" \t\r\n")[:1] == b"{":
        return _json_proof(data)
    cursor = container.payload(data, PROOF)
    model, key = cursor.take(32, "the model digest"), cursor.take(32, "the key digest")
    transcript = _transcript(cursor)
    values = _scalars(cursor, _count(cursor, 8, encoding.SCALAR, "public values"))
    length = _count(cursor, 8, 1, "bytes of the proof")
    start = cursor.place(cursor.at)
    proof = cursor.take(length, "the proof")
    cursor.end()
    return Proof(model, key, transcript, values, proof, lambda offset: start + offset)  # type: ignore[operator]


def _json_proof(data: bytes) -> Proof:
    keys = ("format", "version", "model", "key", "transcript", "public_values", "proof")
    name, version, model, key, transcript, values, proof = parse(data).fields(*keys)
    name.one_of(["zkml proof"])
    version.integer(1, 1)
    digits = proof.text(len(data))
    return Proof(
        unhex(model, 32, any_case=True),
        unhex(key, 32, any_case=True),
        transcript.one_of(list(TRANSCRIPTS)),
        values.each(0, MAX_PUBLIC_VALUES, lambda value: number(value, any_case=True)),
        unhex(proof, len(digits) // 2, any_case=True),
        lambda offset: f"$.proof, byte {offset}",
    )


@dataclass(frozen=True)
class Commitment:
    """A model commitment."""

    model_digest: bytes
    key_digest: bytes
    points: list[G1Point]
    digest: bytes


def read_commitment(data: bytes) -> Commitment:
    """Reads a `.commitment` file; its digest is that of section 2.3."""
    cursor = container.payload(data, COMMITMENT)
    model, key = cursor.take(32, "the model digest"), cursor.take(32, "the key digest")
    points = _points(cursor, "points")
    cursor.end()
    return Commitment(model, key, points, digest(b"zkml-weights", cursor.data))


@dataclass(frozen=True)
class Key:
    """What a verifying key says in plain bytes; its constraint system is in the protocol alone."""

    model_digest: bytes
    s_g2: G2Point
    transcript: str
    fixed_commitments: list[G1Point]
    permutation_commitments: list[G1Point]
    digest: bytes


def read_key(data: bytes) -> Key:
    """Reads a `.vk` file, all but the descriptions of shape and tensors: section 2.2."""
    cursor = container.payload(data, KEY)
    model = cursor.take(32, "the model digest")
    where = cursor.where
    s_g2 = encoding.raw_g2_point(cursor.take(encoding.RAW_G2, "the point of the SRS"), where)
    if s_g2 == G2:
        raise Malformed(where, "the generator of G2: the SRS would have the secret 1")
    transcript = _transcript(cursor)
    for what in ("bytes of the shape", "bytes of the public tensors"):
        cursor.take(_count(cursor, 8, 1, what), what)
    fixed = _points(cursor, "commitments to fixed columns")
    permutation = _points(cursor, "commitments to the permutation's columns")
    cursor.end()
    return Key(model, s_g2, transcript, fixed, permutation, digest(b"zkml-key", cursor.data))


def check_key(protocol: Protocol, key: Key) -> None:
    """Whether a protocol has the points and digests of a key file. Its constraint system cannot be compared."""
    pairs = (
        ("key digest", protocol.key_digest, key.digest),
        ("model digest", protocol.model_digest, key.model_digest),
        ("point of the SRS", protocol.s_g2, key.s_g2),
        ("transcript", protocol.transcript, key.transcript),
        ("commitments to fixed columns", protocol.fixed_commitments, key.fixed_commitments),
        ("commitments to the permutation's columns", protocol.permutation_commitments, key.permutation_commitments),
    )
    for what, of_protocol, of_key in pairs:
        if of_protocol != of_key:
            raise Malformed("$", f"the protocol is not that of the key: another {what}")
