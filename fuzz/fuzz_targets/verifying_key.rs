//! Verifying keys, and their protocols. The checksum is made right, so that the parser behind it is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::VerifyingKey;
use zkml::advanced::{ArtifactKind, seal};

fuzz_target!(|payload: &[u8]| {
    let _ = VerifyingKey::from_bytes(&seal(ArtifactKind::VerifyingKey, payload)).and_then(|key| key.protocol());
});
