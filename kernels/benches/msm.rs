//! Multi-scalar multiplication beside halo2-axiom's, by scalar width and instruction set.

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use ff::Field;
use halo2_proofs::arithmetic::best_multiexp;
use halo2curves::bn256::{Fr, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;
use zkml_kernels::Isa;
use zkml_kernels::msm::{Bases, Column, msm};
use zkml_kernels::srs::FixedBase;

/// Columns that are committed to together.
const COLUMNS: usize = 8;

fn field(value: i32) -> Fr {
    let magnitude = Fr::from(u64::from(value.unsigned_abs()));
    if value < 0 { -magnitude } else { magnitude }
}

fn compare(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for k in [16, 18] {
        let n = 1 << k;
        let full: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
        let points = FixedBase::new(G1Affine::generator(), n, Isa::detect())
            .expect("the detected instruction set is there")
            .multiply(&full);
        let bits8: Vec<i32> = (0..n).map(|_| rng.gen_range(-128..128)).collect();
        let bits16: Vec<i32> = (0..n).map(|_| rng.gen_range(-32768..32768)).collect();
        let small = |values| Column::Small { values, tail: &[] };
        let kinds = [
            ("full", Column::Full(&full), full.clone()),
            ("8-bit", small(&bits8), bits8.iter().copied().map(field).collect()),
            (
                "16-bit",
                small(&bits16),
                bits16.iter().copied().map(field).collect(),
            ),
        ];
        for (kind, column, scalars) in kinds {
            let mut group = c.benchmark_group(format!("msm {kind} 2^{k}"));
            group.sampling_mode(SamplingMode::Flat);
            group.bench_function("halo2-axiom", |b| b.iter(|| best_multiexp(&scalars, &points)));
            for isa in Isa::available() {
                let bases = Bases::new(&points, isa).expect("the instruction set is there");
                let id = |columns| BenchmarkId::new(isa.to_string(), columns);
                group.bench_function(id(1), |b| b.iter(|| msm(&bases, &[column])));
                if kind != "full" {
                    group.bench_function(id(COLUMNS), |b| b.iter(|| msm(&bases, &[column; COLUMNS])));
                }
            }
            group.finish();
        }
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
