//! The link of a proof to a published model commitment, as a contract checks it.
//!
//! Let `C_i` be the points of the proof that hold parameters, `M_i` the published ones, `S` the polynomial that is 1 on
//! the rows of parameters and 0 on all others, whose point is one of the key's, `n` the number of rows and
//! `D = sum_i gamma^i (C_i - M_i)`. The link is one constraint more, `gamma S D = 0` on all rows:
//!
//! 1. after `y` and before the quotient's pieces the transcript absorbs a tag, the manifest's digest in two halves,
//!    the number of the `M_i`, the `M_i`; `gamma` is drawn. The quotient has `gamma S D / (X^n - 1)` added to it;
//! 2. the proof's first evaluation is `v = S(x)`;
//! 3. behind all that the proof opens at `x`, `S` is opened with the value `v`. What is opened with the quotient's value is
//!    the quotient less `gamma v / (x^n - 1) D`.
//!
//! The `C_i` are points of the final sum anyway, and get another scalar, and so does `S`, which is one of the key's. What
//! a link adds as multiplications is the `M_i` and that of `S`. `docs/soundness.md` has the argument.

use crate::Error;
use ff::PrimeField;
use group::prime::PrimeCurveAffine;
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::transcript::{EncodedChallenge, Transcript};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fr, G1Affine};
use std::io;
use std::ops::Range;

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
    /// The fixed column that is 1 on rows of parameters and 0 on all others, which no gate reads.
    pub marks: usize,
}

impl ModelLink {
    /// Checks what contracts rely on: as many points, all of them on the curve and not at infinity, as columns of
    /// the first phase, and marks in a fixed column that the circuit itself does not open.
    pub(crate) fn check(&self, cs: &ConstraintSystem<Fr>) -> Result<(), Error> {
        let unsupported = |expected, found: String| Err(Error::Unsupported { expected, found });
        let points = cs.advice_column_phase().iter().filter(|p| **p == 0).count();
        let fixed_columns = cs.num_fixed_columns();
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
        // Its opening would be taken for the circuit's.
        if cs.fixed_queries().iter().any(|q| q.0.index() == self.marks) {
            return unsupported(
                "whose marks no gate reads",
                format!("a gate that reads the fixed column {}", self.marks),
            );
        }
        let wrong = |p: &G1Affine| !bool::from(p.is_on_curve()) || bool::from(p.is_identity());
        match self.published.iter().position(wrong) {
            Some(i) => unsupported(
                "whose model commitment is points of the curve",
                format!("something else as number {i}"),
            ),
            None => Ok(()),
        }
    }

    /// What is absorbed before the points: the tag, the manifest's digest in two halves, their number.
    pub fn head(&self) -> [Fr; 4] {
        let (high, low) = self.manifest.split_at(16);
        let half = |bytes: &[u8]| Fr::from_u128(bytes.iter().fold(0, |x, b| x << 8 | u128::from(*b)));
        [
            self.tag,
            half(high),
            half(low),
            Fr::from(self.published.len() as u64),
        ]
    }

    /// Absorbs what stands before `gamma`: the head, then the points.
    ///
    /// # Errors
    /// Those of the transcript, which takes no point at infinity.
    pub fn absorb<E: EncodedChallenge<G1Affine>>(
        &self,
        transcript: &mut impl Transcript<G1Affine, E>,
    ) -> io::Result<()> {
        let mut head = self.head().into_iter();
        head.try_for_each(|scalar| transcript.common_scalar(scalar))?;
        let mut points = self.published.iter();
        points.try_for_each(|point| transcript.common_point(*point))
    }
}

/// A link, and where its parts stand in a proof.
#[derive(Clone, Debug)]
pub struct LinkParts {
    /// The published commitment.
    pub model: ModelLink,
    /// Index of the challenge `gamma`.
    pub challenge: usize,
    /// Index of the evaluation `v`.
    pub value: usize,
}
