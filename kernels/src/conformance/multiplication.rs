//! Multi-scalar multiplication.

use super::sample::{Sampler, up};
use crate::{Backend, Oracle, Scalars};
use ff::Field;
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};

pub(super) fn check<B: Backend>(backend: &B) {
    let mut sampler = Sampler(5);
    for count in [1, 2, 3, 17, 64, 65, 500, 1 << 12] {
        let columns = Columns::new(&mut sampler, count);
        let (found, expected) = (columns.multiply(backend), columns.multiply(&Oracle));
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(
                found,
                expected,
                "{}: msm of {count} points, column {i}",
                backend.name()
            );
        }
        assert_eq!(found.len(), expected.len());
    }
    let bases = backend.bases(&[]).expect("no bases");
    assert_eq!(backend.msm(&bases, &[]).expect("no columns"), []);
}

/// Columns of each kind, over the same points.
struct Columns {
    points: Vec<G1Affine>,
    full: Vec<Vec<Fr>>,
    /// Whether the tail follows.
    small: Vec<(Vec<i32>, bool)>,
    codes: Vec<Vec<i32>>,
    table: Vec<Fr>,
    tail: Vec<Fr>,
}

impl Columns {
    fn new(sampler: &mut Sampler, count: usize) -> Self {
        let points = points(sampler, count);
        let full = sampler.elements(count);
        let integers = sampler.integers(count);
        let bytes: Vec<i32> = integers.iter().map(|&value| i32::from(value as i8)).collect();
        let short = count - count / 4;
        let table = sampler.elements(1 + count / 3);
        Self {
            points,
            // What follows the rows is no code.
            codes: (0..3)
                .map(|_| [&sampler.codes(short, table.len())[..], &[-1, i32::MAX]].concat())
                .collect(),
            table,
            tail: full[..count / 4].to_vec(),
            small: vec![
                (bytes[..short].to_vec(), true),
                (integers, false),
                (bytes, false),
                (vec![], true),
            ],
            full: vec![full[..count / 2].to_vec(), full, vec![-Fr::ONE; count]],
        }
    }

    fn multiply<B: Backend>(&self, backend: &B) -> Vec<G1Affine> {
        let integers = |values: &Vec<i32>| backend.upload_integers(values.clone()).expect("integers");
        let bases = backend.bases(&self.points).expect("bases");
        let full: Vec<B::Vector> = self.full.iter().map(|values| up(backend, values)).collect();
        let small: Vec<B::Integers> = self.small.iter().map(|(values, _)| integers(values)).collect();
        let codes: Vec<B::Integers> = self.codes.iter().map(integers).collect();
        let codes: Vec<&B::Integers> = codes.iter().collect();
        let table = up(backend, &self.table);
        let tail = |follows| if follows { &self.tail[..] } else { &[] };
        let rows = self.codes[0].len() - 2;
        let dictionary = [(1, rows, false), (3, rows, true), (3, rows / 2, true)];
        let full = full.iter().map(Scalars::Full);
        let small = small.iter().zip(&self.small).map(|(values, &(_, follows))| {
            let tail = tail(follows);
            Scalars::Small { values, tail }
        });
        let dictionary = dictionary.map(|(lists, rows, follows)| Scalars::Dictionary {
            codes: &codes[..lists],
            rows,
            table: &table,
            tail: tail(follows),
        });
        let columns: Vec<_> = full.chain(small).chain(dictionary).collect();
        backend.msm(&bases, &columns).expect("msm")
    }
}

/// Points with equal ones, opposite ones and the identity among them.
fn points(sampler: &mut Sampler, count: usize) -> Vec<G1Affine> {
    let mut points: Vec<G1> = Vec::with_capacity(count);
    let step = G1::generator() * Fr::from(sampler.number());
    for i in 0..count {
        let last = points.last().copied().unwrap_or(G1::generator());
        points.push(match i % 11 {
            4 => last,
            7 => -last,
            9 => G1::identity(),
            10 => G1::generator() * Fr::from(i as u64).square(),
            _ => last + step,
        });
    }
    points.iter().map(Curve::to_affine).collect()
}
