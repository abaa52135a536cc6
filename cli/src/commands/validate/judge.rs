//! Verdicts on proofs.

use super::source::Found;
use crate::config::KeyChecked;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use zkml::Proof;
use zkml_network::{Error, PublishedModel, RequestId, Requester, Validated, unix_now};

/// What is said of one proof.
#[derive(Serialize)]
pub struct Verdict {
    proof: String,
    valid: bool,
    key_check: KeyChecked,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    says: Option<Validated>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their senders name proofs: a name must not look like a line of its own.
        let name = self.proof.escape_debug();
        match (&self.says, &self.reason) {
            (Some(says), _) => {
                write!(f, "valid    {name}  request {}", says.binding.request_id)?;
                if let Some(destination) = says.binding.destination {
                    write!(f, "  for {destination}")?;
                }
                let mut labels = says.claim.tensors.iter().filter_map(|tensor| tensor.label());
                labels.try_for_each(|label| write!(f, "  {label}"))
            }
            (None, reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                write!(f, "INVALID  {name}  {}", reason.escape_debug())
            }
        }
    }
}

/// Judges proofs of one model, and remembers which requests they answer.
pub struct Judge<'a> {
    model: &'a PublishedModel,
    key_check: KeyChecked,
    at: Option<u64>,
    answered: HashMap<(RequestId, Requester), String>,
    valid: usize,
    invalid: usize,
}

impl<'a> Judge<'a> {
    /// A judge of proofs at a time, or at the time when they come.
    pub fn new(model: &'a PublishedModel, key_check: KeyChecked, at: Option<u64>) -> Self {
        Self {
            model,
            key_check,
            at,
            answered: HashMap::new(),
            valid: 0,
            invalid: 0,
        }
    }

    /// Number of valid and invalid proofs.
    pub fn counts(&self) -> (usize, usize) {
        (self.valid, self.invalid)
    }

    /// Checks proofs together.
    pub fn judge(&mut self, batch: Vec<Found>) -> Vec<Verdict> {
        let (mut proofs, mut names): (Vec<Proof>, Vec<String>) = Default::default();
        let mut results: Vec<Option<Result<Validated, Error>>> = Vec::with_capacity(batch.len());
        for found in batch {
            names.push(found.name);
            results.push(match found.proof {
                Ok(proof) => {
                    proofs.push(proof);
                    None
                }
                Err(error) => Some(Err(error.into())),
            });
        }
        let now = self.at.unwrap_or_else(unix_now);
        let mut checked = self.model.validate_all(&proofs, now).into_iter();
        let verdicts = names.into_iter().zip(results);
        verdicts
            .filter_map(|(name, result)| Some((name, result.or_else(|| checked.next())?)))
            .map(|(name, result)| self.verdict(name, result))
            .collect()
    }

    fn verdict(&mut self, proof: String, result: Result<Validated, Error>) -> Verdict {
        let result = result.and_then(|says| {
            let id = says.binding.request_id;
            // Someone else's proof under the same id answers another request.
            let asked = (id, says.binding.requester);
            match self.answered.get(&asked) {
                None => {
                    self.answered.insert(asked, proof.clone());
                    Ok(says)
                }
                Some(first) => Err(Error::Replayed {
                    request_id: id.to_string(),
                    first: first.clone(),
                }),
            }
        });
        match result {
            Ok(says) => {
                self.valid += 1;
                Verdict {
                    proof,
                    valid: true,
                    key_check: self.key_check,
                    code: None,
                    reason: None,
                    says: Some(says),
                }
            }
            Err(error) => {
                self.invalid += 1;
                Verdict {
                    proof,
                    valid: false,
                    key_check: self.key_check,
                    code: Some(error.code()),
                    reason: Some(error.to_string()),
                    says: None,
                }
            }
        }
    }
}
