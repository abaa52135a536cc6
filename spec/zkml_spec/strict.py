"""Untrusted JSON, read field by field: every value has a type and bounds, every object exactly the keys that are known."""

import json
import re
from typing import Any, Callable, NoReturn, Sequence, TypeVar

from .errors import Malformed

MAX_BYTES = 64 << 20
"""A file beyond this size is refused unread: parsing may take thirty times its size in memory."""

T = TypeVar("T")


class Value:
    """A JSON value with its place in the file, `$.like[3].this`."""

    def __init__(self, raw: Any, path: str = "$") -> None:
        self.raw = raw
        self.path = path

    def refuse(self, reason: str) -> NoReturn:
        """Ends the reading: this value is wrong."""
        raise Malformed(self.path, reason)

    def fields(self, *keys: str) -> tuple["Value", ...]:
        """The values of an object that has exactly these keys, in the order that is asked for."""
        if not isinstance(self.raw, dict):
            self.refuse(f"expected an object, found {_kind(self.raw)}")
        unknown = sorted(set(self.raw) - set(keys))
        missing = sorted(set(keys) - set(self.raw))
        if unknown:
            self.refuse(f"unknown key {unknown[0][:40]!r}; expected {', '.join(keys)}")
        if missing:
            self.refuse(f"the key {missing[0]!r} is missing")
        return tuple(Value(self.raw[key], f"{self.path}.{key}") for key in keys)

    def items(self, least: int, most: int) -> list["Value"]:
        """The values of a list whose length is in bounds."""
        if not isinstance(self.raw, list):
            self.refuse(f"expected a list, found {_kind(self.raw)}")
        if not least <= len(self.raw) <= most:
            self.refuse(f"expected a list of {least} to {most} values, found {len(self.raw)}")
        return [Value(raw, f"{self.path}[{i}]") for i, raw in enumerate(self.raw)]

    def each(self, least: int, most: int, read: Callable[["Value"], T]) -> list[T]:
        """The values of a list, each read by a function."""
        return [read(item) for item in self.items(least, most)]

    def integer(self, least: int, most: int) -> int:
        """An integer in bounds; neither a truth value nor `1.0`."""
        if isinstance(self.raw, bool) or not isinstance(self.raw, int):
            self.refuse(f"expected an integer, found {_kind(self.raw)}")
        if not least <= self.raw <= most:
            self.refuse(f"expected an integer from {least} to {most}, found another")
        return self.raw

    def boolean(self) -> bool:
        if not isinstance(self.raw, bool):
            self.refuse(f"expected true or false, found {_kind(self.raw)}")
        return self.raw

    def text(self, most: int = 200) -> str:
        """A string of at most so many characters."""
        if not isinstance(self.raw, str):
            self.refuse(f"expected a string, found {_kind(self.raw)}")
        if len(self.raw) > most:
            self.refuse(f"expected at most {most} characters, found {len(self.raw)}")
        return self.raw

    def one_of(self, choices: Sequence[str]) -> str:
        text = self.text()
        if text not in choices:
            self.refuse(f"expected one of {', '.join(choices)}, found {text[:40]!r}")
        return text


def _kind(raw: Any) -> str:
    if raw is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", int: "an integer"}
    return names.get(type(raw), "something else")


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen = set()
        for key, _ in pairs:
            if key in seen:
                raise Malformed("$", f"the key {key[:40]!r} occurs twice in an object")
            seen.add(key)
    return result


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise Malformed("$", f"an integer of {len(digits)} digits; at most 20 are read")
    return int(digits)


def _no_fraction(digits: str) -> NoReturn:
    raise Malformed("$", f"the number {digits[:40]} is not an integer")


def parse(data: bytes) -> Value:
    """Reads a JSON document; `Malformed` if it is none, or has duplicate keys, fractions or huge numbers."""
    if len(data) > MAX_BYTES:
        raise Malformed("$", f"{len(data)} bytes; at most {MAX_BYTES} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(error.start, "not UTF-8") from None
    try:
        raw = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_int=_integer,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except json.JSONDecodeError as error:
        raise Malformed(len(text[: error.pos].encode()), f"not JSON: {error.msg}") from None
    except RecursionError:
        raise Malformed("$", "nested too deeply") from None
    return Value(raw)


LOWER_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z")
ANY_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*\Z")


def unhex(value: Value, length: int, any_case: bool = False) -> bytes:
    """A string of exactly `2 length` hexadecimal digits; lower-case ones alone but where any case is asked for."""
    text = value.text(2 * length)
    if len(text) != 2 * length or not (ANY_HEX if any_case else LOWER_HEX).match(text):
        value.refuse(f"expected {2 * length}{'' if any_case else ' lower-case'} hexadecimal digits")
    return bytes.fromhex(text)
