//! What runs a model and proves it: the part that a service does not know.

use crate::{Binding, Error, OpenRequest, Outcome, SignedManifest};
use zkml::Progress;

/// A model that answers requests.
pub trait Engine: Send + Sync {
    /// The model's manifest.
    fn manifest(&self) -> &SignedManifest;

    /// Runs the model and proves that it did, bound to the request. What is wrong with the input is
    /// a [`Outcome::Refusal`]: trying again would not help. Everything that depends on the model's weights is
    /// [`Refusal::Model`](crate::Refusal::Model).
    ///
    /// # Errors
    /// Whatever may go better another time, and depends neither on the input nor on the weights. Its code is logged.
    fn answer(&self, binding: &Binding, request: &OpenRequest, progress: &Progress)
    -> Result<Outcome, Error>;
}
