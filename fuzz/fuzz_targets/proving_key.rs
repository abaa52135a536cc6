//! Proving keys. The checksum is made right, so that the parser behind it is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::ProvingKey;
use zkml::advanced::{ArtifactKind, seal};

fuzz_target!(|payload: &[u8]| {
    let _ = ProvingKey::from_bytes(&seal(ArtifactKind::ProvingKey, payload));
});
