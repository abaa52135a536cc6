//! A proof whose public output was changed.

use anyhow::{Context, Result};
use serde_json::Value;
use zkml::Proof;

/// The proof with its first public value replaced by another number.
pub fn change_output(proof: &Proof) -> Result<Proof> {
    let mut json: Value = serde_json::from_str(&proof.to_json()?)?;
    let value = json
        .get_mut("public_values")
        .and_then(|values| values.get_mut(0))
        .context("expected a public value in the proof, found none")?;
    let number = |n: u8| Value::from(format!("0x{n:064x}"));
    *value = if *value == number(1) { number(2) } else { number(1) };
    Ok(Proof::from_json(&json.to_string())?)
}
