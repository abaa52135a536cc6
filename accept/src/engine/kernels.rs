//! Multi-scalar multiplication and transforms beside those of halo2-axiom.

use super::{Bars, each_isa};
use crate::report::{Figure, Item, Report};
use crate::workshop::turns;
use anyhow::Result;
use halo2_proofs::arithmetic::{best_fft, best_multiexp};
use halo2curves::bn256::{Fr, G1Affine};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::{Duration, Instant};
use zkml_kernels::{Backend, Cpu, Isa, Scalars, root_of_unity, small, srs};

/// Fewest turns, and the time that turns take together where they are short: the neighbours of a virtual machine, or
/// the way its processors are laid on cores, change within seconds, and a median over less tells of one such state.
const RUNS: usize = 5;
const TIME: Duration = Duration::from_secs(5);

/// Sizes of the multiplications with full-width scalars.
const MSM: [u32; 2] = [16, 18];
/// Size of those with small scalars: their width in bits and the bar.
const SMALL_MSM: u32 = 18;
const SMALL: [(u32, f64); 2] = [(8, 25.0), (16, 12.0)];
const NTT: [u32; 3] = [16, 18, 20];

/// Measures all kernels.
pub fn run(report: &mut Report) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let size = MSM.into_iter().chain([SMALL_MSM]).max().unwrap_or(0);
    let points = match points(size, &mut rng) {
        Ok(points) => points,
        Err(error) => {
            let item = Item::new("kernels", "points to multiply");
            return report.measure(item, || Err(error));
        }
    };
    for k in MSM {
        let scalars = field_elements(1 << k, &mut rng);
        each_isa(
            report,
            &format!("MSM 2^{k}, full width"),
            Bars::new(5.0),
            |report, item, isa| {
                report.measure(item, || {
                    full(&points[..1 << k], &scalars, isa, item_bar(isa, 5.0))
                });
            },
        );
    }
    for (bits, bar) in SMALL {
        let half = 1i32 << (bits - 1);
        let values: Vec<i32> = (0..1 << SMALL_MSM).map(|_| rng.gen_range(-half..half)).collect();
        let name = format!("MSM 2^{SMALL_MSM}, signed {bits}-bit");
        each_isa(report, &name, Bars::new(bar), |report, item, isa| {
            report.measure(item, || {
                signed(&points[..1 << SMALL_MSM], &values, isa, item_bar(isa, bar))
            });
        });
    }
    for k in NTT {
        let values = field_elements(1 << k, &mut rng);
        each_isa(
            report,
            &format!("NTT 2^{k}"),
            Bars::new(8.0),
            |report, item, isa| {
                report.measure(item, || transform(&values, isa, item_bar(isa, 8.0)));
            },
        );
    }
}

fn item_bar(isa: Isa, ifma: f64) -> f64 {
    Bars::new(ifma).of(isa)
}

pub(super) fn field_elements(count: usize, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    let mut element = || {
        let mut bytes = [0; 64];
        rng.fill_bytes(&mut bytes);
        <Fr as ff::FromUniformBytes<64>>::from_uniform_bytes(&bytes)
    };
    (0..count).map(|_| element()).collect()
}

/// `2^k` points: multiples of the generator by powers of a random number.
pub(super) fn points(k: u32, rng: &mut ChaCha20Rng) -> Result<Vec<G1Affine>> {
    let base = srs::FixedBase::new(G1Affine::generator(), 1 << k, Isa::detect())?;
    let secret = field_elements(1, rng)[0];
    Ok(srs::powers(&base, secret, k, |_| {
        Ok::<_, zkml_kernels::Error>(())
    })?)
}

/// The bar is met by the ratio of two medians taken in turns.
fn figure(upstream: f64, ours: f64, bar: f64) -> Figure {
    let ratio = upstream / ours;
    Figure::new(
        ratio >= bar,
        format!(
            "{ratio:.1} ({:.2} ms, upstream {:.2} ms)",
            1e3 * ours,
            1e3 * upstream
        ),
    )
}

/// Times both in turns.
pub(super) fn beside(
    bar: f64,
    mut upstream: impl FnMut() -> Result<()>,
    mut ours: impl FnMut() -> Result<()>,
) -> Result<Figure> {
    // The first runs warm caches and tables.
    let start = Instant::now();
    upstream()?;
    ours()?;
    let runs = TIME.div_duration_f64(start.elapsed()) as usize;
    let [upstream, ours] = turns(runs.max(RUNS), upstream, ours)?.medians;
    Ok(figure(upstream.as_secs_f64(), ours.as_secs_f64(), bar))
}

fn full(points: &[G1Affine], scalars: &[Fr], isa: Isa, bar: f64) -> Result<Figure> {
    let backend = Cpu::with_isa(isa)?;
    let bases = backend.bases(points)?;
    let vector = backend.upload(scalars)?;
    beside(
        bar,
        || {
            std::hint::black_box(best_multiexp(scalars, points));
            Ok(())
        },
        || {
            std::hint::black_box(backend.msm(&bases, &[Scalars::Full(&vector)])?);
            Ok(())
        },
    )
}

fn signed(points: &[G1Affine], values: &[i32], isa: Isa, bar: f64) -> Result<Figure> {
    let backend = Cpu::with_isa(isa)?;
    let bases = backend.bases(points)?;
    let scalars: Vec<Fr> = values.iter().map(|&value| small(value)).collect();
    let values = &backend.upload_integers(values.to_vec())?;
    beside(
        bar,
        || {
            std::hint::black_box(best_multiexp(&scalars, points));
            Ok(())
        },
        || {
            std::hint::black_box(backend.msm(&bases, &[Scalars::Small { values, tail: &[] }])?);
            Ok(())
        },
    )
}

fn transform(values: &[Fr], isa: Isa, bar: f64) -> Result<Figure> {
    let backend = Cpu::with_isa(isa)?;
    let k = values.len().ilog2();
    let domain = halo2_proofs::poly::EvaluationDomain::<Fr>::new(1, k);
    let data = domain.get_fft_data(values.len());
    let (mut theirs, mut ours) = (values.to_vec(), vec![backend.upload(values)?]);
    let omega = root_of_unity(k);
    beside(
        bar,
        || {
            best_fft(&mut theirs, omega, k, data, false);
            Ok(())
        },
        || Ok(backend.ntt(&mut ours)?),
    )
}
