//! Manifests, sealed requests and sealed answers in JSON, as they come over the network.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml_network::{SealedAnswer, SealedRequest, SignedManifest};

fuzz_target!(|bytes: &[u8]| {
    let _ = SignedManifest::from_json(bytes);
    if let Ok(request) = SealedRequest::from_json(bytes) {
        // What is read is written in one form.
        let again = SealedRequest::from_json(&request.to_json().unwrap()).unwrap();
        assert_eq!(request, again);
    }
    let _ = SealedAnswer::from_json(bytes);
});
