//! The degree of the constraint sum in the challenges, which bounds the error of the proof system.

use super::common::samples::{Sample, all};
use super::{Forgery, lowered};
use crate::config::Challenges;
use halo2_proofs::halo2curves::bn256::Fr;

/// Values of the constraint sum on points of a line through the challenges, for a witness that satisfies nothing. The poles of the
/// lookups stay where they are.
fn on_a_line(sample: &Sample, points: u64) -> Vec<Fr> {
    let mut f = Forgery::new(sample);
    let mut state = 1u64;
    let mut any = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) % below
    };
    let bits = f.circuit.shape.lane_bits;
    let witness = f.witness();
    for cell in witness.lanes.iter_mut().flatten() {
        *cell = any(1 << bits) as u32;
    }
    f.recount();
    let start = [3u64, 5, 7, 11, 13].map(|x| Fr::from(any(1 << 30) + x));
    let step = [17u64, 19, 23, 29, 31].map(|x| Fr::from(any(1 << 30) + x));
    let (alpha, gamma) = (
        Fr::from(any(1 << 30)) + Fr::from(1u64 << 40),
        Fr::from(any(1 << 30)),
    );
    let sum = |t: u64| {
        let [u, v, w, sigma, tau] = std::array::from_fn(|i| start[i] + step[i] * Fr::from(t));
        let challenges = Challenges {
            u,
            v,
            w,
            alpha,
            gamma,
            sigma,
            tau,
        };
        let witness = f.circuit.witness.as_ref().expect("a circuit with a witness");
        let phase_two = witness.phase_two(&f.circuit.shape, &f.circuit.program, &challenges);
        *phase_two.sum.last().expect("a row")
    };
    (0..points).map(sum).collect()
}

/// The difference of this order at the first point: 0 for polynomials of a lower degree.
fn difference(values: &[Fr], order: usize) -> Fr {
    let mut values = values.to_vec();
    for round in 0..order {
        for i in 0..order - round {
            values[i] = values[i + 1] - values[i];
        }
    }
    values[0]
}

#[test]
fn the_linear_constraint_sum_has_the_degree_that_the_shape_states() {
    let mut samples: Vec<(u64, Sample)> = all()
        .into_iter()
        .map(|sample| (lowered(&sample).shape.linear_constraint_degree, sample))
        .collect();
    samples.sort_by_key(|(degree, _)| *degree);
    for (degree, sample) in &samples[..3] {
        let values = on_a_line(sample, degree + 2);
        let order = *degree as usize;
        assert_eq!(
            difference(&values, order + 1),
            Fr::from(0),
            "{}: {degree}",
            sample.name
        );
        assert_ne!(
            difference(&values, order),
            Fr::from(0),
            "{}: {degree}",
            sample.name
        );
    }
}

#[test]
fn poles_and_linear_constraints_add_up() {
    for sample in all() {
        let shape = lowered(&sample).shape;
        let (rows, lanes) = (shape.active_rows() as u64, u64::from(shape.lanes));
        // Each row has a cell in each lane, a row of the range table and, of degree 2 each, at most one lookup and one row of
        // the function tables.
        let poles = rows * (lanes + 1 + if shape.tables.is_empty() { 0 } else { 4 });
        // Poles that are hit, and those that clear the denominators.
        assert_eq!(
            shape.challenge_degree(),
            2 * poles + shape.linear_constraint_degree,
            "{}",
            sample.name
        );
    }
}
