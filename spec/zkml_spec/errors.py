"""Why a verification ends without the verdict "valid"."""

from typing import Optional


class Malformed(Exception):
    """An input that is not in the format: truncated, oversized, not canonical, or out of bounds.

    `where` is a byte offset in a binary file or the path of a value in a JSON file.
    """

    def __init__(self, where: object, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        place = f"byte {self.where}" if isinstance(self.where, int) else str(self.where)
        return f"{place}: {self.reason}"


class Invalid(Exception):
    """A well-formed proof that does not prove its claim."""

    def __init__(self, reason: str, where: Optional[str] = None) -> None:
        super().__init__(reason if where is None else f"{where}: {reason}")
