"""The two transcripts: docs/proof-format.md, section 5.

A transcript absorbs scalars and points and gives challenges. `read_scalar` and `read_point` take the next part of a proof
and absorb it; `scalar` and `point` absorb what is not part of the proof.
"""

import hashlib
from typing import Union

from . import encoding
from .container import Cursor
from .curve import G1Point
from .field import R
from .keccak import keccak256


class Blake2bTranscript:
    """A running Blake2b-512; a challenge is taken from a copy of the state."""

    def __init__(self, proof: Cursor) -> None:
        self.proof = proof
        self.state = hashlib.blake2b(digest_size=64, person=b"Halo2-Transcript")

    def scalar(self, value: int) -> None:
        self.state.update(b"\x02" + value.to_bytes(32, "little"))

    def point(self, value: G1Point) -> None:
        x, y = value
        self.state.update(b"\x01" + x.to_bytes(32, "little") + y.to_bytes(32, "little"))

    def challenge(self) -> int:
        self.state.update(b"\x00")
        return int.from_bytes(self.state.copy().digest(), "little") % R

    def read_scalar(self, what: str) -> int:
        where = self.proof.where
        value = encoding.scalar(self.proof.take(encoding.SCALAR, what), "little", where)
        self.scalar(value)
        return value

    def read_point(self, what: str) -> G1Point:
        where = self.proof.where
        value = encoding.compressed_point(self.proof.take(encoding.COMPRESSED, what), where)
        self.point(value)
        return value


class EvmTranscript:
    """A buffer that each challenge replaces by its Keccak-256 hash."""

    def __init__(self, proof: Cursor) -> None:
        self.proof = proof
        self.buffer = bytearray()

    def scalar(self, value: int) -> None:
        self.buffer += value.to_bytes(32, "big")

    def point(self, value: G1Point) -> None:
        x, y = value
        self.buffer += x.to_bytes(32, "big") + y.to_bytes(32, "big")

    def challenge(self) -> int:
        if len(self.buffer) == 32:
            self.buffer.append(1)
        hashed = keccak256(bytes(self.buffer))
        self.buffer = bytearray(hashed)
        return int.from_bytes(hashed, "big") % R

    def read_scalar(self, what: str) -> int:
        where = self.proof.where
        value = encoding.scalar(self.proof.take(encoding.SCALAR, what), "big", where)
        self.scalar(value)
        return value

    def read_point(self, what: str) -> G1Point:
        where = self.proof.where
        value = encoding.big_endian_point(self.proof.take(encoding.POINT, what), where)
        self.point(value)
        return value


Transcript = Union[Blake2bTranscript, EvmTranscript]

TRANSCRIPTS: dict[str, type[Transcript]] = {"blake2b": Blake2bTranscript, "evm": EvmTranscript}
TRANSCRIPT_BYTES = {1: "blake2b", 2: "evm"}
