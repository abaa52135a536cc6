import json
import tempfile
import unittest
from pathlib import Path

from zkml_spec.container import HEADER, blake2b, read_file
from zkml_spec.errors import Malformed
from zkml_spec.field import R
from zkml_spec.files import read_commitment, read_key, read_proof

from . import golden


def sealed(data: bytes) -> bytes:
    """A changed container with the length and the checksum that it then needs."""
    payload = data[HEADER:-32]
    head = data[:8] + len(payload).to_bytes(8, "little")
    return head + payload + blake2b(b"zkml-container", head + payload, 32)


def spliced(data: bytes, offset: int, new: bytes, old: int) -> bytes:
    """`old` bytes at an offset are replaced, and the container is sealed again."""
    return sealed(data[:offset] + new + data[offset + old :])


class WorkedExample(unittest.TestCase):
    def test_key(self) -> None:
        key = read_key(golden.KEY)
        self.assertEqual(key.digest.hex(), golden.KEY_DIGEST)
        self.assertEqual(key.model_digest.hex(), golden.MODEL_DIGEST)
        self.assertEqual(key.transcript, "blake2b")
        self.assertEqual(len(key.fixed_commitments), 26)
        self.assertEqual(len(key.permutation_commitments), 6)
        self.assertEqual(key.s_g2[0][0], 0x2E6E2A75A11012201E95BF05FB155D56145AA3457E2A65BDB288BDC729411F06)

    def test_proof(self) -> None:
        proof = read_proof(golden.PROOF)
        self.assertEqual(proof.key_digest.hex(), golden.KEY_DIGEST)
        self.assertEqual(proof.model_digest.hex(), golden.MODEL_DIGEST)
        self.assertEqual(proof.transcript, "blake2b")
        self.assertEqual(len(proof.public_values), 12)
        self.assertEqual(proof.public_values[:3], [24, 40, 0])
        self.assertEqual(len(proof.proof), 3104)
        self.assertEqual(proof.cursor().where, 481)
        first = "f7f442cb267d83aca1d50bcfa06bb6eda762396fb9164460965e5826ad284962"
        self.assertEqual(proof.proof[:32].hex(), first)

    def test_commitment(self) -> None:
        commitment = read_commitment(golden.COMMITMENT)
        self.assertEqual(len(commitment.points), 6)
        self.assertEqual(commitment.digest.hex(), golden.COMMITMENT_DIGEST)
        self.assertEqual(commitment.key_digest.hex(), golden.KEY_DIGEST)

    def test_json_form_of_a_proof(self) -> None:
        binary = read_proof(golden.PROOF)
        value = {
            "format": "zkml proof",
            "version": 1,
            "model": golden.MODEL_DIGEST,
            "key": golden.KEY_DIGEST,
            "transcript": "blake2b",
            "public_values": [f"0x{v:064x}" for v in binary.public_values],
            "proof": binary.proof.hex(),
        }
        read = read_proof(b" \n" + json.dumps(value).encode())
        self.assertEqual(read.public_values, binary.public_values)
        self.assertEqual(read.proof, binary.proof)
        upper = read_proof(json.dumps({**value, "proof": value["proof"].upper()}).encode())
        self.assertEqual(upper.proof, binary.proof)
        for key, wrong in (
            ("version", 2),
            ("model", golden.MODEL_DIGEST[2:]),
            ("transcript", "poseidon"),
            ("public_values", [f"0x{R:064x}"]),
            ("proof", "0"),
            ("more", 1),
        ):
            with self.subTest(key), self.assertRaises(Malformed):
                read_proof(json.dumps({**value, key: wrong}).encode())


class Refusals(unittest.TestCase):
    def refused(self, read, data: bytes, where: object, reason: str) -> None:
        with self.assertRaises(Malformed) as caught:
            read(data)
        self.assertEqual((caught.exception.where, reason in caught.exception.reason), (where, True), caught.exception)

    def test_every_truncation(self) -> None:
        for read, data in ((read_proof, golden.PROOF), (read_key, golden.KEY), (read_commitment, golden.COMMITMENT)):
            for length in range(0, len(data), 37):
                with self.subTest(length), self.assertRaises(Malformed):
                    read(data[:length])

    def test_headers(self) -> None:
        data = golden.PROOF
        self.refused(read_proof, b"ZKMM" + data[4:], 0, "ZKML")
        self.refused(read_proof, golden.KEY, 4, "kind 3")
        self.refused(read_proof, data[:5] + b"\1" + data[6:], 5, "not 0")
        self.refused(read_proof, data[:6] + b"\2\0" + data[8:], 6, "version 2")
        self.refused(read_proof, data[:8] + b"\xff" * 8 + data[16:], 8, "at most")
        self.refused(read_proof, data + b"\0", len(data), "after the end")
        self.refused(read_proof, data[:-1] + bytes([data[-1] ^ 1]), len(data) - 32, "checksum")
        self.refused(read_proof, data[:500] + bytes([data[500] ^ 1]) + data[501:], len(data) - 32, "checksum")

    def test_payload_of_a_proof(self) -> None:
        data = golden.PROOF
        self.refused(read_proof, spliced(data, 80, b"\3", 1), 80, "transcript 3")
        self.refused(read_proof, spliced(data, 81, b"\xff" * 8, 8), 81, "left")
        self.refused(read_proof, spliced(data, 89, R.to_bytes(32, "little"), 32), 89, "not below the order")
        self.refused(read_proof, spliced(data, 473, (3105).to_bytes(8, "little"), 8), 473, "left")
        self.refused(read_proof, spliced(data, 473, (3103).to_bytes(8, "little"), 8), 3584, "after the end")

    def test_payload_of_a_key(self) -> None:
        data = golden.KEY
        self.refused(read_key, spliced(data, 48, bytes(128), 128), 48, "G2")
        self.refused(read_key, spliced(data, 177, b"\xff" * 8, 8), 177, "left")
        self.refused(read_key, spliced(data, 634, b"\xff" * 4, 4), 634, "left")
        self.refused(read_key, spliced(data, 638, bytes(64), 64), 638, "curve")

    def test_payload_of_a_commitment(self) -> None:
        data = golden.COMMITMENT
        self.refused(read_commitment, spliced(data, 80, b"\7\0\0\0", 4), 80, "left")
        self.refused(read_commitment, spliced(data, 80, b"\5\0\0\0", 4), 404, "after the end")
        self.refused(read_commitment, spliced(data, 84, bytes(64), 64), 84, "curve")

    def test_files_that_cannot_be_read(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            for read in (path, Path(folder)):
                with self.assertRaises(Malformed):
                    read_file(str(read), 10)
            path.write_bytes(bytes(11))
            with self.assertRaises(Malformed):
                read_file(str(path), 10)
            self.assertEqual(read_file(str(path), 11), bytes(11))


if __name__ == "__main__":
    unittest.main()
