//! Following a link through the transcript of its proof.

use super::link::{factor, powers};
use ff::Field;
use group::{Curve, Group};
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::poly::commitment::MSM;
use halo2_proofs::poly::kzg::msm::MSMKZG;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use zkml_verifier::ModelLink;

/// What was read of a link by the time that its claim is opened.
#[derive(Debug, Default)]
pub(crate) struct LinkOpening {
    /// `x` and `v`, if they could be read.
    pub(super) evaluation: Option<(Fr, Fr)>,
}

/// A reader of a proof with a link, for halo2's verifier, which knows of none.
///
/// It reads ahead: once `y` is drawn, the link's statement, the quotient's pieces, `x` and `v`. Of the pieces it hands the verifier
/// `[H_0] - gamma v / (x^n - 1) [D]` as the first, and the others as they are: the verifier's
/// `sum_j x^(n j) [H_j]` is then without what the link adds to it. The transcript has the pieces of the proof.
pub(crate) struct LinkedRead<'t, E, T> {
    inner: &'t mut T,
    link: &'t ModelLink,
    /// Number of rows.
    n: u64,
    /// Number of the quotient's pieces.
    pieces: usize,
    /// Challenges to come until `y` is drawn.
    before_link: usize,
    /// The first points of the proof: the commitments to the columns of phase 1, in the order of the columns.
    points: Vec<G1Affine>,
    /// What the verifier is to get as the quotient's pieces, and `x`.
    ahead: VecDeque<G1Affine>,
    x: Option<E>,
    opening: Rc<RefCell<LinkOpening>>,
    failure: Option<io::Error>,
}

impl<'t, E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> LinkedRead<'t, E, T> {
    /// Reads proofs of this constraint system on `2^k` rows through `inner`.
    pub(crate) fn new(inner: &'t mut T, link: &'t ModelLink, cs: &ConstraintSystem<Fr>, k: u32) -> Self {
        /// `theta`, `beta`, `gamma` and `y`, which follow the challenges of the circuit.
        const PROOF_SYSTEM: usize = 4;
        Self {
            inner,
            link,
            n: 1 << k,
            pieces: cs.degree() - 1,
            before_link: cs.num_challenges() + PROOF_SYSTEM,
            points: Vec::new(),
            ahead: VecDeque::new(),
            x: None,
            opening: Rc::default(),
            failure: None,
        }
    }

    /// Where it is noted what was read.
    pub(crate) fn opening(&self) -> Rc<RefCell<LinkOpening>> {
        self.opening.clone()
    }

    /// Why the link could not be read, if so.
    pub(crate) fn failure(self) -> Option<io::Error> {
        self.failure
    }

    fn read_link(&mut self) -> io::Result<()> {
        self.link.absorb(self.inner)?;
        let gamma = *self.inner.squeeze_challenge_scalar::<()>();
        let mut pieces = VecDeque::with_capacity(self.pieces);
        for _ in 0..self.pieces {
            pieces.push_back(self.inner.read_point()?);
        }
        let challenge = self.inner.squeeze_challenge();
        let x = challenge.get_scalar();
        let value = self.inner.read_scalar()?;
        if let Some(first) = pieces.front_mut() {
            *first = self.without_link(*first, gamma, x, value)?;
        }
        self.ahead = pieces;
        self.x = Some(challenge);
        self.opening.borrow_mut().evaluation = Some((x, value));
        Ok(())
    }

    /// `[H_0] - gamma v / (x^n - 1) [D]`.
    fn without_link(&self, first: G1Affine, gamma: Fr, x: Fr, value: Fr) -> io::Result<G1Affine> {
        let proven = self.points.get(self.link.columns.clone());
        let proven = proven.filter(|proven| proven.len() == self.link.published.len());
        let proven = proven.ok_or_else(|| invalid("expected a commitment to each column of parameters"))?;
        let factor = factor(gamma, value, x, self.n);
        let factor = factor.ok_or_else(|| invalid("expected a challenge that is no row of the circuit"))?;
        let mut sum = MSMKZG::<Bn256>::new();
        sum.append_term(Fr::ONE, first.into());
        for ((proven, published), power) in proven.iter().zip(&self.link.published).zip(powers(gamma)) {
            // A prover may repeat a published point. Sums leave out the point at infinity.
            if proven != published {
                sum.append_term(-factor * power, *proven - *published);
            }
        }
        let sum = sum.eval();
        // That depends on `x`, so it happens by negligible chance; and the verifier's long sums take no point at infinity.
        if bool::from(sum.is_identity()) {
            return Err(invalid("expected a quotient besides what the link adds to it"));
        }
        Ok(sum.to_affine())
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> Transcript<G1Affine, E>
    for LinkedRead<'_, E, T>
{
    fn squeeze_challenge(&mut self) -> E {
        if let Some(x) = self.x.take() {
            // Pieces that the verifier did not ask for would be taken for what it asks for next.
            if !self.ahead.is_empty() {
                self.failure = Some(invalid("expected another number of pieces of the quotient"));
            }
            return x;
        }
        let challenge = self.inner.squeeze_challenge();
        if self.before_link > 0 {
            self.before_link -= 1;
            if self.before_link == 0
                && let Err(error) = self.read_link()
            {
                self.failure = Some(error);
            }
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
    for LinkedRead<'_, E, T>
{
    fn read_point(&mut self) -> io::Result<G1Affine> {
        if self.failure.is_some() {
            return Err(invalid("expected a link"));
        }
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(piece);
        }
        let point = self.inner.read_point()?;
        if self.points.len() < self.link.columns.end {
            self.points.push(point);
        }
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}
