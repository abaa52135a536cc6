"""The files of the worked example, docs/proof-format.md, section 11."""

from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
KEY, PROOF, COMMITMENT = (
    (FIXTURES / "golden" / name).read_bytes() for name in ("key.vk", "proof.zkproof", "model.commitment")
)
KEY_DIGEST = "862560ea378bea714b3a92175c5a87c5d9dca3adc2ca7fff7a4043489777563d"
MODEL_DIGEST = "6c1e31493cd1360039e35baad82e858ada8b13105696cfbbfed0c1d61106a86b"
COMMITMENT_DIGEST = "ee938bab4982aba1f8365eecda2e33f8f6c02d661b69597a1a618f9f6a5884b9"
