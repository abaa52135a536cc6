"""The files of the worked example, docs/proof-format.md, section 11."""

from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
KEY, PROOF, COMMITMENT = (
    (FIXTURES / "golden" / name).read_bytes() for name in ("key.vk", "proof.zkproof", "model.commitment")
)
KEY_DIGEST = "f81ce26c7ab0907ba04defccaa4db76bad563d9738ccefb5a62472e3d61cf629"
MODEL_DIGEST = "6c1e31493cd1360039e35baad82e858ada8b13105696cfbbfed0c1d61106a86b"
COMMITMENT_DIGEST = "e1a3b798f90db7308b64f8630df82bc932e880da858ca74e2359188d2cc4e67d"
