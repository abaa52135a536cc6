//! A user's own prover: the data never leave the machine.

use super::engine::Failure;
use crate::{Asked, CheckedAnswer, Engine, Error, OpenRequest, PendingRequest, ProvingEngine, unix_now};
use zkml::{Progress, Proof};

/// Runs a model on one's own input and proves it, bound to a fresh request as an answer from a
/// provider would be, and checked in the same way. Nothing is sent anywhere.
///
/// # Errors
/// [`Error::Input`] and [`Error::Zkml`] for inputs that the model does not take, with the tensor and its values:
/// a user who runs a model has its weights. Those of proving.
pub fn prove_locally(
    prover: &ProvingEngine,
    asked: Asked,
    progress: &Progress,
) -> Result<(Proof, CheckedAnswer), Error> {
    let request = PendingRequest::new(prover.manifest(), asked)?;
    let open = OpenRequest::from(&request);
    let answer = prover
        .run(&request.binding(), &open, progress)
        .map_err(|failure| match failure {
            Failure::Request(error) => error,
            Failure::Model(error) | Failure::Machine(error) => error.into(),
        })?;
    let checked = prover.published().check_answer(&request, &answer, unix_now())?;
    Ok((answer.proof.clone(), checked))
}
