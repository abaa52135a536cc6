//! The link between the columns of a proof that hold parameters and a model commitment.
//!
//! Let `C_i` be the commitments to these columns in the proof, `M_i` the published ones, `S` the polynomial
//! that is 1 on the rows of parameters and 0 on all others, whose commitment is part of the verifying
//! key, `n` the number of rows, and `D = sum_i gamma^i (C_i - M_i)`. The link is one constraint more, `gamma S D = 0` on all rows,
//! in the proof's transcript, quotient and opening:
//!
//! 1. After `y` is drawn and before the commitments to the quotient: absorb a tag, the digest of the manifest in
//!    two halves, the number of columns, the `M_i` (`zkml_verifier::ModelLink::absorb`); squeeze `gamma`. What the quotient's pieces `H` are commitments to has
//!    `gamma S D / (X^n - 1)` added to it.
//! 2. Right after `x`, before the proof's evaluations: read `v = S(x)`.
//! 3. Behind the proof's own openings one more at `x`: of `[S]` with the value `v`. And where the proof opens
//!    `[H] = sum_j x^(n j) [H_j]` with the value that follows from its evaluations, what is opened with this value is
//!    `[H] - gamma v / (x^n - 1) [D]`.
//!
//! `docs/soundness.md` has the argument. Nothing of the columns is evaluated for it.

use ff::Field;
use halo2curves::bn256::Fr;

/// These bytes as a number, the first the least significant, keep the link apart from the proof.
const TAG: &[u8] = b"zkml committed parameters 3";

/// The tag as a field element.
pub(crate) fn tag() -> Fr {
    let push = |sum: Fr, byte: &u8| sum * Fr::from(256) + Fr::from(u64::from(*byte));
    TAG.iter().rev().fold(Fr::ZERO, push)
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
