//! A validator's check: from the proof alone.

use super::PublishedModel;
use crate::{Binding, Error};
use serde::Serialize;
use zkml::{Claim, Proof};

/// What a valid proof says, and which request it answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validated {
    /// The request.
    pub binding: Binding,
    /// What the proof says.
    pub claim: Claim,
}

impl PublishedModel {
    /// Checks a proof without its input: it is valid, for this model under this manifest, and answers
    /// a request that is alive at `now` (seconds since 1970).
    ///
    /// Whether another proof answers the same request only those know who have seen both.
    ///
    /// # Errors
    /// [`Error::Zkml`] for an invalid proof, [`Error::WrongBinding`] for one that is bound to another
    /// manifest, [`Error::Expired`].
    pub fn validate(&self, proof: &Proof, now: u64) -> Result<Validated, Error> {
        self.judge(self.verifier.verify(proof)?, now)
    }

    /// Checks many proofs at once: they share their pairings and the processor's cores. The results
    /// are those of [`PublishedModel::validate`], one by one.
    pub fn validate_all(&self, proofs: &[Proof], now: u64) -> Vec<Result<Validated, Error>> {
        let claims = self.verifier.verify_batch(proofs);
        claims.into_iter().map(|claim| self.judge(claim?, now)).collect()
    }

    /// Whether a proof that is valid answers a request to this model that is alive.
    fn judge(&self, claim: Claim, now: u64) -> Result<Validated, Error> {
        let binding = Binding::from_elements(&claim.context)?;
        let digest = self.manifest.digest();
        if binding.model != *digest {
            return Err(Error::WrongBinding {
                what: "model",
                expected: digest.to_string(),
                found: binding.model.to_string(),
            });
        }
        if binding.expiry <= now {
            return Err(Error::Expired {
                expiry: binding.expiry,
                now,
            });
        }
        Ok(Validated { binding, claim })
    }
}
