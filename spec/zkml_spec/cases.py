"""Folders of proofs with the verdicts that another verifier gave: docs/proof-format.md, section 12."""

import os
from dataclasses import dataclass, field
from typing import Any, Optional

from . import output, protocol, verify
from .container import CHECKSUM, COMMITMENT, HEADER, KEY, PROOF, read_file
from .errors import Invalid, Malformed, within
from .files import check_key, read_commitment, read_key, read_proof
from .protocol import Protocol
from .strict import MAX_BYTES, Value, parse, unhex

MAX_CASES = 100_000
MAX_PROOF_FILE = PROOF.limit + HEADER + CHECKSUM
MAX_KEY_FILE = KEY.limit + HEADER + CHECKSUM
MAX_COMMITMENT_FILE = COMMITMENT.limit + HEADER + CHECKSUM
NAME = "cases.json"
KEY_NAME = "key.vk"
TRACE = ("instances", "challenges", "instance_evaluations", "quotient", "left", "right")


@dataclass(frozen=True)
class Case:
    """A proof with the verdict of another verifier, and what that verifier computed on the way."""

    proof: str
    commitment: Optional[str]
    manifest: Optional[bytes]
    change: Optional[str]
    accepted: bool
    trace: Optional[dict[str, Any]]


@dataclass
class Report:
    """What came of the cases of some folders."""

    accepted: int = 0
    rejected: int = 0
    traces: int = 0
    disagreements: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.accepted + self.rejected} cases, {self.accepted} accepted, {self.rejected} rejected, "
            f"{self.traces} traces, {len(self.disagreements)} disagreements"
        )

    def add(self, other: "Report") -> None:
        self.accepted += other.accepted
        self.rejected += other.rejected
        self.traces += other.traces
        self.disagreements += other.disagreements


def folders(root: str) -> list[str]:
    """The folder itself if it has cases, else those in it that do."""
    try:
        if os.path.isfile(os.path.join(root, NAME)):
            return [root]
        inner = [os.path.join(root, name) for name in sorted(os.listdir(root))]
    except OSError as error:
        raise Malformed(root, error.strerror or "cannot be read") from None
    found = [path for path in inner if os.path.isfile(os.path.join(path, NAME))]
    if not found:
        raise Malformed(root, f"there is no {NAME} in the folder, nor in one of its folders")
    return found


def _file_name(value: Value) -> str:
    name = value.text()
    if not name or name != os.path.basename(name) or name in (os.curdir, os.pardir) or "\0" in name:
        value.refuse("expected the name of a file in the same folder")
    return name


def _optional(value: Value, read: Any) -> Any:
    return None if value.raw is None else read(value)


def _trace(value: Value) -> dict[str, Any]:
    return {key: field.raw for key, field in zip(TRACE, value.fields(*TRACE))}


def _case(value: Value) -> Case:
    keys = ("proof", "commitment", "manifest", "change", "verdict", "reason", "trace")
    proof, commitment, manifest, change, verdict, reason, trace = value.fields(*keys)
    accepted = verdict.one_of(["accepted", "rejected"]) == "accepted"
    if (reason.raw is None) != accepted:
        reason.refuse("expected a reason for each rejected proof, and for no other")
    _optional(reason, lambda item: item.text(10_000))
    return Case(
        _file_name(proof),
        _optional(commitment, _file_name),
        _optional(manifest, lambda item: unhex(item, 32)),
        _optional(change, lambda item: item.text(10_000)),
        accepted,
        _optional(trace, _trace),
    )


def read_protocol(path: str, key: Optional[str]) -> Protocol:
    """A protocol, compared with a key file if there is one."""
    data = read_file(path, MAX_BYTES)
    with within(path):
        read = protocol.read(data)
    if key is not None:
        data = read_file(key, MAX_KEY_FILE)
        with within(key):
            of_key = read_key(data)
        with within(path):
            check_key(read, of_key)
    return read


def read(folder: str) -> tuple[Protocol, list[Case]]:
    """The protocol and the cases of a folder."""
    path = os.path.join(folder, NAME)
    data = read_file(path, MAX_BYTES)
    with within(path):
        name, version, about, of_key, cases = parse(data).fields("format", "version", "about", "protocol", "cases")
        name.one_of(["zkml cases"])
        version.integer(1, 1)
        about.text(10_000)
        chosen = cases.each(1, MAX_CASES, _case)
        protocol_name = _file_name(of_key)
    key = os.path.join(folder, KEY_NAME)
    return read_protocol(os.path.join(folder, protocol_name), key if os.path.exists(key) else None), chosen


def _file(folder: str, name: str, limit: int) -> bytes:
    """A file of a case. One that is missing is no rejected proof, but an error of the folder."""
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        raise Malformed(os.path.join(folder, NAME), f"the file {name!r} is missing")
    return read_file(path, limit)


def judge(folder: str, of_key: Protocol, case: Case) -> tuple[bool, str, Optional[dict[str, Any]]]:
    """The verdict of this verifier, why, and its trace if the proof could be read."""
    data = _file(folder, case.proof, MAX_PROOF_FILE)
    committed = None if case.commitment is None else _file(folder, case.commitment, MAX_COMMITMENT_FILE)
    try:
        commitment = None if committed is None else read_commitment(committed)
        computed = verify.trace(of_key, read_proof(data), commitment, case.manifest)
    except (Malformed, Invalid) as error:
        return False, str(error), None
    valid = verify.holds(of_key, computed)
    return valid, "valid" if valid else "the pairing equation does not hold", output.trace(computed)


def sample(cases: list[Case], most: Optional[int]) -> list[Case]:
    """At most so many cases, evenly spread over all of them."""
    if most is None or most >= len(cases):
        return cases
    return [cases[i * len(cases) // most] for i in range(most)]


def compare(folder: str, most: Optional[int] = None) -> Report:
    """Judges the cases of a folder, and notes each verdict and trace that differs."""
    report = Report()
    of_key, cases = read(folder)
    for case in sample(cases, most):
        accepted, reason, computed = judge(folder, of_key, case)
        if accepted:
            report.accepted += 1
        else:
            report.rejected += 1
        name = os.path.join(folder, case.proof)
        if accepted != case.accepted:
            recorded = "accepted" if case.accepted else "rejected"
            report.disagreements.append(f"{name} ({case.change or 'unchanged'}): recorded as {recorded}, here: {reason}")
        if case.trace is not None:
            report.traces += 1
            report.disagreements += [
                f"{name}: the trace differs in {key!r}"
                for key in TRACE
                if computed is None or computed[key] != case.trace[key]
            ]
    return report
