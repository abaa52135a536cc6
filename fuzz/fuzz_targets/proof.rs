//! Proofs, binary and JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::Proof;

fuzz_target!(|bytes: &[u8]| {
    let _ = Proof::from_bytes(bytes);
    if let Some(proof) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Proof::from_json(text).ok())
    {
        // What was read can be written and read again.
        assert_eq!(Proof::from_bytes(&proof.to_bytes()).unwrap(), proof);
    }
});
