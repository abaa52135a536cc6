//! Checking a link's claims in the opening of its proof.
//!
//! halo2's verifier hands its openings to a multi-opening scheme. [`LinkedShplonk`] is SHPLONK with those of a link behind
//! them; [`Linked`] makes halo2's strategy for one proof one for a proof with a link. So a proof and its link are one equation
//! of a pairing.

use super::link::powers;
use super::reader::Heard;
use ff::Field;
use halo2_proofs::plonk;
use halo2_proofs::poly::commitment::{MSM, Params, Verifier};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::msm::{DualMSM, MSMKZG};
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::{GuardKZG, SingleStrategy};
use halo2_proofs::poly::{Error, Guard, VerificationStrategy, VerifierQuery};
use halo2_proofs::transcript::{EncodedChallenge, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

type Scheme = KZGCommitmentScheme<Bn256>;

/// What the claims of a link are about.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    /// `[S]`.
    pub(crate) marks: G1Affine,
    /// The `M_i`.
    pub(crate) published: Vec<G1Affine>,
    /// The columns of the proof that hold parameters.
    pub(crate) columns: Range<usize>,
    /// What the transcript's reader notes.
    pub(crate) heard: Rc<RefCell<Heard>>,
}

impl Claims {
    /// The value of `v [D] - (x^n - 1) [q]`, as terms to add.
    ///
    /// # Errors
    /// [`Error::OpeningError`] if the link was not read to its end.
    fn remainder(&self, value: Fr, n: u64) -> Result<MSMKZG<Bn256>, Error> {
        let heard = self.heard.borrow();
        let quotient = heard.quotient.ok_or(Error::OpeningError)?;
        let proven = heard.points.get(self.columns.clone());
        let proven = proven.filter(|proven| proven.len() == self.published.len());
        let pairs = proven.ok_or(Error::OpeningError)?.iter().zip(&self.published);
        let mut remainder = MSMKZG::new();
        for ((proven, published), power) in pairs.zip(powers(heard.gamma)) {
            // Whoever makes a proof may repeat a published point. Infinity is left out of sums.
            if proven != published {
                remainder.append_term(value * power, *proven - *published);
            }
        }
        let vanishing = heard.x.pow_vartime([n]) - Fr::ONE;
        remainder.append_term(-vanishing, quotient.into());
        Ok(remainder)
    }
}

/// SHPLONK, with the claims of a link behind the openings of its proof.
pub(crate) struct LinkedShplonk<'params> {
    params: &'params ParamsKZG<Bn256>,
}

/// An equation to which the next proof's is added, and the claims of that proof's link. Without them nothing is opened.
pub(crate) struct Accumulator<'params> {
    equation: DualMSM<'params, Bn256>,
    claims: Option<Claims>,
}

/// halo2's guard, under a name of its own for its own accumulator.
pub(crate) struct LinkedGuard<'params>(GuardKZG<'params, Bn256>);

impl<'params> Guard<Scheme> for LinkedGuard<'params> {
    type MSMAccumulator = Accumulator<'params>;
}

impl<'params> Verifier<'params, Scheme> for LinkedShplonk<'params> {
    type Guard = LinkedGuard<'params>;
    type MSMAccumulator = Accumulator<'params>;

    const QUERY_INSTANCE: bool =
        <VerifierSHPLONK<'params, Bn256> as Verifier<'params, Scheme>>::QUERY_INSTANCE;

    fn new(params: &'params ParamsKZG<Bn256>) -> Self {
        Self { params }
    }

    fn verify_proof<'com, E, T, I>(
        &self,
        transcript: &mut T,
        queries: I,
        accumulator: Accumulator<'params>,
    ) -> Result<LinkedGuard<'params>, Error>
    where
        'params: 'com,
        E: EncodedChallenge<G1Affine>,
        T: TranscriptRead<G1Affine, E>,
        I: IntoIterator<Item = VerifierQuery<'com, G1Affine, MSMKZG<Bn256>>> + Clone,
    {
        let shplonk = VerifierSHPLONK::new(self.params);
        let Accumulator { equation, claims } = accumulator;
        let claims = claims.ok_or(Error::OpeningError)?;
        let value = transcript.read_scalar().map_err(|_| Error::SamplingError)?;
        let remainder = claims.remainder(value, self.params.n())?;
        let x = claims.heard.borrow().x;
        let mut all: Vec<VerifierQuery<'_, G1Affine, MSMKZG<Bn256>>> = queries.into_iter().collect();
        all.push(VerifierQuery::new_commitment(&claims.marks, x, value));
        all.push(VerifierQuery::new_msm(&remainder, x, Fr::ZERO));
        shplonk.verify_proof(transcript, all, equation).map(LinkedGuard)
    }
}

/// halo2's strategy for one proof, for one with a link. As halo2 itself makes one, without claims, it accepts nothing.
pub(crate) struct Linked<'params> {
    strategy: SingleStrategy<'params, Bn256>,
    claims: Option<Claims>,
}

impl<'params> Linked<'params> {
    /// The strategy, for a proof whose link claims this.
    pub(crate) fn new(strategy: SingleStrategy<'params, Bn256>, claims: Claims) -> Self {
        Self {
            strategy,
            claims: Some(claims),
        }
    }
}

impl<'params> VerificationStrategy<'params, Scheme, LinkedShplonk<'params>> for Linked<'params> {
    type Output = ();

    fn new(params: &'params ParamsKZG<Bn256>) -> Self {
        Self {
            strategy: SingleStrategy::new(params),
            claims: None,
        }
    }

    fn process(
        self,
        open: impl FnOnce(Accumulator<'params>) -> Result<LinkedGuard<'params>, plonk::Error>,
    ) -> Result<(), plonk::Error> {
        let Self { strategy, claims } = self;
        let open = |equation| open(Accumulator { equation, claims }).map(|LinkedGuard(guard)| guard);
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::process(strategy, open)
    }

    fn finalize(self) -> bool {
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::finalize(self.strategy)
    }
}

#[cfg(test)]
mod tests;
