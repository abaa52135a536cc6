//! A user's own prover: the data never leave the machine.

use crate::{Asked, CheckedAnswer, Engine, Error, OpenRequest, Outcome, PendingRequest, Prover, unix_now};
use zkml::{Progress, Proof};

/// Runs a model on one's own input and proves it, bound to a fresh request as an answer from a
/// provider would be, and checked in the same way. Nothing is sent anywhere.
///
/// # Errors
/// [`Error::Input`] and [`Error::Refused`] for inputs that the model does not take, and those of
/// proving.
pub fn prove_locally(
    prover: &Prover,
    asked: Asked,
    progress: &Progress,
) -> Result<(Proof, CheckedAnswer), Error> {
    let request = PendingRequest::new(prover.manifest(), asked)?;
    let open = OpenRequest::from(&request);
    match prover.answer(&request.binding(), &open, progress)? {
        Outcome::Refusal(reason) => Err(Error::Refused { reason }),
        Outcome::Answer(answer) => {
            let checked = prover.published().check_answer(&request, &answer, unix_now())?;
            Ok((answer.proof.clone(), checked))
        }
    }
}
