//! Following a link through the transcript of its proof.

use super::link::Statement;
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Fr, G1Affine};
use std::cell::RefCell;
use std::io;
use std::ops::Range;
use std::rc::Rc;

/// What was read of a link by the time that its claims are opened.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// The first points of the proof: the commitments to the columns of phase 1, in the order of the columns.
    pub(super) points: Vec<G1Affine>,
    pub(super) gamma: Fr,
    /// `[q]`, if it could be read.
    pub(super) quotient: Option<G1Affine>,
    pub(super) x: Fr,
}

/// A reader of a proof with a link, for halo2's verifier, which knows of none: before the challenge `x` it
/// reads the link's part.
pub(crate) struct LinkedRead<'t, T> {
    inner: &'t mut T,
    statement: Statement<'t>,
    /// The columns that hold parameters.
    columns: Range<usize>,
    /// Challenges to come before `x`.
    before_x: Option<usize>,
    heard: Rc<RefCell<Heard>>,
    failure: Option<io::Error>,
}

impl<'t, T> LinkedRead<'t, T> {
    /// Reads proofs of this constraint system through `inner`.
    pub(crate) fn new(
        inner: &'t mut T,
        statement: Statement<'t>,
        columns: Range<usize>,
        cs: &ConstraintSystem<Fr>,
    ) -> Self {
        /// `theta`, `beta`, `gamma` and `y`, which follow the challenges of the circuit.
        const PROOF_SYSTEM: usize = 4;
        Self {
            inner,
            statement,
            columns,
            before_x: Some(cs.num_challenges() + PROOF_SYSTEM),
            heard: Rc::default(),
            failure: None,
        }
    }

    /// Where it is noted what was read.
    pub(crate) fn heard(&self) -> Rc<RefCell<Heard>> {
        self.heard.clone()
    }

    /// Why the link could not be read, if so.
    pub(crate) fn failure(self) -> Option<io::Error> {
        self.failure
    }

    fn hear<E: EncodedChallenge<G1Affine>>(&mut self) -> io::Result<()>
    where
        T: TranscriptRead<G1Affine, E>,
    {
        self.statement.absorb(self.inner)?;
        let gamma = *self.inner.squeeze_challenge_scalar::<()>();
        let quotient = self.inner.read_point()?;
        let mut heard = self.heard.borrow_mut();
        heard.gamma = gamma;
        heard.quotient = Some(quotient);
        Ok(())
    }
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> Transcript<G1Affine, E>
    for LinkedRead<'_, T>
{
    fn squeeze_challenge(&mut self) -> E {
        let is_x = self.before_x == Some(0);
        self.before_x = self.before_x.and_then(|count| count.checked_sub(1));
        if is_x && let Err(error) = self.hear() {
            self.failure = Some(error);
        }
        let challenge = self.inner.squeeze_challenge();
        if is_x {
            self.heard.borrow_mut().x = challenge.get_scalar();
        }
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> TranscriptRead<G1Affine, E>
    for LinkedRead<'_, T>
{
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let point = self.inner.read_point()?;
        let mut heard = self.heard.borrow_mut();
        if heard.points.len() < self.columns.end {
            heard.points.push(point);
        }
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}
