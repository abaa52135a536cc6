//! Verifies a proof with a verifying key, and nothing else: no model, no SRS, no proving code.
//!
//! ```sh
//! cargo run --release --no-default-features --example verify_only -- KEY.vk PROOF.zkproof
//! ```
//!
//! The example `prove_mlp` makes both files.

use std::path::Path;
use std::process::ExitCode;
use zkml::{Error, Proof, Verifier, VerifyingKey};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, proof] = &arguments[..] else {
        eprintln!("usage: verify_only KEY.vk PROOF.zkproof");
        return ExitCode::from(2);
    };
    match verify(Path::new(key), Path::new(proof)) {
        Ok(()) => ExitCode::SUCCESS,
        // The answer "no" is one thing, no answer is another.
        Err(error) if error.is_invalid_proof() => {
            println!("{error}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn verify(key: &Path, proof: &Path) -> Result<(), Error> {
    // The key must come from someone whom the verifier trusts, or have been checked (`zkml key check`).
    let key = VerifyingKey::load(key)?;
    let claim = Verifier::new(key)?.verify(&Proof::load(proof)?)?;
    println!("valid, for the key {}", claim.key_digest);
    if !claim.srs_standing.is_trusted() {
        println!("but the SRS {} is {}", claim.srs, claim.srs_standing);
    }
    for tensor in &claim.tensors {
        println!("{} {:?} = {:?}", tensor.name, tensor.shape, tensor.values);
        if let Some(label) = tensor.label() {
            println!("that is: {label}");
        }
    }
    Ok(())
}
