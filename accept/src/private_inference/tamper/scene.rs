//! What is tampered with.

use crate::private_inference::site::{Offer, Site, Subject, bound};
use crate::workshop::Workshop;
use anyhow::{Result, bail};
use zkml::{ParamVisibility, Progress};
use zkml_network::{Answer, Engine, Outcome, PendingRequest, ProviderKeys, PublishedModel, SealedAnswer};

/// Everything that the matrix is about: two models of one provider, and two requests.
pub struct Scene {
    /// The provider's folder.
    pub site: Site,
    /// The model.
    pub offer: Offer,
    /// Another model.
    pub other: Offer,
    /// A request.
    pub request: PendingRequest,
    /// Another request.
    pub second: PendingRequest,
    /// The sealed answer to the request.
    pub sealed: SealedAnswer,
    /// The answer to the request.
    pub answer: Answer,
}

impl Scene {
    /// Publishes two models and asks one.
    pub fn new(workshop: &mut Workshop, subject: Subject, other: Subject) -> Result<Self> {
        let site = Site::new()?;
        // The same architecture with the same keys, published twice: with other secrets.
        let other = Subject {
            name: "other",
            ..other
        };
        let options = bound(ParamVisibility::Committed);
        let offer = site.publish(workshop, subject, &options)?;
        let other = site.publish(workshop, other, &options)?;
        let request = PendingRequest::new(offer.prover.manifest(), offer.asked_in_range(0)?)?;
        let second = PendingRequest::new(offer.prover.manifest(), offer.asked_in_range(1)?)?;
        let (answer, sealed) = answered(&offer, &request, &site.keys)?;
        Ok(Self {
            site,
            offer,
            other,
            request,
            second,
            sealed,
            answer,
        })
    }

    /// What users and validators have.
    pub fn model(&self) -> &PublishedModel {
        self.offer.published()
    }
}

/// The answer to a request, open and sealed.
pub fn answered(
    offer: &Offer,
    request: &PendingRequest,
    keys: &ProviderKeys,
) -> Result<(Answer, SealedAnswer)> {
    let open = request.envelope().open(keys.sealing())?;
    let outcome = offer
        .prover
        .answer(&request.binding(), &open, &Progress::none())?;
    let sealed = SealedAnswer::seal(request.envelope(), &open.reply_key, keys.sealing(), &outcome)?;
    match outcome {
        Outcome::Answer(answer) => Ok((answer, sealed)),
        Outcome::Refusal(reason) => bail!("refused: {reason}"),
    }
}
