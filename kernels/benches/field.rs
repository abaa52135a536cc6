//! Products of the scalar field on one core: halo2curves and every instruction set here.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ff::PrimeField;
use halo2curves::bn256::Fr;
use std::time::Duration;
use zkml_kernels::Isa;
use zkml_kernels::probe::{Product, repeat};

const ROUNDS: usize = 1000;

fn products(c: &mut Criterion) {
    let mut group = c.benchmark_group("products");
    group.throughput(Throughput::Elements(32 * ROUNDS as u64));
    let mut values = [Fr::ROOT_OF_UNITY; 32];
    group.bench_function("halo2curves", |b| {
        b.iter(|| {
            for _ in 0..ROUNDS {
                values.iter_mut().for_each(|value| *value *= Fr::DELTA);
            }
        });
    });
    for isa in Isa::available() {
        for product in [Product::Montgomery, Product::Square, Product::Constant] {
            let id = BenchmarkId::new(isa.to_string(), format!("{product:?}"));
            group.bench_function(id, |b| {
                b.iter(|| repeat(isa, product, &mut values, Fr::DELTA, ROUNDS));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = products
}
criterion_main!(benches);
