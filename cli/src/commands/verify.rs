//! `zkml verify`.

use crate::args::VerifyArgs;
use crate::input::read_bounded;
use crate::output::{Session, Verdict, describe_claim};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::Path;
use zkml::{Claim, Error, Proof, VerifyingKey};

/// The largest proof that is read.
const LIMIT: u64 = 256 << 20;

#[derive(Serialize)]
struct Answer<'a> {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a Claim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Verifies a proof.
pub fn run(args: VerifyArgs, session: &Session) -> Result<Verdict> {
    let key = VerifyingKey::load(&args.vk)
        .with_context(|| format!("cannot use {} as a verifying key", args.vk.display()))?;
    match load(&args.proof)?.and_then(|proof| key.verify(&proof)) {
        Ok(claim) => {
            let answer = Answer {
                valid: true,
                claim: Some(&claim),
                reason: None,
            };
            session.result(&answer, || {
                format!("The proof is valid.\n{}", describe_claim(&claim))
            })?;
            Ok(Verdict::Good)
        }
        Err(Error::InvalidProof { reason }) => {
            let answer = Answer {
                valid: false,
                claim: None,
                reason: Some(reason.clone()),
            };
            session.result(&answer, || format!("The proof is INVALID: {reason}."))?;
            Ok(Verdict::InvalidProof)
        }
        Err(error) => Err(error).with_context(|| format!("no answer about {}", args.proof.display())),
    }
}

/// Reads a proof in either form; the outer error is that of the file.
fn load(path: &Path) -> Result<Result<Proof, Error>> {
    let bytes = read_bounded(path, LIMIT)?;
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(Proof::from_bytes(&bytes));
    }
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{}: expected JSON in UTF-8, found other bytes", path.display()))?;
    Ok(Proof::from_json(&text))
}
