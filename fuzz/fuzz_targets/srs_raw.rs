//! halo2's raw parameters, and zkml's own SRS files with the checksum made right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::{Progress, Srs};
use zkml::advanced::{ArtifactKind, seal};

fuzz_target!(|bytes: &[u8]| {
    let _ = Srs::from_raw_bytes(bytes, &Progress::none());
    let _ = Srs::from_bytes(&seal(ArtifactKind::Srs, bytes));
});
