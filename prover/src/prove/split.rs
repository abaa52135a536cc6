//! The quotient's pieces hide what they are pieces of.
//!
//! A quotient of degree below `d n` is committed to as pieces `h_0, ..., h_(d-1)` of degree below `n`. Their values at the
//! secret of the SRS are functions of the whole witness, of which the proof's other values give no account. So each piece
//! is blinded, with uniform `r_0, ..., r_(d-2)` and `r_(-1) = r_(d-1) = 0`:
//!
//! ```text
//! h_j' = h_j + r_j X^n - r_(j-1)        sum_j X^(n j) h_j' = sum_j X^(n j) h_j
//! ```
//!
//! (Gabizon, Williamson, Ciobotaru: "PlonK", 2019, section 8, round 3.) The verifier notices nothing. It opens
//! `sum_j x^(n j) h_j'` at `x`, which is `sum_j x^(n j) h_j + R (X^n - x^n)` with `R = sum_j x^(n j) r_j`: a polynomial of degree
//! `n`, and of the same value at `x`. docs/soundness.md has the argument that a proof with such pieces shows nothing.

use super::ProofState;
use super::polynomials::Polynomials;
use crate::Error;
use crate::program::Source;
use ff::Field;
use group::Curve;
use halo2curves::bn256::{Fr, G1};
use zkml_kernels::{Backend, Scalars};

impl<'a, B: Backend> ProofState<'a, B> {
    /// Commits to the pieces of the quotient, blinded where the SRS has the power that it takes, and writes the commitments.
    pub(super) fn commit_pieces(&mut self, pieces: &[B::Vector]) -> Result<(), Error> {
        let scalars: Vec<_> = pieces.iter().map(Scalars::Full).collect();
        let mut points = self.backend.msm(self.srs.coefficients(), &scalars)?;
        if let Some(bases) = self.srs.blinding() {
            let mut before = Fr::ZERO;
            for (j, point) in points.iter_mut().enumerate() {
                let blind = self.blind(j, pieces.len());
                let blinded: G1 = bases.next * blind - bases.first * before;
                *point = (blinded + *point).to_affine();
                before = blind;
            }
        }
        self.write_points(points)
    }

    /// `r_j`; nothing comes after the last piece.
    fn blind(&self, j: usize, pieces: usize) -> Fr {
        match j + 1 < pieces {
            true => self.blinds.get(j).copied().unwrap_or(Fr::ZERO),
            false => Fr::ZERO,
        }
    }

    /// Adds `R (X^n - x^n)` to the quotient that is opened at `x`, given `x^n`: the constant here. Gives `R`, the coefficient
    /// of `X^n`, which the vector has no place for.
    pub(super) fn blind_quotient(
        &self,
        pieces: usize,
        xn: Fr,
        polynomials: &mut Polynomials<'a, B>,
    ) -> Result<Fr, Error> {
        if self.srs.blinding().is_none() {
            return Ok(Fr::ZERO);
        }
        let top = (0..pieces)
            .rev()
            .fold(Fr::ZERO, |sum, j| sum * xn + self.blind(j, pieces));
        let mut quotient = self.backend.duplicate(polynomials.get(Source::Quotient)?)?;
        let constant = self.backend.read(&quotient, 0, 1)?;
        let constant: Vec<Fr> = constant.iter().map(|c| c - top * xn).collect();
        self.backend.write(&mut quotient, 0, &constant)?;
        polynomials.insert(Source::Quotient, quotient);
        Ok(top)
    }

    /// `floor((P + top X^n) / (X - point))`, where `polynomial` holds the `n` lower coefficients, of `P`.
    ///
    /// Horner's rule runs from the highest coefficient down: `top` is the quotient's highest one, and enters the next with
    /// `point` as a factor.
    pub(super) fn divide(&self, polynomial: &mut B::Vector, top: Fr, point: Fr) -> Result<(), Error> {
        if bool::from(top.is_zero()) {
            return Ok(self.backend.divide_by_linear(polynomial, point)?);
        }
        let last = self.backend.len(polynomial) - 1;
        let highest = self.backend.read(polynomial, last, 1)?;
        let highest: Vec<Fr> = highest.iter().map(|c| c + top * point).collect();
        self.backend.write(polynomial, last, &highest)?;
        self.backend.divide_by_linear(polynomial, point)?;
        Ok(self.backend.write(polynomial, last, &[top])?)
    }
}
