//! Measures which device is faster at which size.

use super::crossover::{Crossover, Timing};
use crate::Error;
use ff::Field;
use halo2curves::bn256::{Fr, G1Affine};
use std::time::{Duration, Instant};
use zkml_kernels::srs::{FixedBase, powers};
use zkml_kernels::{Backend, Isa, Scalars};

/// Sizes that are measured, until the GPU has won at some in a row.
const SIZES: [u32; 5] = [10, 12, 14, 16, 18];

/// Runs of which the fastest counts: others may use the machine.
const RUNS: usize = 3;

/// Columns of each kind in the work that is measured: a proof has far more, in batches of about this size.
const COLUMNS: usize = 8;

/// Measures a CPU and a GPU.
///
/// The work of size `k` is what the time of a proof goes to: commitments to columns of small integers and to one
/// of field elements, and transforms, on data that starts on the host.
pub(super) fn measure<C: Backend, G: Backend>(cpu: &C, gpu: &G) -> Result<Crossover, Error> {
    let mut crossover = Crossover {
        cpu: cpu.name(),
        gpu: gpu.name(),
        timings: Vec::new(),
    };
    for k in SIZES {
        let work = Work::new(k)?;
        crossover.timings.push(Timing {
            k,
            cpu: work.time(cpu)?.as_secs_f64(),
            gpu: work.time(gpu)?.as_secs_f64(),
        });
        if crossover.is_settled() {
            break;
        }
    }
    Ok(crossover)
}

/// Points and columns of one size.
struct Work {
    points: Vec<G1Affine>,
    small: Vec<Vec<i32>>,
    full: Vec<Fr>,
}

impl Work {
    fn new(k: u32) -> Result<Self, Error> {
        let n = 1usize << k;
        let secret = Fr::from(0x7a6b_6d6c).square();
        let base = FixedBase::new(G1Affine::generator(), n, Isa::detect())?;
        let points = powers::<zkml_kernels::Error>(&base, secret, k, |_| Ok(()))?;
        // Bytes, as most cells of a witness are.
        let cell = |column: usize, row: usize| ((row * 2_654_435_761 + column * 40_503) >> 7) as u8;
        let small = (0..COLUMNS)
            .map(|column| (0..n).map(|row| i32::from(cell(column, row))).collect())
            .collect();
        let full = std::iter::successors(Some(secret), |value| Some(value.square() + Fr::ONE));
        Ok(Self {
            points,
            small,
            full: full.take(n).collect(),
        })
    }

    fn time<B: Backend>(&self, backend: &B) -> Result<Duration, Error> {
        let bases = backend.bases(&self.points)?;
        let mut best = Duration::MAX;
        // The first run makes tables.
        for _ in 0..=RUNS {
            let small = self.small.clone();
            let start = Instant::now();
            self.run(backend, &bases, small)?;
            best = best.min(start.elapsed());
        }
        Ok(best)
    }

    fn run<B: Backend>(
        &self,
        backend: &B,
        bases: &B::Bases,
        small: Vec<Vec<i32>>,
    ) -> Result<(), zkml_kernels::Error> {
        let small = small.into_iter().map(|values| backend.upload_integers(values));
        let small = small.collect::<Result<Vec<_>, _>>()?;
        let scalars = small.iter().map(|values| Scalars::Small { values, tail: &[] });
        backend.msm(bases, &scalars.collect::<Vec<_>>())?;
        let full = backend.upload(&self.full)?;
        backend.msm(bases, &[Scalars::Full(&full)])?;
        let columns = small.iter().map(|values| backend.expand_small(values, &[]));
        let mut columns = columns.collect::<Result<Vec<_>, _>>()?;
        backend.intt(&mut columns)?;
        let columns: Vec<&B::Vector> = columns.iter().collect();
        let values = backend.coset_ntt(&columns, Fr::from(7))?;
        // What is queued on a GPU is done when something comes back.
        values
            .iter()
            .try_for_each(|values| backend.read(values, 0, 1).map(drop))
    }
}
