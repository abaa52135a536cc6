//! Times multiplications and transforms of halo2-axiom-gpu with data on the GPU, and prints a line of JSON for each:
//! what `zkml-accept cuda --peer FILE` reads.

use ff::Field;
use group::Curve;
use halo2_axiom_gpu::cuda::funcs::multiexp_gpu_device_scalars_device_bases_chunked;
use halo2_axiom_gpu::cuda::utils::HALO2_GPU_CTX;
use halo2_axiom_gpu::poly::{Device, DevicePolyExt, EvaluationDomain, LagrangeCoeff, Polynomial};
use halo2curves::bn256::{Fr, G1, G1Affine};
use openvm_cuda_common::copy::MemCopyH2D;
use openvm_cuda_common::stream::device_synchronize;
use rand_core::OsRng;
use std::error::Error;
use std::time::{Duration, Instant};

/// As those of the program that reads the lines.
const SIZES: std::ops::RangeInclusive<u32> = 16..=22;
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    for k in SIZES {
        let n = 1usize << k;
        let scalars: Vec<Fr> = (0..n).map(|_| Fr::random(OsRng)).collect();
        print("msm", k, multiplication(&scalars, &points(n))?);
        print("ntt", k, transform(&scalars, k)?);
    }
    Ok(())
}

fn print(operation: &str, k: u32, time: Duration) {
    let seconds = time.as_secs_f64();
    println!("{{\"operation\": \"{operation}\", \"k\": {k}, \"seconds\": {seconds}}}");
}

/// Points that are all different: multiples of the generator.
fn points(n: usize) -> Vec<G1Affine> {
    let generator = G1::generator();
    let sums = std::iter::successors(Some(generator), |point| Some(point + generator));
    let sums: Vec<G1> = sums.take(n).collect();
    let mut affine = vec![G1Affine::default(); n];
    G1::batch_normalize(&sums, &mut affine);
    affine
}

/// The median of times; the first run, which makes tables, does not count.
fn median(mut times: Vec<Duration>) -> Duration {
    times.remove(0);
    times.sort();
    times[times.len() / 2]
}

fn multiplication(scalars: &[Fr], points: &[G1Affine]) -> Result<Duration, Box<dyn Error>> {
    let failed = |error| format!("{error:?}");
    let on_device = scalars.to_device_on(&HALO2_GPU_CTX).map_err(failed)?;
    let bases = points.to_device_on(&HALO2_GPU_CTX).map_err(failed)?;
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let start = Instant::now();
        multiexp_gpu_device_scalars_device_bases_chunked::<G1Affine>(&on_device, &bases, scalars.len())
            .map_err(|error| format!("{error:?}"))?;
        times.push(start.elapsed());
    }
    Ok(median(times))
}

/// Values to coefficients: the transform that it offers from device to device.
fn transform(values: &[Fr], k: u32) -> Result<Duration, Box<dyn Error>> {
    let host = halo2_axiom::poly::EvaluationDomain::<Fr>::new(2, k);
    let domain = EvaluationDomain::from_host_domain(&host);
    let mut times = Vec::new();
    for _ in 0..=RUNS {
        let buffer = values
            .to_device_on(&HALO2_GPU_CTX)
            .map_err(|error| format!("{error:?}"))?;
        let column = Polynomial::<Fr, LagrangeCoeff, Device>::from_device(buffer);
        device_synchronize().map_err(|error| format!("{error:?}"))?;
        let start = Instant::now();
        let coefficients = domain
            .lagrange_to_coeff_device_input(column)
            .map_err(|error| format!("{error:?}"))?;
        device_synchronize().map_err(|error| format!("{error:?}"))?;
        times.push(start.elapsed());
        drop(coefficients);
    }
    Ok(median(times))
}
