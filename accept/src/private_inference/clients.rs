//! Users.

use super::site::Offer;
use anyhow::{Result, bail};
use std::time::Duration;
use zkml::Proof;
use zkml_network::{
    CheckedAnswer, Client, Engine, Outcome, PendingRequest, PublishedModel, SealedAnswer, unix_now,
};

/// How long users go on trying.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// An answered request.
pub struct Exchange {
    /// The request.
    pub request: PendingRequest,
    /// Its answer as it was fetched.
    pub sealed: SealedAnswer,
}

/// Asks about one input and waits for the sealed answer.
pub fn exchange(client: &Client, offer: &Offer, index: usize) -> Result<Exchange> {
    let request = PendingRequest::new(offer.prover.manifest(), offer.asked_in_range(index)?)?;
    client.submit(&request)?;
    let sealed = client.wait(&request.header().request_id, PATIENCE, |_| Ok(()))?;
    Ok(Exchange { request, sealed })
}

impl Exchange {
    /// Opens and checks the answer, as its user and as a validator.
    pub fn check(&self, model: &PublishedModel) -> Result<(Proof, CheckedAnswer)> {
        let answer = match self.request.open(model.manifest(), &self.sealed)? {
            Outcome::Answer(answer) => answer,
            Outcome::Refusal(reason) => bail!("refused: {reason}"),
        };
        let now = unix_now();
        let checked = model.check_answer(&self.request, &answer, now)?;
        let validated = model.validate(&answer.proof, now)?;
        if validated != checked.public {
            bail!("the user and the validator read the proof differently");
        }
        Ok((answer.proof.clone(), checked))
    }
}
