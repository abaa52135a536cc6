//! Whole proofs of the circuit of lanes, the engine beside halo2's prover.
//!
//! The engine takes finished columns, halo2's prover a circuit: each its own fastest way.
#![allow(missing_docs)]

use criterion::{Criterion, criterion_group, criterion_main};
use halo2_proofs::plonk::{self, ProvingKey, keygen_pk2};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use std::convert::Infallible;
use zkml_kernels::Backend;
use zkml_prover::{DeviceKey, PhasedColumns, Setup, Srs, create_proof, unreported};
use zkml_testing::lanes::Lanes;

fn upstream(params: &ParamsKZG<Bn256>, key: &ProvingKey<G1Affine>, circuit: &Lanes) -> Vec<u8> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
    plonk::create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        params,
        key,
        std::slice::from_ref(circuit),
        &[&[]],
        OsRng,
        &mut transcript,
    )
    .expect("halo2 proves the circuit");
    transcript.finalize()
}

fn engine<B: Backend>(setup: Setup<'_, B>, circuit: &Lanes) -> Vec<u8> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
    let mut witness = PhasedColumns::new(|phase, challenges: &[Option<Fr>]| {
        Ok::<_, Infallible>(circuit.columns(phase, challenges.first().copied().flatten()))
    });
    create_proof(setup, &mut witness, &[], OsRng, &mut transcript, &mut unreported)
        .expect("the engine proves the circuit");
    transcript.finalize()
}

fn proofs(criterion: &mut Criterion) {
    for (k, lanes) in [(12, 8), (16, 32)] {
        let circuit = Lanes::new(k, lanes);
        let params = ParamsKZG::<Bn256>::setup(k, OsRng);
        let key = keygen_pk2(&params, &circuit, false).expect("halo2 makes the key");
        let backend = zkml_kernels::Cpu::new();
        let srs = Srs::new(&backend, &params, None).expect("the SRS fits");
        let device_key = DeviceKey::new(&backend, &key).expect("the key fits");
        let setup = Setup {
            backend: &backend,
            srs: &srs,
            key: &device_key,
        };
        let mut group = criterion.benchmark_group(format!("proof/k{k}/lanes{lanes}"));
        group.sample_size(10);
        group.bench_function("engine", |bencher| bencher.iter(|| engine(setup, &circuit)));
        group.bench_function("halo2", |bencher| {
            bencher.iter(|| upstream(&params, &key, &circuit))
        });
        group.finish();
    }
}

criterion_group!(benches, proofs);
criterion_main!(benches);
