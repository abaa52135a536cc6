"""Why a verification ends without the verdict "valid"."""

from contextlib import contextmanager
from typing import Iterator, Optional


class Malformed(Exception):
    """An input that is not in the format: truncated, oversized, not canonical, or out of bounds.

    `where` is a byte offset in a binary file or the path of a value in a JSON file.
    """

    def __init__(self, where: object, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    @property
    def place(self) -> str:
        return f"byte {self.where}" if isinstance(self.where, int) else str(self.where)

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Invalid(Exception):
    """A well-formed proof that does not prove its claim."""

    def __init__(self, reason: str, where: Optional[str] = None) -> None:
        super().__init__(reason if where is None else f"{where}: {reason}")


@contextmanager
def within(path: str) -> Iterator[None]:
    """Adds the name of a file to the place of what is malformed in it."""
    try:
        yield
    except Malformed as error:
        raise Malformed(f"{path}, {error.place}", error.reason) from None
