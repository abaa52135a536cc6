import hashlib
import unittest

from zkml_spec import keccak
from zkml_spec.keccak import keccak256


class Keccak(unittest.TestCase):
    def test_known_answers(self) -> None:
        # The empty string's digest is the code hash of accounts without code (EIP-1052); "abc" is from the Keccak team's vectors.
        self.assertEqual(keccak256(b"").hex(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
        self.assertEqual(keccak256(b"abc").hex(), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")
        # The first four bytes name Solidity's transfer(address,uint256).
        self.assertEqual(keccak256(b"transfer(address,uint256)")[:4].hex(), "a9059cbb")

    def test_permutation_is_that_of_sha3(self) -> None:
        # SHA3-256 differs in the padding byte alone, so the standard library checks messages of all lengths around a block.
        for length in (0, 1, 134, 135, 136, 137, 271, 272, 1000):
            data = bytes(i * 7 % 256 for i in range(length))
            padded = bytearray(data + bytes(keccak.RATE - length % keccak.RATE))
            padded[length] ^= 0x06
            padded[-1] ^= 0x80
            lanes = [0] * 25
            for start in range(0, len(padded), keccak.RATE):
                for i in range(keccak.RATE // 8):
                    lanes[i] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
                lanes = keccak.permute(lanes)
            digest = b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])
            self.assertEqual(digest, hashlib.sha3_256(data).digest())


if __name__ == "__main__":
    unittest.main()
