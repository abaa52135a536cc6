//! The link of a proof to a published model commitment, as a contract checks it.
//!
//! Let `C_i` be the points of the proof that hold parameters, `M_i` the published ones, `S` the key's point that marks
//! the rows of parameters, `n` the number of rows. After the proof come `[q]`, `v` and `W`, and the transcript goes on:
//! the second opening point `P` of the proof, which no challenge of its own follows, a tag, the manifest's digest in
//! two halves, the number of the `M_i`, the `M_i`; `gamma`; `[q]`; `z`; `v`; `rho`; `W`; and last the weight `t`. With
//! `R` for what the proof alone pairs with the generator, a contract checks both equations by one,
//!
//! `e(P + t W, [s]) = e(R + t (v sum_i gamma^i (C_i - M_i) - (z^n - 1) [q] + rho (S - v) + z W), 1)`.
//!
//! The `C_i` are points of the sum anyway, and get another scalar. What a link adds as multiplications is the `M_i`, `[q]`,
//! `S`, `W` and `t W`.

use crate::Error;
use crate::arithmetic::Builder;
use crate::dag::{Id, Slot};
use crate::key::{Bytes32, number};
use crate::transcript::{coordinates, word};
use ff::Field;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fr, G1Affine};
use std::ops::Range;

/// Bytes of a link: two points and a scalar.
pub(crate) const LINK_BYTES: usize = 160;
/// Points of a link: `[q]`, and after its scalar `W`.
pub(crate) const LINK_POINTS: usize = 2;
/// Challenges of a link: `gamma`, `z`, `rho`, and the weight `t`.
pub(crate) const LINK_CHALLENGES: usize = 4;
/// Words before the published points in what is absorbed: tag, two halves of the digest, number of points.
const HEAD: usize = 4;

/// A published commitment to a model's parameters, which the proofs of a key are linked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelLink {
    /// What links begin with, to keep them apart from all else that is absorbed.
    pub tag: Fr,
    /// Digest of the manifest that lists the commitment, or of the commitment.
    pub manifest: [u8; 32],
    /// The commitment to each column that holds parameters.
    pub published: Vec<G1Affine>,
    /// The same columns among the points of a proof, in their order.
    pub columns: Range<usize>,
    /// The fixed column that is 1 on rows of parameters and 0 on all others.
    pub marks: usize,
}

impl ModelLink {
    /// Checks what contracts rely on: as many points, all of them on the curve and not at infinity, as columns
    /// among the first `points` of a proof, and a mark among the fixed columns.
    pub(crate) fn check(&self, points: usize, fixed_columns: usize) -> Result<(), Error> {
        let unsupported = |expected, found: String| Err(Error::Unsupported { expected, found });
        let Range { start, end } = self.columns;
        if start >= end || end > points {
            return unsupported(
                "whose parameters are in columns of the first phase",
                format!("the columns {start} to {end} of {points}"),
            );
        }
        if self.published.len() != end - start {
            return Err(Error::Mismatch {
                what: "points of the model commitment",
                expected: end - start,
                found: self.published.len(),
            });
        }
        if self.marks >= fixed_columns {
            return unsupported(
                "that marks the rows of parameters",
                format!("the mark {} of {fixed_columns} fixed columns", self.marks),
            );
        }
        let wrong = |p: &G1Affine| !bool::from(p.is_on_curve()) || coordinates(p).is_none();
        match self.published.iter().position(wrong) {
            Some(i) => unsupported(
                "whose model commitment is points of the curve",
                format!("something else as number {i}"),
            ),
            None => Ok(()),
        }
    }

    /// What is absorbed before `gamma`, without the proof's second opening point.
    pub(crate) fn statement(&self) -> Vec<Bytes32> {
        let half = |bytes: &[u8]| {
            let mut word = [0; 32];
            word[16..].copy_from_slice(bytes);
            word
        };
        let (high, low) = self.manifest.split_at(16);
        let head: [Bytes32; HEAD] = [
            word(&self.tag),
            half(high),
            half(low),
            number(self.published.len()),
        ];
        let points = self.published.iter().filter_map(coordinates).flatten();
        head.into_iter().chain(points).collect()
    }
}

/// Where the points of a link stand among the scalars.
pub(crate) struct LinkScalars {
    /// `[q]`; then `W`, then the `M_i`.
    pub q: usize,
    /// The first point of the key.
    pub key: usize,
    /// The generator.
    pub generator: usize,
}

impl Builder<'_> {
    /// Adds the link's part to the scalars of the points.
    pub(crate) fn link(&mut self, link: &ModelLink, at: &LinkScalars, scalars: &mut [Id]) {
        let first = self.p.link_challenges();
        let [gamma, z, rho, weight] = [0, 1, 2, 3].map(|i| self.dag.slot(Slot::Challenge(first + i)));
        let v = self.evaluation(self.p.evaluations);
        let one = self.constant(Fr::ONE);

        let mut term = self.dag.mul(weight, v);
        for (i, point) in link.columns.clone().enumerate() {
            scalars[point] = self.dag.add(term, scalars[point]);
            scalars[at.q + LINK_POINTS + i] = self.dag.negate(term);
            term = self.dag.mul(term, gamma);
        }
        let zn = self.power_of_two(z);
        let vanishing = self.dag.sub(one, zn);
        scalars[at.q] = self.dag.mul(weight, vanishing);
        scalars[at.q + 1] = self.dag.mul(weight, z);
        let marks = self.dag.mul(weight, rho);
        scalars[at.key + link.marks] = self.dag.add(marks, scalars[at.key + link.marks]);
        let constant = self.dag.mul(marks, v);
        scalars[at.generator] = self.dag.sub(scalars[at.generator], constant);
    }
}
