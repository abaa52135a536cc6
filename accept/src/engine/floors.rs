//! The time of a kernel beside its floor: the field multiplications that it takes, at the rate of a loop that
//! does nothing else, on all threads.

use super::kernels::{field_elements, points};
use crate::report::{Figure, Item, Report};
use anyhow::Result;
use halo2curves::bn256::{Fr, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::time::Instant;
use zkml_kernels::probe::{PRODUCTS_PER_ADDITION, Product, additions, repeat, small_additions};
use zkml_kernels::{Backend, Cpu, Isa, Scalars};

/// What a kernel does beside multiplications may take this many times as long as they do.
const BAR: f64 = 4.0;
const RUNS: usize = 5;
/// Multiplications of a measurement of their rate.
const VALUES: usize = 32;
const ROUNDS: usize = 50_000;

const MSM: [u32; 2] = [16, 18];
const SMALL_MSM: u32 = 18;
const SMALL: [u32; 2] = [8, 16];
const VECTORS: [u32; 3] = [16, 18, 20];

/// Measures every kernel on every instruction set that this machine has.
pub fn run(report: &mut Report) {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let size = MSM.into_iter().chain([SMALL_MSM]).max().unwrap_or(0);
    let points = match points(size, &mut rng) {
        Ok(points) => points,
        Err(error) => return report.measure(Item::new("floors", "points to multiply"), || Err(error)),
    };
    for isa in Isa::available() {
        let outcome = Kernels::new(isa, &points, &mut rng);
        match outcome {
            Ok(kernels) => kernels.run(report, &mut rng),
            Err(error) => report.measure(Item::new(format!("floors, {isa}"), "a backend"), || Err(error)),
        }
    }
}

struct Kernels<'a> {
    isa: Isa,
    backend: Cpu,
    points: &'a [G1Affine],
    /// Nanoseconds of a product of two variables, and of one with a prepared constant.
    product: f64,
    constant: f64,
}

impl<'a> Kernels<'a> {
    fn new(isa: Isa, points: &'a [G1Affine], rng: &mut ChaCha20Rng) -> Result<Self> {
        Ok(Self {
            isa,
            backend: Cpu::with_isa(isa)?,
            points,
            product: nanoseconds(isa, Product::Montgomery, rng)?,
            constant: nanoseconds(isa, Product::Constant, rng)?,
        })
    }

    fn run(&self, report: &mut Report, rng: &mut ChaCha20Rng) {
        for k in MSM {
            let n = 1usize << k;
            let scalars = field_elements(n, rng);
            let count = PRODUCTS_PER_ADDITION * additions(n);
            self.item(
                report,
                &format!("MSM 2^{k}, full width"),
                count,
                self.product,
                || {
                    let bases = self.backend.bases(&self.points[..n])?;
                    let vector = self.backend.upload(&scalars)?;
                    median(|| {
                        self.backend.msm(&bases, &[Scalars::Full(&vector)])?;
                        Ok(())
                    })
                },
            );
        }
        for bits in SMALL {
            let (n, half) = (1usize << SMALL_MSM, 1i32 << (bits - 1));
            let values: Vec<i32> = (0..n).map(|_| rng.gen_range(-half..half)).collect();
            let count = PRODUCTS_PER_ADDITION * small_additions(n, half.unsigned_abs());
            let name = format!("MSM 2^{SMALL_MSM}, signed {bits}-bit");
            self.item(report, &name, count, self.product, || {
                let bases = self.backend.bases(&self.points[..n])?;
                let values = self.backend.upload_integers(values.clone())?;
                median(|| {
                    let scalars = Scalars::Small {
                        values: &values,
                        tail: &[],
                    };
                    self.backend.msm(&bases, &[scalars])?;
                    Ok(())
                })
            });
        }
        for k in VECTORS {
            let n = 1usize << k;
            let values = field_elements(n, rng);
            let half = (n / 2) as f64;
            self.item(
                report,
                &format!("NTT 2^{k}"),
                half * f64::from(k),
                self.constant,
                || {
                    let mut vectors = vec![self.backend.upload(&values)?];
                    median(|| {
                        self.backend.ntt(&mut vectors)?;
                        Ok(())
                    })
                },
            );
        }
    }

    /// Reports one kernel: `count` products of `rate` nanoseconds each.
    fn item(
        &self,
        report: &mut Report,
        name: &str,
        count: f64,
        rate: f64,
        seconds: impl FnOnce() -> Result<f64>,
    ) {
        let item = Item::new(
            format!("{name}, {}: time over floor", self.isa),
            format!("at most {BAR}"),
        );
        report.measure(item, || {
            let milliseconds = 1e3 * seconds()?;
            let floor = 1e-6 * count * rate / rayon::current_num_threads() as f64;
            let ratio = milliseconds / floor;
            Ok(Figure::new(
                ratio <= BAR,
                format!(
                    "{ratio:.1} ({milliseconds:.2} ms, floor {floor:.2} ms: {:.2} million products of {rate:.1} ns)",
                    1e-6 * count
                ),
            ))
        });
    }
}

/// Nanoseconds of one product on one thread.
fn nanoseconds(isa: Isa, product: Product, rng: &mut ChaCha20Rng) -> Result<f64> {
    let mut values = field_elements(VALUES, rng);
    let factor: Fr = field_elements(1, rng)[0];
    let seconds = median(|| {
        repeat(isa, product, &mut values, factor, ROUNDS)?;
        Ok(())
    })?;
    Ok(1e9 * seconds / (VALUES * ROUNDS) as f64)
}

/// The median of a few runs, after one that warms caches and tables.
fn median(mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    work()?;
    let mut seconds = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[RUNS / 2])
}
