//! ONNX files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zkml::{ImportOptions, Model};

fuzz_target!(|bytes: &[u8]| {
    let _ = Model::from_onnx(bytes, &ImportOptions::default());
});
