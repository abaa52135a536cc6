//! Model commitments. The checksum is made right, so that the parser behind it is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::advanced::{ArtifactKind, seal};
use zkml::commitments::ModelCommitment;

fuzz_target!(|payload: &[u8]| {
    let _ = ModelCommitment::from_bytes(&seal(ArtifactKind::ModelCommitment, payload));
});
