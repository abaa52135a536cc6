//! Checking a link's claim in the opening of its proof.
//!
//! halo2's verifier hands its openings to a multi-opening scheme. [`LinkedShplonk`] is SHPLONK with that of a link behind
//! them; [`Linked`] makes halo2's strategy for one proof one for a proof with a link. So a proof and its link are one equation
//! of a pairing. What a link takes out of the quotient is the reader's work ([`super::reader`]).

use super::reader::LinkOpening;
use halo2_proofs::plonk;
use halo2_proofs::poly::commitment::Verifier;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::msm::{DualMSM, MSMKZG};
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::{GuardKZG, SingleStrategy};
use halo2_proofs::poly::{Error, Guard, VerificationStrategy, VerifierQuery};
use halo2_proofs::transcript::{EncodedChallenge, TranscriptRead};
use halo2curves::bn256::{Bn256, G1Affine};
use std::cell::RefCell;
use std::rc::Rc;

type Scheme = KZGCommitmentScheme<Bn256>;

/// The claim that a link adds to the openings: that `[S]` has the value `v` at `x`.
#[derive(Clone, Debug)]
pub(crate) struct MarksClaim {
    /// `[S]`.
    pub(crate) marks: G1Affine,
    /// What the transcript's reader notes: `x` and `v`.
    pub(crate) opening: Rc<RefCell<LinkOpening>>,
}

/// SHPLONK, with the claim of a link behind the openings of its proof.
pub(crate) struct LinkedShplonk<'params> {
    params: &'params ParamsKZG<Bn256>,
}

/// An equation to which the next proof's is added, and the claim of that proof's link. Without them nothing is opened.
pub(crate) struct Accumulator<'params> {
    equation: DualMSM<'params, Bn256>,
    claim: Option<MarksClaim>,
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
        let Accumulator { equation, claim } = accumulator;
        let claim = claim.ok_or(Error::OpeningError)?;
        let (x, value) = claim.opening.borrow().evaluation.ok_or(Error::OpeningError)?;
        let mut all: Vec<VerifierQuery<'_, G1Affine, MSMKZG<Bn256>>> = queries.into_iter().collect();
        all.push(VerifierQuery::new_commitment(&claim.marks, x, value));
        shplonk.verify_proof(transcript, all, equation).map(LinkedGuard)
    }
}

/// halo2's strategy for one proof, for one with a link. As halo2 itself makes one, without a claim, it accepts nothing.
pub(crate) struct Linked<'params> {
    strategy: SingleStrategy<'params, Bn256>,
    claim: Option<MarksClaim>,
}

impl<'params> Linked<'params> {
    /// The strategy, for a proof whose link claims this.
    pub(crate) fn new(strategy: SingleStrategy<'params, Bn256>, claim: MarksClaim) -> Self {
        Self {
            strategy,
            claim: Some(claim),
        }
    }
}

impl<'params> VerificationStrategy<'params, Scheme, LinkedShplonk<'params>> for Linked<'params> {
    type Output = ();

    fn new(params: &'params ParamsKZG<Bn256>) -> Self {
        Self {
            strategy: SingleStrategy::new(params),
            claim: None,
        }
    }

    fn process(
        self,
        open: impl FnOnce(Accumulator<'params>) -> Result<LinkedGuard<'params>, plonk::Error>,
    ) -> Result<(), plonk::Error> {
        let Self { strategy, claim } = self;
        let open = |equation| open(Accumulator { equation, claim }).map(|LinkedGuard(guard)| guard);
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::process(strategy, open)
    }

    fn finalize(self) -> bool {
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::finalize(self.strategy)
    }
}

#[cfg(test)]
mod tests;
