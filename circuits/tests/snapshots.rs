//! Golden verifying keys: a change of the circuits shows in a diff.
//!
//! To accept a change: `INSTA_UPDATE=always cargo test -p zkml-circuits --test snapshots`.

mod common;

use common::samples::all;
use halo2_proofs::halo2curves::bn256::{Bn256, G1Affine};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::plonk::keygen_vk;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::fmt::Write;
use zkml_circuits::CompiledCircuit;

/// FNV-1a: the snapshot shows that something changed, it does not authenticate.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
    })
}

#[test]
fn verifying_keys() {
    let mut text = String::new();
    for sample in all() {
        let b = &sample.builder;
        let compiled = CompiledCircuit::with_lanes(&b.graph, Some(&b.params), &sample.options, 18).unwrap();
        let params = ParamsKZG::<Bn256>::setup(compiled.k(), ChaCha20Rng::seed_from_u64(3));
        let vk = keygen_vk(&params, &compiled.blank()).unwrap();
        // A column of zeros has the identity as its commitment, which strict readers refuse.
        let zero = |c: &G1Affine| bool::from(c.is_identity());
        assert!(
            !vk.fixed_commitments().iter().any(zero),
            "{}: a fixed column is zero",
            sample.name
        );
        let shape = compiled.shape();
        let coefficient_columns: Vec<usize> = shape.coefficient_columns.iter().map(Vec::len).collect();
        writeln!(
            text,
            "{}: k {}, {} lanes, {} fixed lanes, {} public values, patterns by port {:?}, {} of runs, {} gates, \
             {} lookups, key {:016x}",
            sample.name,
            shape.k,
            shape.lanes,
            shape.fixed_lanes,
            shape.public_values,
            coefficient_columns,
            shape.evaluations.len(),
            shape.gates.len(),
            shape.tables.len(),
            digest(&format!("{:?}", vk.pinned())),
        )
        .unwrap();
    }
    insta::assert_snapshot!("verifying_keys", text);
}
