"""The command line: `python3 -m zkml_spec --help`."""

import argparse
import json
import sys
from typing import Optional, Sequence

from . import cases, output, verify
from .container import read_file
from .errors import Invalid, Malformed, within
from .files import Commitment, read_commitment, read_proof
from .protocol import Protocol

VALID, INVALID, MALFORMED = 0, 1, 2
EXIT_CODES = "Exit codes: 0 all proofs are valid, or all verdicts agree; 1 not so; 2 an input is malformed."


def _manifest(text: str) -> bytes:
    digest = bytes.fromhex(text) if len(text) == 64 and text.isalnum() and text.isascii() else b""
    if len(digest) != 32:
        raise argparse.ArgumentTypeError("expected 64 hexadecimal digits")
    return digest


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("expected a positive number")
    return count


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zkml_spec", description="Verifies zkml proofs by docs/proof-format.md alone.", epilog=EXIT_CODES
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = commands.add_parser("verify", help="verify proofs of one key", epilog=EXIT_CODES)
    one.add_argument("--protocol", required=True, help="what `zkml inspect --protocol KEY.vk` prints")
    one.add_argument("--proof", required=True, nargs="+", help="proof files, in binary or JSON form")
    one.add_argument("--commitment", help="the model commitment, for keys with a link")
    one.add_argument("--manifest", type=_manifest, help="digest of the manifest [default: the commitment's]")
    one.add_argument("--vk", help="the key file: check that the protocol has its points and digests")
    one.add_argument("--trace", action="store_true", help="print challenges and pairing inputs as JSON")

    for name, about in (
        ("vectors", "check known answers: each folder needs accepted and rejected cases, and traces"),
        ("judge", "compare verdicts with those that are recorded in a folder"),
    ):
        many = commands.add_parser(name, help=about, description=about, epilog=EXIT_CODES)
        many.add_argument("folder", help="a folder with cases.json, or one of such folders")
        many.add_argument("--sample", type=_count, metavar="N", help="judge N cases of each folder, evenly spread")
    return parser


def _commitment(path: Optional[str]) -> Optional[Commitment]:
    if path is None:
        return None
    data = read_file(path, cases.MAX_COMMITMENT_FILE)
    with within(path):
        return read_commitment(data)


def _verify_one(
    path: str, of_key: Protocol, commitment: Optional[Commitment], manifest: Optional[bytes], traced: bool
) -> int:
    try:
        proof = read_proof(read_file(path, cases.MAX_PROOF_FILE))
        computed = verify.trace(of_key, proof, commitment, manifest)
    except Malformed as error:
        print(f"{path}: malformed: {error}")
        return MALFORMED
    except Invalid as error:
        print(f"{path}: invalid: {error}")
        return INVALID
    if traced:
        print(json.dumps({**output.trace(computed), "names": [name for name, _ in computed.challenges]}, indent=1))
    if not verify.holds(of_key, computed):
        print(f"{path}: invalid: the pairing equation does not hold")
        return INVALID
    print(f"{path}: valid")
    return VALID


def _verify(arguments: argparse.Namespace) -> int:
    of_key = cases.read_protocol(arguments.protocol, arguments.vk)
    commitment = _commitment(arguments.commitment)
    return max(
        _verify_one(path, of_key, commitment, arguments.manifest, arguments.trace) for path in arguments.proof
    )


def _compare(arguments: argparse.Namespace) -> int:
    total = cases.Report()
    for folder in cases.folders(arguments.folder):
        report = cases.compare(folder, arguments.sample)
        if arguments.command == "vectors" and not (report.accepted and report.rejected and report.traces):
            report.disagreements.append(f"{folder}: known answers need accepted and rejected cases, and traces")
        print(f"{folder}: {report}")
        for line in report.disagreements:
            print(f"  {line}")
        total.add(report)
    print(f"all folders: {total}")
    return INVALID if total.disagreements else VALID


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs a command line; returns the exit code."""
    arguments = _arguments().parse_args(argv)
    try:
        return _verify(arguments) if arguments.command == "verify" else _compare(arguments)
    except Malformed as error:
        print(f"malformed: {error}", file=sys.stderr)
        return MALFORMED


if __name__ == "__main__":
    sys.exit(main())
