//! `zkml open`.

use super::load_model;
use super::verify::{Outcome, VerifyArgs, verify};
use crate::config::{load_salts, standing};
use crate::input::InputArgs;
use crate::output::{Session, Verdict, describe_claim, hashed_name};
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use zkml::{Claim, Element};

/// Verify a proof and show that its commitments are to the tensors of this run.
///
/// For the owner of hashed tensors: needs their salts, the model and the input. Exit code 1 if the proof is
/// invalid or a commitment is to other values.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  zkml open --vk model.vk model.zkproof --salts model.salts --model model.zkml --input sample.json"
)]
pub struct OpenArgs {
    /// The proof and its key.
    #[command(flatten)]
    pub verify: VerifyArgs,
    /// The salts that `zkml prove` wrote
    #[arg(long, value_name = "FILE")]
    pub salts: PathBuf,
    /// The compiled model
    #[arg(long, value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
}

#[derive(Serialize)]
struct Opened<'a> {
    /// Whether the proof is.
    valid: bool,
    /// Whether all commitments open to the values.
    opens: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    commitments: Vec<OpenedOne>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a Claim>,
}

#[derive(Serialize)]
struct OpenedOne {
    tensor: String,
    commitment: Element,
    opens: bool,
}

/// Verifies a proof and opens its commitments.
pub fn run(args: OpenArgs, session: &Session) -> Result<Verdict> {
    let claim = match verify(&args.verify)? {
        Outcome::Valid(claim, _) => *claim,
        Outcome::Invalid(reason) => {
            let answer = Opened {
                valid: false,
                opens: false,
                reason: Some(reason.clone()),
                commitments: Vec::new(),
                claim: None,
            };
            session.result(&answer, || format!("The proof is INVALID: {reason}."))?;
            return Ok(Verdict::InvalidProof);
        }
    };
    let openings = load_salts(&args.salts)?;
    let model = load_model(&args.model, session)?;
    let inputs = args.input.tensors(&model)?;
    let mut commitments = Vec::with_capacity(claim.commitments.len());
    for commitment in &claim.commitments {
        let opening = openings.iter().find(|o| o.tensor == commitment.tensor);
        let opens = match opening {
            Some(opening) if opening.commitment == commitment.value => {
                let values = model.hashed_values(&commitment.tensor, &inputs)?;
                let values: Vec<&[i64]> = values.iter().map(Vec::as_slice).collect();
                opening.opens_to(&values)?
            }
            _ => false,
        };
        commitments.push(OpenedOne {
            tensor: hashed_name(&commitment.tensor),
            commitment: commitment.value,
            opens,
        });
    }
    let all = commitments.iter().all(|c| c.opens);
    let answer = Opened {
        valid: true,
        opens: all,
        reason: None,
        commitments,
        claim: Some(&claim),
    };
    session.result(&answer, || {
        let mut text = format!(
            "The proof is valid.\n{}",
            describe_claim(&claim, standing(claim.srs))
        );
        for c in &answer.commitments {
            let verdict = match c.opens {
                true => "opens to this run's values",
                false => "does NOT open to this run's values",
            };
            text.push_str(&format!("\nThe commitment to the {} {verdict}.", c.tensor));
        }
        text
    })?;
    Ok(if all { Verdict::Good } else { Verdict::InvalidProof })
}
