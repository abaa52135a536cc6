//! Sums of many terms as programs: linear combinations, folds and values of polynomials.

use super::kernels::Kernels;
use crate::program::Program;
use crate::program::plan::Plan;
use ff::Field;
use halo2curves::bn256::Fr;

/// Polynomials with at most this many coefficients are evaluated one coefficient after the other.
const SERIAL: usize = 1 << 9;
/// Pieces that longer ones are folded into.
const PIECES: usize = 32;

/// `sum_j c_j v_j` for at least one term; shorter vectors count as followed by zeros.
pub(super) fn linear_combination(kernels: &dyn Kernels, terms: &[(Fr, &[Fr])]) -> Vec<Fr> {
    let mut ends: Vec<usize> = terms.iter().map(|(_, vector)| vector.len()).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut sums = vec![Fr::ZERO; ends.last().copied().unwrap_or(0)];
    let mut start = 0;
    for end in ends {
        // What vectors of this length and longer ones have behind all shorter ones.
        let present = terms
            .iter()
            .filter(|(_, vector)| start < end && vector.len() >= end);
        let (factors, columns): (Vec<Fr>, Vec<&[Fr]>) = present
            .map(|(factor, vector)| (*factor, &vector[start..end]))
            .unzip();
        if !columns.is_empty() {
            let plan = Plan::new(&Program::linear_combination(columns.len() as u32));
            kernels.run(&plan, &columns, &factors, &mut sums[start..end]);
        }
        start = end;
    }
    sums
}

/// `sum_k factor^k piece_k` over the pieces of `size` coefficients, as many as the plan has columns.
pub(super) fn fold(
    kernels: &dyn Kernels,
    plan: &Plan,
    coefficients: &[Fr],
    size: usize,
    factor: Fr,
) -> Vec<Fr> {
    let columns: Vec<&[Fr]> = coefficients.chunks_exact(size).collect();
    let mut result = vec![Fr::ZERO; size];
    kernels.run(plan, &columns, &[factor], &mut result);
    result
}

/// The value of a polynomial at a point: pieces are folded into one, until it is short enough for Horner's rule.
pub(super) fn evaluate(kernels: &dyn Kernels, coefficients: &[Fr], point: Fr) -> Fr {
    if coefficients.len() <= SERIAL {
        return horner(coefficients, point);
    }
    let size = (coefficients.len() / PIECES).next_power_of_two().max(SERIAL / 2);
    let pieces = coefficients.len() / size;
    let (whole, rest) = coefficients.split_at(pieces * size);
    let plan = Plan::new(&Program::horner(pieces as u32));
    let folded = fold(kernels, &plan, whole, size, point.pow_vartime([size as u64]));
    let shift = point.pow_vartime([whole.len() as u64]);
    evaluate(kernels, &folded, point) + shift * evaluate(kernels, rest, point)
}

fn horner(coefficients: &[Fr], point: Fr) -> Fr {
    let step = |sum, coefficient| sum * point + coefficient;
    coefficients.iter().rev().fold(Fr::ZERO, step)
}
