import contextlib
import io
import json
import random
import tempfile
import unittest
from pathlib import Path
from typing import Any

from zkml_spec import protocol
from zkml_spec.__main__ import main
from zkml_spec.container import COMMITMENT, PROOF, Kind, blake2b
from zkml_spec.field import Q
from zkml_spec.files import read_commitment

from . import circuit, golden
from .prover import Prover
from .test_verify import Made

MODEL, KEY = b"\xcd" * 32, b"\xab" * 32


def container(kind: Kind, payload: bytes) -> bytes:
    head = b"ZKML" + bytes([kind.byte, 0]) + kind.version.to_bytes(2, "little") + len(payload).to_bytes(8, "little")
    return head + payload + blake2b(b"zkml-container", head + payload, 32)


def proof_file(proof: bytes, values: list[int]) -> bytes:
    public = len(values).to_bytes(8, "little") + b"".join(value.to_bytes(32, "little") for value in values)
    return container(PROOF, MODEL + KEY + b"\1" + public + len(proof).to_bytes(8, "little") + proof)


class CommandLine(unittest.TestCase):
    """The command line on a folder of a test circuit's proofs."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.made = Made("blake2b", False)

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        made = self.made
        self.write("protocol.json", json.dumps(circuit.protocol("blake2b", False)).encode())
        self.valid = proof_file(made.proof, circuit.PUBLIC_VALUES)
        self.write("valid.zkproof", self.valid)
        self.write("invalid.zkproof", proof_file(made.proof, [6, *circuit.PUBLIC_VALUES[1:]]))
        self.write("short.zkproof", proof_file(made.proof[:-1], circuit.PUBLIC_VALUES))

    def write(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def run_main(self, *arguments: str) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                code = main(arguments)
            except SystemExit as exit:
                code = exit.code if isinstance(exit.code, int) else 1
        return code, output.getvalue()

    def verify(self, *names: str, protocol: str = "protocol.json") -> tuple[int, str]:
        paths = [str(self.folder / name) for name in names]
        return self.run_main("verify", "--protocol", str(self.folder / protocol), "--proof", *paths)

    def case(self, proof: str, verdict: str, trace: Any = None) -> dict[str, Any]:
        return {
            "proof": proof,
            "commitment": None,
            "manifest": None,
            "change": None,
            "verdict": verdict,
            "reason": None if verdict == "accepted" else "a reason",
            "trace": trace,
        }

    def judge(self, *cases: Any, command: str = "judge", **changes: Any) -> tuple[int, str]:
        whole = {"format": "zkml cases", "version": 1, "about": "a test", "protocol": "protocol.json"}
        self.write("cases.json", json.dumps({**whole, "cases": list(cases), **changes}).encode())
        return self.run_main(command, str(self.folder))

    def test_exit_codes(self) -> None:
        self.assertEqual(self.verify("valid.zkproof")[0], 0)
        self.assertEqual(self.verify("invalid.zkproof")[0], 1)
        code, output = self.verify("short.zkproof")
        self.assertEqual(code, 2)
        self.assertRegex(output, r"short.zkproof: malformed: byte \d+: the second opening takes 32 bytes, and 31 are left")
        self.assertEqual(self.verify("valid.zkproof", "invalid.zkproof")[0], 1)
        self.assertEqual(self.verify("invalid.zkproof", "short.zkproof", "valid.zkproof")[0], 2)
        self.assertEqual(self.verify("nothing.zkproof")[0], 2)
        self.assertEqual(self.verify("valid.zkproof", protocol="valid.zkproof")[0], 2)
        self.assertEqual(self.run_main()[0], 2)
        self.assertEqual(self.run_main("verify", "--protocol", "a", "--proof", "b", "--manifest", "0x00")[0], 2)

    def test_agreement_and_disagreement(self) -> None:
        valid = self.case("valid.zkproof", "accepted")
        rejected = [self.case(name, "rejected") for name in ("invalid.zkproof", "short.zkproof")]
        code, output = self.judge(valid, *rejected)
        self.assertEqual((code, "3 cases, 1 accepted, 2 rejected, 0 traces, 0 disagreements" in output), (0, True), output)
        code, output = self.judge(self.case("valid.zkproof", "rejected"))
        self.assertEqual((code, "recorded as rejected, here: valid" in output), (1, True), output)
        code, output = self.judge(self.case("invalid.zkproof", "accepted"))
        self.assertEqual((code, "here: the pairing equation" in output), (1, True), output)
        code, output = self.judge(valid, *rejected, command="vectors")
        self.assertEqual((code, "known answers need" in output), (1, True), output)

    def test_traces(self) -> None:
        code, output = self.run_main(
            "verify",
            "--trace",
            "--protocol",
            str(self.folder / "protocol.json"),
            "--proof",
            str(self.folder / "valid.zkproof"),
        )
        self.assertEqual(code, 0)
        trace = json.loads(output[: output.rindex("}") + 1])
        names = trace.pop("names")
        self.assertEqual(names, ["c0", "theta", "beta", "gamma", "y", "x", "mu", "nu", "u"])
        self.assertEqual(len(trace["challenges"]), len(names))
        cases = [self.case("valid.zkproof", "accepted", trace), self.case("short.zkproof", "rejected")]
        self.assertEqual(self.judge(*cases, command="vectors")[0], 0)
        for key in trace:
            code, output = self.judge(self.case("valid.zkproof", "accepted", {**trace, key: [trace[key]]}))
            self.assertEqual((code, f"differs in '{key}'" in output), (1, True), output)
        self.assertEqual(self.judge(self.case("short.zkproof", "rejected", trace))[0], 1)

    def test_folders_that_are_malformed(self) -> None:
        valid = self.case("valid.zkproof", "accepted")
        self.assertEqual(self.judge()[0], 2)
        self.assertEqual(self.judge(valid, version=2)[0], 2)
        self.assertEqual(self.judge(valid, protocol="missing.json")[0], 2)
        for change in (
            {"proof": "missing.zkproof"},
            {"proof": "../valid.zkproof"},
            {"proof": ".."},
            {"proof": ""},
            {"proof": "a\0"},
            {"commitment": "missing.commitment"},
            {"manifest": "ab"},
            {"verdict": "maybe"},
            {"reason": "none"},
            {"trace": {}},
            {"more": 1},
        ):
            with self.subTest(change):
                self.assertEqual(self.judge({**valid, **change})[0], 2)
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertEqual(self.run_main("judge", str(empty))[0], 2)
        self.assertEqual(self.run_main("judge", str(self.folder / "nowhere"))[0], 2)

    def test_key_beside_the_protocol(self) -> None:
        self.write("key.vk", golden.KEY)
        code, output = self.judge(self.case("valid.zkproof", "accepted"))
        self.assertEqual((code, "not that of the key: another key digest" in output), (2, True), output)
        self.write("key.vk", b"ZKML")
        code, output = self.judge(self.case("valid.zkproof", "accepted"))
        self.assertEqual((code, "key.vk, byte 4: the kind takes 1 bytes" in output), (2, True), output)

    def test_samples_are_spread(self) -> None:
        cases = [self.case("invalid.zkproof" if i % 2 else "valid.zkproof", "accepted") for i in range(6)]
        self.judge(*cases)
        code, output = self.run_main("judge", str(self.folder), "--sample", "3")
        self.assertEqual((code, "3 cases, 3 accepted" in output), (0, True), output)

    def test_noise_is_refused_without_a_traceback(self) -> None:
        rng = random.Random(6)
        for round in range(60):
            data = bytearray(self.valid)
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(data))
                data[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
            self.write("noise", bytes(data) if bytes(data) != self.valid else b"")
            with self.subTest(round):
                self.assertEqual(self.verify("noise")[0], 2)
        text = (self.folder / "protocol.json").read_text()
        for round in range(60):
            at = rng.randrange(len(text))
            self.write("noise.json", (text[:at] + rng.choice('{}[],:"-0a') + text[at + 1 :]).encode())
            with self.subTest(round):
                self.assertIn(self.verify("valid.zkproof", protocol="noise.json")[0], (0, 1, 2))


class Commitments(unittest.TestCase):
    def test_commitment_from_a_file(self) -> None:
        raw = b"".join((c * (1 << 256) % Q).to_bytes(32, "little") for point in circuit.parameters() for c in point)
        commitment = container(COMMITMENT, MODEL + KEY + (2).to_bytes(4, "little") + raw)
        digest = read_commitment(commitment).digest
        of_key = json.dumps(circuit.protocol("blake2b", True)).encode()
        prover = Prover(protocol.read(of_key), circuit.SRS, circuit.witness(), circuit.statement(True, digest))
        files = {
            "protocol": of_key,
            "proof": proof_file(prover.prove(), circuit.PUBLIC_VALUES),
            "commitment": commitment,
        }
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            arguments = ["verify"]
            for name, data in files.items():
                path = Path(folder) / name
                path.write_bytes(data)
                arguments += [f"--{name}", str(path)]
            self.assertEqual(main(arguments), 0)
            self.assertEqual(main([*arguments, "--manifest", digest.hex()]), 0)
            self.assertEqual(main([*arguments, "--manifest", "00" * 32]), 1)
            self.assertEqual(main(arguments[:-2]), 1)


if __name__ == "__main__":
    unittest.main()
