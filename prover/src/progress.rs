//! Progress by stage, and cancellation.

use crate::{Error, Stage};
use std::ops::ControlFlow;

/// Learns which fraction of a stage is done, from 0 to 1, and may stop the proof: [`ControlFlow::Break`] ends it with
/// [`Error::Cancelled`]. Stages that a circuit does not need are not reported.
pub type Report<'a> = dyn FnMut(Stage, f64) -> ControlFlow<()> + 'a;

/// A [`Report`] that ignores what it is told.
pub fn unreported(_: Stage, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Turns a wish to stop into the error.
pub(crate) fn step(report: &mut Report<'_>, stage: Stage, done: usize, of: usize) -> Result<(), Error> {
    match report(stage, done as f64 / of.max(1) as f64) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Error::Cancelled { stage }),
    }
}
