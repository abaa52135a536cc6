//! What runs a model and proves it: the part that a service does not know.

use crate::{Binding, Error, OpenRequest, Outcome, SignedManifest};
use zkml::Progress;

/// A model that answers requests.
pub trait Engine: Send + Sync {
    /// The model's manifest.
    fn manifest(&self) -> &SignedManifest;

    /// Runs the model and proves that it did, bound to the request. What is wrong with the input is
    /// a [`Outcome::Refusal`]: trying again would not help.
    ///
    /// # Errors
    /// Whatever may go better another time. The message of the error is shown to whoever knows the request's
    /// id, so it must not tell anything about the input.
    fn answer(&self, binding: &Binding, request: &OpenRequest, progress: &Progress)
    -> Result<Outcome, Error>;
}
