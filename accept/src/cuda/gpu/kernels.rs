//! Multiplications and transforms beside halo2-axiom-gpu, and against what the GPU can do at most.

use super::super::{SIZES, kernel_items};
use super::floor::{Peak, time};
use crate::report::{Figure, Report};
use crate::{Args, process};
use anyhow::{Context, Result};
use halo2curves::bn256::{Fr, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use zkml_kernels::{Backend, Cuda, Isa, Scalars, srs};

/// Products of the multiplication that is counted: Pippenger's method with windows of 16 bits, and 10 products for
/// each addition of an affine point to a bucket (Bernstein, Lange: madd-2008-s for x/zz coordinates).
const WINDOWS: f64 = 16.0;
const PRODUCTS_PER_ADDITION: f64 = 10.0;
/// Largest transforms, in powers of two, that one pass and two passes over memory compute.
const PASSES: [u32; 2] = [11, 20];

/// A time of the peer.
#[derive(Deserialize)]
struct Timing {
    operation: String,
    k: u32,
    seconds: f64,
}

/// Measures all sizes.
pub fn run(gpu: &Cuda, args: &Args, report: &mut Report) {
    let peer = peer(args.peer.as_deref());
    if let Err(error) = &peer {
        println!("no times of halo2-axiom-gpu: {error:#}");
    }
    let peak = Peak::measure(gpu);
    if let Ok(peak) = &peak {
        println!(
            "peak: {:.3e} products/s, {:.3e} bytes/s",
            peak.products, peak.bytes
        );
    }
    for k in SIZES {
        report.measure_all(kernel_items(k), || {
            let peak = peak.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
            measure(gpu, k, peak, &peer)
        });
    }
}

/// Runs the peer, on the same GPU in the same run.
fn peer(program: Option<&Path>) -> Result<Vec<Timing>> {
    let program = program.context("name the program of benches/cuda-peer with --peer")?;
    let finished = process::run(&mut Command::new(program))?;
    let lines = finished.stdout.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn measure(gpu: &Cuda, k: u32, peak: &Peak, peer: &Result<Vec<Timing>>) -> Result<Vec<Figure>> {
    let n = 1usize << k;
    let mut rng = ChaCha20Rng::seed_from_u64(u64::from(k));
    let base = srs::FixedBase::new(G1Affine::generator(), n, Isa::detect())?;
    let points = srs::powers(&base, Fr::from(0x7a6b), k, |_| Ok::<_, zkml_kernels::Error>(()))?;
    let bases = gpu.bases(&points)?;
    let elements: Vec<Fr> = (0..n)
        .map(|_| Fr::from_raw([rng.r#gen(), rng.r#gen(), rng.r#gen(), rng.r#gen::<u64>() >> 4]))
        .collect();
    let small = gpu.upload_integers((0..n).map(|_| rng.gen_range(-128..128)).collect())?;
    let mut vector = [gpu.upload(&elements)?];
    let full = time(gpu, || {
        gpu.msm(&bases, &[Scalars::Full(&vector[0])])?;
        Ok(())
    })?;
    let signed = time(gpu, || {
        let scalars = Scalars::Small {
            values: &small,
            tail: &[],
        };
        gpu.msm(&bases, &[scalars])?;
        Ok(())
    })?;
    let transform = time(gpu, || Ok(gpu.ntt(&mut vector)?))?;

    let theirs = |operation: &str| -> Result<f64> {
        let timings = peer.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
        let found = timings.iter().find(|t| t.operation == operation && t.k == k);
        Ok(found
            .with_context(|| format!("the peer gave no time of {operation} 2^{k}"))?
            .seconds)
    };
    let (rows, log) = (n as f64, f64::from(k));
    let msm_floor = peak.floor(rows * WINDOWS * PRODUCTS_PER_ADDITION, rows * (64.0 + 32.0));
    let passes = 1.0 + PASSES.into_iter().filter(|most| k > *most).count() as f64;
    // A butterfly's product for each pair and level; a pass's element is multiplied by two factors between passes.
    let products = rows / 2.0 * (log - passes) + 2.0 * rows * (passes - 1.0);
    let ntt_floor = peak.floor(products, rows * 64.0 * passes);
    let (full, signed, transform) = (full.as_secs_f64(), signed.as_secs_f64(), transform.as_secs_f64());
    let figure = |ours: f64, theirs: Result<f64>, floor: f64, most: Option<f64>| {
        let over = ours / floor;
        let near = most.is_none_or(|most| over <= most);
        let text = format!("{:.3} ms, {over:.2} times the floor", 1e3 * ours);
        match theirs {
            Ok(theirs) => Figure::new(
                near && ours < theirs,
                format!("{text}, halo2-axiom-gpu {:.3} ms", 1e3 * theirs),
            ),
            Err(error) => Figure::new(false, format!("{text}, no peer: {error:#}")),
        }
    };
    let ratio = full / signed;
    let small = figure(signed, theirs("msm"), msm_floor / WINDOWS, None);
    Ok(vec![
        figure(full, theirs("msm"), msm_floor, (k >= 20).then_some(2.5)),
        small.and(ratio >= 8.0, format!("{ratio:.1} times faster than full width")),
        figure(transform, theirs("ntt"), ntt_floor, Some(2.0)),
    ])
}
