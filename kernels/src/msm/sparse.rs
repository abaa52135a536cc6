//! A handful of full-width scalars for each of many columns: no buckets, shared doublings.
//!
//! Straus' method on the halves of the scalars, in non-adjacent form. Blinding rows are at the same
//! bases in every column, so that each base's odd multiples are made once.

use crate::curve::Point;
use crate::curve::glv;
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Digits are odd and below `2^(WIDTH - 1)` in absolute value.
const WIDTH: u32 = 6;
const MULTIPLES: usize = 1 << (WIDTH - 2);

/// The odd multiples of a base, and their images under the endomorphism.
struct Table([Vec<G1Affine>; 2]);

/// `sum_i s_i B_(first + i)` for every pair of a first base and scalars.
pub(super) fn multiply(bases: &[Point], parts: &[(usize, &[Fr])]) -> Vec<G1> {
    let mut wanted: Vec<usize> = parts
        .iter()
        .flat_map(|(first, scalars)| *first..first + scalars.len())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let tables: BTreeMap<usize, Table> = wanted
        .into_par_iter()
        .map(|base| (base, Table::new(G1Affine::from(&bases[base]))))
        .collect();
    parts
        .par_iter()
        .map(|(first, scalars)| {
            let tables: Vec<&Table> = (*first..first + scalars.len())
                .filter_map(|base| tables.get(&base))
                .collect();
            straus(&tables, scalars)
        })
        .collect()
}

impl Table {
    fn new(base: G1Affine) -> Self {
        let mut multiple = G1::from(base);
        let double = multiple.double();
        let odd: [G1; MULTIPLES] = std::array::from_fn(|_| {
            let this = multiple;
            multiple += double;
            this
        });
        let mut affine = vec![G1Affine::default(); MULTIPLES];
        G1::batch_normalize(&odd, &mut affine);
        let image = |point: &G1Affine| G1Affine {
            x: point.x * glv::BETA,
            y: point.y,
        };
        let images = affine.iter().map(image).collect();
        Self([affine, images])
    }
}

fn straus(tables: &[&Table], scalars: &[Fr]) -> G1 {
    let mut digits = Vec::with_capacity(2 * scalars.len());
    for (table, scalar) in tables.iter().zip(scalars) {
        for (half, multiples) in glv::split(scalar).into_iter().zip(&table.0) {
            digits.push((multiples, non_adjacent_form(half)));
        }
    }
    let length = digits.iter().map(|(_, digits)| digits.len()).max().unwrap_or(0);
    (0..length).rev().fold(G1::identity(), |sum, position| {
        let mut sum = sum.double();
        for (multiples, digits) in &digits {
            let digit = digits.get(position).copied().unwrap_or(0);
            let odd = usize::from(digit.unsigned_abs() / 2);
            match digit.signum() {
                1 => sum += multiples[odd],
                -1 => sum -= multiples[odd],
                _ => {}
            }
        }
        sum
    })
}

/// Digits `d_i`, zero or odd and below `2^(WIDTH - 1)` in absolute value, with
/// `sum_i d_i 2^i = number`; among [`WIDTH`] neighbours at most one is not zero.
fn non_adjacent_form(number: i128) -> Vec<i8> {
    // Numbers have 127 bits at most: what a digit takes away leaves them within 128.
    let mut rest = number;
    let mut digits = Vec::with_capacity(128);
    while rest != 0 {
        let mut digit = 0;
        if rest & 1 == 1 {
            let low = (rest & ((1 << WIDTH) - 1)) as i8;
            digit = if low < 1 << (WIDTH - 1) {
                low
            } else {
                low - (1 << WIDTH)
            };
            rest -= i128::from(digit);
        }
        digits.push(digit);
        rest >>= 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve;
    use ff::Field;

    #[test]
    fn equals_the_sum_of_products() {
        let points: Vec<G1Affine> = (0..5u64)
            .map(|i| (G1::generator() * Fr::from(i * i)).into())
            .collect();
        let bases = curve::encode(&points);
        let half = Fr::from(2).invert().unwrap();
        let scalars = [-Fr::ONE, half, Fr::ZERO, glv::LAMBDA, Fr::from(77)];
        let parts = [
            (0, &scalars[..]),
            (3, &scalars[..2]),
            (5, &[][..]),
            (1, &scalars[1..]),
        ];
        for ((first, scalars), sum) in parts.iter().zip(multiply(&bases, &parts)) {
            let products = points[*first..].iter().zip(*scalars).map(|(p, s)| p * s);
            assert_eq!(
                sum,
                products.fold(G1::identity(), |sum, p| sum + p),
                "from {first}"
            );
        }
    }
}
