//! Transforms of one vector beside halo2-axiom's, by size and instruction set.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use ff::{Field, PrimeField};
use halo2_proofs::arithmetic::best_fft;
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::Fr;
use std::time::Duration;
use zkml_kernels::{Backend, Cpu, Isa};

fn values(count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::DELTA), |value| Some(value.square() + Fr::ONE))
        .take(count)
        .collect()
}

fn compare(c: &mut Criterion) {
    for levels in [16, 18, 20] {
        let mut group = c.benchmark_group(format!("ntt 2^{levels}"));
        group.throughput(Throughput::Elements(1 << levels));
        group.sampling_mode(SamplingMode::Flat);
        let mut coefficients = values(1 << levels);
        let domain = EvaluationDomain::<Fr>::new(1, levels);
        let data = domain.get_fft_data(1 << levels);
        group.bench_function("halo2-axiom", |b| {
            b.iter(|| best_fft(&mut coefficients, domain.get_omega(), levels, data, false));
        });
        for isa in Isa::available() {
            let cpu = Cpu::with_isa(isa).expect("the instruction set is there");
            let mut vectors = [coefficients.clone()];
            group.bench_function(isa.to_string(), |b| {
                b.iter(|| cpu.ntt(&mut vectors));
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = compare
}
criterion_main!(benches);
