"""The link of a proof to committed parameters: docs/proof-format.md, section 9."""

from dataclasses import dataclass
from typing import Optional

from .curve import G1Point, g1_msm
from .errors import Invalid
from .field import R
from .files import Commitment
from .protocol import Protocol
from .transcript import Transcript


@dataclass(frozen=True)
class Statement:
    """What a proof is linked to: the points `M_i`, under a manifest."""

    tag: int
    manifest: bytes
    points: list[G1Point]

    def absorb(self, transcript: Transcript) -> None:
        """What a transcript takes after `y` and before `eta`."""
        transcript.scalar(self.tag)
        transcript.scalar(int.from_bytes(self.manifest[:16], "big"))
        transcript.scalar(int.from_bytes(self.manifest[16:], "big"))
        transcript.scalar(len(self.points))
        for point in self.points:
            transcript.point(point)

    def difference(self, columns: list[G1Point], eta: int) -> Optional[G1Point]:
        """`D = sum_i eta^i (C_i - M_i)`."""
        powers = [pow(eta, i, R) for i in range(len(self.points))]
        return g1_msm([*columns, *self.points], [*powers, *(-power for power in powers)])


def statement(
    protocol: Protocol, commitment: Optional[Commitment], manifest: Optional[bytes]
) -> Optional[Statement]:
    """What the key's proofs are linked to; `None` for a key without a link. The manifest is the commitment's by default."""
    if protocol.link is None:
        if commitment is not None or manifest is not None:
            raise Invalid("the key has no link to committed parameters, and a commitment or a manifest is given")
        return None
    if commitment is None:
        raise Invalid("the key's proofs are linked to committed parameters, and no commitment is given")
    if commitment.key_digest != protocol.key_digest:
        raise Invalid("the model commitment is one for another key")
    if commitment.model_digest != protocol.model_digest:
        raise Invalid("the model commitment is one for another model")
    if len(commitment.points) != protocol.link.columns:
        raise Invalid(f"the commitment has {len(commitment.points)} points, and the key {protocol.link.columns}")
    return Statement(protocol.link.tag, commitment.digest if manifest is None else manifest, commitment.points)
