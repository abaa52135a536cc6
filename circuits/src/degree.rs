//! Degrees in the challenges: of how many zeros a forgery may hope for one.
//!
//! The cells of phase 1 fixed, the constraint sum is a rational function of the challenges `u, v, w, sigma, tau, alpha,
//! gamma`. It vanishes at random ones with a probability of at most its numerator's total degree over the field's size, unless it
//! is zero (Schwartz-Zippel).

use crate::form::Pattern;
use crate::program::{CoefficientColumnUse, Program};
use crate::scalar::{Scalar, ScalarId};
use crate::{Poly, Shape};

/// The largest degree of what a use of a coefficient column adds to the constraint sum. It is stated in the shape, because it
/// follows from the program, which a verifier has not.
pub(crate) fn linear_constraint_degree(shape: &Shape, program: &Program) -> u64 {
    let scalars = &scalar_degrees(shape, program);
    let coefficient_columns = shape.coefficient_columns.iter().zip(&program.coefficient_columns);
    let uses = coefficient_columns
        .flat_map(|(patterns, uses)| uses.iter().map(move |u| use_degree(scalars, patterns, u)));
    uses.max().unwrap_or(0)
}

fn use_degree(scalars: &[u64], patterns: &[Pattern], u: &CoefficientColumnUse) -> u64 {
    let at = |id: ScalarId| scalars.get(id.0 as usize).copied().unwrap_or(0);
    let pattern = patterns.get(usize::from(u.pattern)).map_or(0, pattern_degree);
    at(u.a).saturating_add(at(u.b)).saturating_add(pattern)
}

fn pattern_degree(pattern: &Pattern) -> u64 {
    let poly = |poly: &Poly| poly.terms().iter().map(|(m, _)| m.degree()).max().unwrap_or(0);
    pattern.terms.iter().map(|(p, _)| poly(p)).max().unwrap_or(0)
}

/// The degree of each scalar. Operands have smaller ids than results.
fn scalar_degrees(shape: &Shape, program: &Program) -> Vec<u64> {
    let mut degrees: Vec<u64> = Vec::with_capacity(program.scalars.len());
    for scalar in &program.scalars {
        let at = |id: &ScalarId| degrees.get(id.0 as usize).copied().unwrap_or(0);
        let degree = match scalar {
            Scalar::U | Scalar::V | Scalar::W | Scalar::Sigma | Scalar::Tau => 1,
            // Cells of phase 1 are numbers.
            Scalar::One | Scalar::Half | Scalar::MinusOne | Scalar::Copied(_) => 0,
            Scalar::Horner(horner) => {
                let steps = program
                    .evaluations
                    .get(*horner as usize)
                    .map_or(&[][..], |horner| &horner.steps[..]);
                let steps = steps
                    .iter()
                    .map(|step| use_degree(&degrees, &shape.evaluations, step));
                steps.max().unwrap_or(0)
            }
            Scalar::Mac(a, b, c) => at(a).saturating_add(at(b)).max(at(c)),
        };
        degrees.push(degree);
    }
    degrees
}

impl Shape {
    /// Bounds the challenges that help a forgery, as `challenge_degree / p`: those that hit a pole, of which there is one for each
    /// looked-up cell and each table row (of degree 2 for tuples of function tables), so that a helper's cell is free; and the
    /// zeros of the constraint sum's numerator, whose total degree is that of all poles and of the largest linear constraint.
    pub fn challenge_degree(&self) -> u64 {
        let rows = self.active_rows() as u64;
        let range = rows * (u64::from(self.lanes) + 1);
        let functions = match self.tables.is_empty() {
            true => 0,
            false => 2 * 2 * rows,
        };
        // The sum over the function tables has a factor `tau`.
        (2 * (range + functions)).saturating_add(self.linear_constraint_degree.max(1))
    }
}
