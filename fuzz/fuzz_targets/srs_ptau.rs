//! `.ptau` files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::{Progress, Srs};

fuzz_target!(|bytes: &[u8]| {
    let _ = Srs::from_ptau_bytes(bytes, Some(3), &Progress::none());
});
