//! What a GPU can do at most: products in the field, and bytes moved.

use crate::workshop::median;
use anyhow::Result;
use halo2curves::bn256::Fr;
use std::time::Duration;
use zkml_kernels::{Backend, Cuda};

const RUNS: usize = 5;

/// Rows of the measurement.
const ROWS: usize = 1 << 20;
/// Squarings of each row: so many that loads and stores do not count.
const SQUARINGS: u32 = 4096;

/// Measured peaks.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// Products in the field per second.
    pub products: f64,
    /// Bytes read or written per second.
    pub bytes: f64,
}

impl Peak {
    /// Measures a GPU.
    pub fn measure(gpu: &Cuda) -> Result<Self> {
        let mut values = gpu.upload(&vec![Fr::from(3); ROWS])?;
        let squared = time(gpu, || Ok(gpu.square_repeatedly(&mut values, SQUARINGS)?))?;
        let large = gpu.upload(&vec![Fr::from(3); 1 << 23])?;
        let copied = time(gpu, || {
            gpu.duplicate(&large)?;
            Ok(())
        })?;
        Ok(Self {
            products: ROWS as f64 * f64::from(SQUARINGS) / squared.as_secs_f64(),
            // Each is read and written.
            bytes: 2.0 * 32.0 * f64::from(1u32 << 23) / copied.as_secs_f64(),
        })
    }

    /// The time below which work with so many products and bytes cannot be.
    pub fn floor(&self, products: f64, bytes: f64) -> f64 {
        (products / self.products).max(bytes / self.bytes)
    }
}

/// The median time of work that the GPU has done when it ends.
pub fn time(gpu: &Cuda, mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    work()?;
    gpu.synchronize()?;
    median(RUNS, || {
        work()?;
        Ok(gpu.synchronize()?)
    })
}
