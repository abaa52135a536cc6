//! Structured reference strings beside halo2-axiom's.

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use ff::Field;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;
use zkml_kernels::srs::{FixedBase, lagrange_from_secret, powers};
use zkml_kernels::{Error, Isa};

fn compare(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let secret = Fr::random(&mut rng);
    for k in [14, 16] {
        let mut group = c.benchmark_group(format!("srs k = {k}"));
        group.sampling_mode(SamplingMode::Flat);
        for isa in Isa::available() {
            group.bench_function(isa.to_string(), |b| {
                b.iter(|| {
                    let base = FixedBase::new(G1Affine::generator(), 2 << k, isa)
                        .expect("the instruction set is there");
                    let progress = |_| Ok::<(), Error>(());
                    (
                        powers(&base, secret, k, progress),
                        lagrange_from_secret(&base, secret, k, progress),
                    )
                });
            });
        }
        group.bench_function("halo2-axiom", |b| {
            b.iter(|| ParamsKZG::<Bn256>::setup(k, &mut rng))
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(1));
    targets = compare
}
criterion_main!(benches);
