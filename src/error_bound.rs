//! The statistical error of the proof system, for one circuit.
//!
//! A prover that cheats needs challenges at which some polynomial vanishes that is fixed before they are drawn and
//! is not zero. Each such polynomial has as many zeros as its degree says, out of more than `2^253` challenges. The
//! sum of all degrees bounds the probability for one attempt; docs/soundness.md has the argument for each term.

use crate::backend::{self, Shape};

/// Challenges are drawn from a field of more than `2^253` elements.
const FIELD_BITS: u32 = 253;

/// The most powers that an SRS has: points of a proof are commitments to polynomials of at most this degree. The
/// scalar field of BN254 has roots of unity of this order, and the largest ceremony has this size.
const SRS_POWERS: u64 = 1 << 28;

/// The largest `x` for which the error is at most `2^-x`.
pub(crate) fn error_bits(shape: &Shape) -> u32 {
    let zeros = zeros(shape);
    FIELD_BITS - (u64::BITS - (zeros - 1).leading_zeros())
}

/// The sum of the degrees; at least 2.
fn zeros(shape: &Shape) -> u64 {
    let cs = backend::constraint_system(shape);
    let rows = shape.rows() as u64;
    let degree = cs.degree() as u64;
    let copied = cs.permutation().get_columns().len() as u64;
    // Columns of one product of halo2's permutation argument.
    let products = copied.div_ceil(degree.saturating_sub(2).max(1));
    let gates: usize = cs.gates().iter().map(|gate| gate.polynomials().len()).sum();
    let constraints = gates as u64 + 2 * products + 1;
    let queries =
        (cs.advice_queries().len() + cs.fixed_queries().len()) as u64 + copied + 3 * products + degree + 1;
    let linked = shape.weight_columns().len() as u64;
    [
        // The claim sum, in the circuit's seven challenges.
        shape.challenge_degree(),
        // The permutation's product, in `beta` and `gamma`: numerator and denominator.
        2 * copied * rows,
        // A row's constraints, in `y`.
        constraints,
        // A link to committed parameters on all rows, in its `gamma`.
        linked * rows,
        // The quotient's identity, in `x`.
        (degree + 1) * SRS_POWERS,
        // The openings, in SHPLONK's `y`, `v` and `u`.
        2 * queries + SRS_POWERS + queries,
    ]
    .into_iter()
    .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        Shape {
            k: 13,
            fold: 1,
            lane_bits: 12,
            lanes: 18,
            coefficient_columns: vec![vec![], vec![]],
            linear_constraint_degree: 1000,
            ..Shape::default()
        }
    }

    #[test]
    fn every_term_counts() {
        let base = zeros(&shape());
        let rows = 1 << 13;
        let more = |change: fn(&mut Shape)| {
            let mut shape = shape();
            change(&mut shape);
            zeros(&shape) - base
        };
        assert_eq!(more(|s| s.linear_constraint_degree += 5), 5);
        // A lane is as many cells as rows, which count twice; its helper and its queries add a few.
        let lane = more(|s| s.lanes = 19);
        assert!((2 * rows - 100..2 * rows + 100).contains(&lane), "{lane}");
        assert!(more(|s| s.k = 14) > 2 * 18 * rows);
        assert!(more(|s| s.committed = true) >= 18 * rows);
    }

    #[test]
    fn bits_are_rounded_down() {
        let bits = |zeros: u64| FIELD_BITS - (u64::BITS - (zeros - 1).leading_zeros());
        assert_eq!((bits(2), bits(4), bits(5)), (252, 251, 250));
        let shape = shape();
        let (zeros, bits) = (zeros(&shape), error_bits(&shape));
        assert!(zeros <= 1 << (FIELD_BITS - bits) && zeros > 1 << (FIELD_BITS - bits - 1));
        // Seven times 2^28, and less than one time more.
        assert_eq!(bits, 222);
    }

    #[test]
    fn the_largest_shapes_leave_enough() {
        let largest = Shape {
            k: 22,
            lanes: 128,
            lane_bits: 16,
            linear_constraint_degree: 1 << 40,
            ..shape()
        };
        largest.validate().unwrap();
        assert!(error_bits(&largest) >= 212);
    }
}
