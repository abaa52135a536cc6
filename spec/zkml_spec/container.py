"""Files: a header, a payload and a checksum. docs/proof-format.md, section 2."""

import hashlib
import os
from typing import Callable

from .errors import Malformed

MAGIC = b"ZKML"
HEADER = 16
CHECKSUM = 32


class Kind:
    """What a file may hold: its number, its version and the limit of its payload."""

    def __init__(self, name: str, byte: int, version: int, limit: int) -> None:
        self.name = name
        self.byte = byte
        self.version = version
        self.limit = limit


KEY = Kind("verifying key", 3, 3, 256 << 20)
PROOF = Kind("proof", 4, 1, 64 << 20)
COMMITMENT = Kind("model commitment", 6, 1, 1 << 20)


def blake2b(person: bytes, data: bytes, size: int) -> bytes:
    """`Blake2b-N[p]`, with an output of `size` bytes."""
    return hashlib.blake2b(data, digest_size=size, person=person).digest()


def digest(person: bytes, payload: bytes) -> bytes:
    """The digest of a payload, which its length precedes."""
    return blake2b(person, len(payload).to_bytes(8, "little") + payload, 32)


class Cursor:
    """Bytes that are read from the front, with the place of each for errors."""

    def __init__(self, data: bytes, place: Callable[[int], object] = lambda offset: offset) -> None:
        self.data = data
        self.at = 0
        self.place = place

    @property
    def where(self) -> object:
        """The place of the next byte."""
        return self.place(self.at)

    @property
    def left(self) -> int:
        """The number of bytes that are left."""
        return len(self.data) - self.at

    def take(self, size: int, what: str) -> bytes:
        """The next bytes; `what` names them for the error if there are fewer."""
        if size > self.left:
            raise Malformed(self.where, f"{what} takes {size} bytes, and {self.left} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int, what: str) -> int:
        """A little-endian number of so many bytes."""
        return int.from_bytes(self.take(size, what), "little")

    def end(self) -> None:
        """Refuses bytes that are left."""
        if self.left:
            raise Malformed(self.where, f"{self.left} bytes after the end")


def read_file(path: str, limit: int) -> bytes:
    """The content of a file that is not longer than the limit: a longer one is refused unread."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            # A pipe has no size: one byte beyond the limit tells that there are more.
            data = file.read(limit + 1) if size <= limit else b""
    except OSError as error:
        raise Malformed(path, error.strerror or "cannot be read") from None
    size = max(size, len(data))
    if size > limit:
        raise Malformed(path, f"{size} bytes or more; at most {limit} are read")
    return data


def payload(data: bytes, kind: Kind) -> Cursor:
    """The payload of a container of that kind. Places are offsets in the file."""
    cursor = Cursor(data)
    if cursor.take(4, "the magic") != MAGIC:
        raise Malformed(0, "not a file of zkml: expected the bytes ZKML")
    byte = cursor.number(1, "the kind")
    if byte != kind.byte:
        raise Malformed(4, f"a file of kind {byte}; expected {kind.byte}, a {kind.name}")
    if cursor.number(1, "the byte after the kind"):
        raise Malformed(5, "the byte after the kind is not 0")
    version = cursor.number(2, "the version")
    if version != kind.version:
        raise Malformed(6, f"version {version} of a {kind.name}; expected {kind.version}")
    length = cursor.number(8, "the length")
    if length > kind.limit:
        raise Malformed(8, f"a payload of {length} bytes; a {kind.name} has at most {kind.limit}")
    content = cursor.take(length, "the payload")
    checksum = cursor.take(CHECKSUM, "the checksum")
    cursor.end()
    if checksum != blake2b(b"zkml-container", data[: HEADER + length], 32):
        raise Malformed(HEADER + length, "the checksum does not match: the file is damaged")
    return Cursor(content, lambda offset: HEADER + offset)
