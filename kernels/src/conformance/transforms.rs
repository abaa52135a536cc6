//! Transforms of all sizes up to `2^14`.

use super::sample::{Sampler, same, up};
use crate::{Backend, Oracle};
use ff::{Field, PrimeField, WithSmallOrderMulGroup};
use halo2curves::bn256::Fr;

pub(super) fn check<B: Backend>(backend: &B) {
    let mut sampler = Sampler(3);
    for levels in 0..=14 {
        let columns: Vec<Vec<Fr>> = (0..3)
            .map(|_| sampler.elements(1 << levels))
            .chain([vec![-Fr::ONE; 1 << levels]])
            .collect();
        let upload = || {
            columns
                .iter()
                .map(|values| up(backend, values))
                .collect::<Vec<_>>()
        };

        let mut expected = columns.clone();
        Oracle.ntt(&mut expected).expect("oracle");
        let mut found = upload();
        backend.ntt(&mut found).expect("ntt");
        all_same(backend, &format!("ntt of 2^{levels}"), &found, &expected);
        backend.intt(&mut found).expect("intt");
        all_same(backend, &format!("intt of 2^{levels}"), &found, &columns);

        for shift in [Fr::ONE, Fr::MULTIPLICATIVE_GENERATOR, Fr::ZETA, -Fr::ONE] {
            let sources = upload();
            let expected = Oracle
                .coset_ntt(&columns.iter().collect::<Vec<_>>(), shift)
                .expect("oracle");
            let mut found = backend
                .coset_ntt(&sources.iter().collect::<Vec<_>>(), shift)
                .expect("coset_ntt");
            all_same(backend, &format!("coset_ntt of 2^{levels}"), &found, &expected);
            for values in &mut found {
                backend.coset_intt(values, shift).expect("coset_intt");
            }
            all_same(backend, &format!("coset_intt of 2^{levels}"), &found, &columns);
        }
    }
    mixed(backend, &mut sampler);
}

/// Vectors of different lengths in one call.
fn mixed<B: Backend>(backend: &B, sampler: &mut Sampler) {
    let columns = [3, 11, 0, 6].map(|levels| sampler.elements(1 << levels));
    let mut expected = columns.to_vec();
    Oracle.ntt(&mut expected).expect("oracle");
    let mut found = columns.each_ref().map(|values| up(backend, values));
    backend.ntt(&mut found).expect("ntt");
    all_same(backend, "ntt of several lengths", &found, &expected);
}

fn all_same<B: Backend>(backend: &B, what: &str, found: &[B::Vector], expected: &[Vec<Fr>]) {
    assert_eq!(
        found.len(),
        expected.len(),
        "{}: {what}: number of vectors",
        backend.name()
    );
    for (found, expected) in found.iter().zip(expected) {
        same(backend, what, found, expected);
    }
}
