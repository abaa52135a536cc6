//! Multi-scalar multiplication.

use super::sample::{Sampler, up};
use crate::{Backend, Oracle, Scalars};
use ff::Field;
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};

pub(super) fn check<B: Backend>(backend: &B) {
    let mut sampler = Sampler(5);
    for count in [1, 2, 3, 17, 64, 65, 500, 1 << 12] {
        let points = points(&mut sampler, count);
        let bases = backend.bases(&points).expect("bases");
        let full = sampler.elements(count);
        let equal = vec![-Fr::ONE; count];
        let integers = sampler.integers(count);
        let bytes: Vec<i32> = integers.iter().map(|&value| i32::from(value as i8)).collect();
        let (short, tail) = (&bytes[..count - count / 4], &full[..count / 4]);
        let vectors = [
            up(backend, &full),
            up(backend, &equal),
            up(backend, &full[..count / 2]),
        ];
        let half = full[..count / 2].to_vec();
        let small = [
            (&integers[..], &[][..]),
            (&bytes[..], &[][..]),
            (short, tail),
            (&[], tail),
        ];

        let table = sampler.elements(1 + count / 3);
        let codes: Vec<Vec<i32>> = (0..3)
            .map(|_| sampler.codes(count - count / 4, table.len()))
            .collect();
        let codes: Vec<&[i32]> = codes.iter().map(Vec::as_slice).collect();
        let coded = [(&codes[..1], &[][..]), (&codes[..], tail)];

        let mut columns: Vec<Scalars<'_, B::Vector>> = vectors.iter().map(Scalars::Full).collect();
        columns.extend(
            small
                .iter()
                .map(|&(values, tail)| Scalars::Small { values, tail }),
        );
        let table = &table[..];
        columns.extend(
            coded
                .iter()
                .map(|&(codes, tail)| Scalars::Coded { codes, table, tail }),
        );
        let mut reference: Vec<Scalars<'_, Vec<Fr>>> =
            [&full, &equal, &half].into_iter().map(Scalars::Full).collect();
        reference.extend(
            small
                .iter()
                .map(|&(values, tail)| Scalars::Small { values, tail }),
        );
        reference.extend(
            coded
                .iter()
                .map(|&(codes, tail)| Scalars::Coded { codes, table, tail }),
        );

        let found = backend.msm(&bases, &columns).expect("msm");
        let expected = Oracle.msm(&points, &reference).expect("oracle");
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
