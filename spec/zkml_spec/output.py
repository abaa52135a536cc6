"""Traces in the JSON form of docs/proof-format.md, section 12."""

from typing import Any, Optional

from .curve import G1Point
from .verify import Trace


def number(value: int) -> str:
    """`0x` and 64 digits."""
    return f"0x{value:064x}"


def point(value: Optional[G1Point]) -> Optional[list[str]]:
    """Both coordinates; `None` for infinity."""
    return None if value is None else [number(coordinate) for coordinate in value]


def trace(computed: Trace) -> dict[str, Any]:
    """The fields of a case's trace."""
    return {
        "instances": [[number(value) for value in column] for column in computed.instances],
        "challenges": [number(value) for _, value in computed.challenges],
        "instance_evaluations": [number(value) for value in computed.instance_values],
        "quotient": number(computed.quotient),
        "left": point(computed.left),
        "right": point(computed.right),
    }
