//! The link between the columns of a proof that hold parameters and a model commitment.
//!
//! Let `C_i` be the commitments to these columns in the proof, `M_i` the published ones, `S` the polynomial
//! that is 1 on the rows of parameters and 0 on all others, whose commitment is part of the verifying
//! key, `n` the number of rows, and `D = sum_i gamma^i (C_i - M_i)`. The link is one constraint more, `gamma S D = 0` on all rows,
//! in the proof's transcript, quotient and opening:
//!
//! 1. After `y` is drawn and before the commitments to the quotient: absorb a tag, the digest of the manifest in
//!    two halves, the number of columns, the `M_i`; squeeze `gamma`. What the quotient's pieces `H` are commitments to has
//!    `gamma S D / (X^n - 1)` added to it.
//! 2. Right after `x`, before the proof's evaluations: read `v = S(x)`.
//! 3. Behind the proof's own openings one more at `x`: of `[S]` with the value `v`. And where the proof opens
//!    `[H] = sum_j x^(n j) [H_j]` with the value that follows from its evaluations, what is opened with this value is
//!    `[H] - gamma v / (x^n - 1) [D]`.
//!
//! `docs/soundness.md` has the argument. Nothing of the columns is evaluated for it.

use crate::Digest;
use ff::Field;
use halo2_proofs::transcript::{EncodedChallenge, Transcript};
use halo2curves::bn256::{Fr, G1Affine};
use std::io;

/// These bytes as a number, the first the least significant, keep the link apart from the proof.
const TAG: &[u8] = b"zkml committed parameters 3";

/// The tag as a field element.
pub(crate) fn tag() -> Fr {
    let push = |sum: Fr, byte: &u8| sum * Fr::from(256) + Fr::from(u64::from(*byte));
    TAG.iter().rev().fold(Fr::ZERO, push)
}

/// What a link is about besides the proof's columns.
#[derive(Clone, Copy)]
pub(crate) struct Statement<'a> {
    /// Digest of the manifest.
    pub(crate) manifest: &'a Digest,
    /// The `M_i`.
    pub(crate) published: &'a [G1Affine],
}

impl Statement<'_> {
    /// What is absorbed before the `M_i`.
    pub(super) fn head(&self) -> [Fr; 4] {
        let [first, second] = self.manifest.halves().map(|half| half.value());
        [tag(), first, second, Fr::from(self.published.len() as u64)]
    }

    /// Absorbs it all.
    pub(super) fn absorb<E: EncodedChallenge<G1Affine>>(
        &self,
        transcript: &mut impl Transcript<G1Affine, E>,
    ) -> io::Result<()> {
        let mut head = self.head().into_iter();
        head.try_for_each(|scalar| transcript.common_scalar(scalar))?;
        let mut points = self.published.iter();
        points.try_for_each(|m| transcript.common_point(*m))
    }
}

/// `gamma v / (x^n - 1)`: what `[D]` is multiplied by where it is taken out of the quotient. None if `x` is a row.
pub(super) fn factor(gamma: Fr, value: Fr, x: Fr, n: u64) -> Option<Fr> {
    let vanishing = x.pow_vartime([n]) - Fr::ONE;
    Option::from(vanishing.invert()).map(|inverse: Fr| gamma * value * inverse)
}

/// `1, gamma, gamma^2, ...`.
pub(crate) fn powers(gamma: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::ONE), move |x| Some(x * gamma))
}
