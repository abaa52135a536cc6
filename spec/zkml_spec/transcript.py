"""The two transcripts: docs/proof-format.md, section 5."""

import hashlib
from abc import ABC, abstractmethod

from . import encoding
from .container import Cursor
from .curve import G1Point
from .field import R
from .keccak import keccak256


class Transcript(ABC):
    """Absorbs scalars and points, and gives challenges.

    `read_scalar` and `read_point` take the next part of a proof and absorb it; `scalar` and `point` absorb what is not part
    of the proof.
    """

    def __init__(self, proof: Cursor) -> None:
        self.proof = proof

    @abstractmethod
    def scalar(self, value: int) -> None: ...

    @abstractmethod
    def point(self, value: G1Point) -> None: ...

    @abstractmethod
    def challenge(self) -> int:
        """A number that depends on all that was absorbed before."""

    # What comes next in a proof, which is not absorbed yet.
    @abstractmethod
    def decode_scalar(self, what: str, where: object) -> int: ...

    @abstractmethod
    def decode_point(self, what: str, where: object) -> G1Point: ...

    def read_scalar(self, what: str) -> int:
        value = self.decode_scalar(what, self.proof.where)
        self.scalar(value)
        return value

    def read_point(self, what: str) -> G1Point:
        value = self.decode_point(what, self.proof.where)
        self.point(value)
        return value


class Blake2bTranscript(Transcript):
    """A running Blake2b-512; a challenge is taken from a copy of the state."""

    def __init__(self, proof: Cursor) -> None:
        super().__init__(proof)
        self.state = hashlib.blake2b(digest_size=64, person=b"Halo2-Transcript")

    def scalar(self, value: int) -> None:
        self.state.update(b"\x02" + value.to_bytes(32, "little"))

    def point(self, value: G1Point) -> None:
        x, y = value
        self.state.update(b"\x01" + x.to_bytes(32, "little") + y.to_bytes(32, "little"))

    def challenge(self) -> int:
        self.state.update(b"\x00")
        return int.from_bytes(self.state.copy().digest(), "little") % R

    def decode_scalar(self, what: str, where: object) -> int:
        return encoding.scalar(self.proof.take(encoding.SCALAR, what), "little", where)

    def decode_point(self, what: str, where: object) -> G1Point:
        return encoding.compressed_point(self.proof.take(encoding.COMPRESSED, what), where)


class EvmTranscript(Transcript):
    """A buffer that each challenge replaces by its Keccak-256 hash."""

    def __init__(self, proof: Cursor) -> None:
        super().__init__(proof)
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

    def decode_scalar(self, what: str, where: object) -> int:
        return encoding.scalar(self.proof.take(encoding.SCALAR, what), "big", where)

    def decode_point(self, what: str, where: object) -> G1Point:
        return encoding.big_endian_point(self.proof.take(encoding.POINT, what), where)


TRANSCRIPTS: dict[str, type[Transcript]] = {"blake2b": Blake2bTranscript, "evm": EvmTranscript}
TRANSCRIPT_BYTES = {1: "blake2b", 2: "evm"}
