//! Whole proofs on CPU and GPU, side by side.

use super::super::{MODELS, SYNTHETIC, WHOLE, whole_items};
use super::equality::prove;
use crate::data::{asset, folders};
use crate::engine::upstream::{Keys, Prepared};
use crate::process;
use crate::report::{Figure, Report};
use crate::workshop::median;
use anyhow::{Context, Result, anyhow};
use halo2_proofs::plonk::{ProvingKey, keygen_pk2};
use halo2curves::bn256::G1Affine;
use std::path::{Path, PathBuf};
use std::process::Command;
use zkml::{Progress, Srs};
use zkml_kernels::{Backend, Cpu, Cuda};
use zkml_testing::lanes::Lanes;

/// Lanes of the synthetic circuit.
const LANES: usize = 32;

/// Proofs of which the median counts.
const RUNS: usize = 3;

/// Times models and the synthetic circuit.
pub fn run(gpu: &Cuda, zkml: &Result<PathBuf>, report: &mut Report) {
    let mut items = whole_items();
    let synthetic = items.pop();
    for (item, name) in items.into_iter().zip(MODELS) {
        let model = model(name);
        match model {
            Ok((model, data)) => report.measure(item, || {
                let zkml = zkml.as_deref().map_err(|error| anyhow!("{error:#}"))?;
                network(zkml, &model, &data)
            }),
            Err(reason) => super::super::not_run(report, vec![item], &reason),
        }
    }
    if let Some(item) = synthetic {
        report.measure(item, || lanes(gpu));
    }
}

/// A model's file, and data that it is calibrated with and proven on. The MLP is one of those that
/// `benches/make_mlps.py` writes, in the folder `ZKML_MLPS`.
fn model(name: &str) -> Result<(PathBuf, String), String> {
    match name {
        "LeNet-5" => Ok((
            asset("mnist_lenet5.onnx"),
            format!("{}:images", asset("mnist_digits.npz").display()),
        )),
        "mlp_4m" => {
            let folder = std::env::var_os("ZKML_MLPS")
                .map(PathBuf::from)
                .ok_or("name the folder that benches/make_mlps.py wrote with ZKML_MLPS")?;
            let data = folder.join("mlp_inputs.npz");
            Ok((folder.join("mlp_4m.onnx"), format!("{}:inputs", data.display())))
        }
        _ => {
            let (models, _) = folders()?;
            let digits = format!("{}:images", asset("mnist_digits.npz").display());
            Ok((models.join(format!("{name}.onnx")), digits))
        }
    }
}

/// Compiles a model, makes keys, and proves on each device with the command line.
fn network(zkml: &Path, model: &Path, data: &str) -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let run = |args: &[&str]| -> Result<serde_json::Value> {
        let finished = process::run(
            Command::new(zkml)
                .args(args)
                .args(["--json", "--quiet"])
                .current_dir(folder.path())
                .env("ZKML_SRS_DIR", folder.path()),
        )?;
        Ok(serde_json::from_str(&finished.stdout)?)
    };
    let model = model.to_str().context("the model's path is not text")?;
    let mut compile = vec!["compile", model, "--calibrate", data, "-o", "m.zkml"];
    if data.ends_with(":images") {
        compile.extend(["--pixel-scale", "1/255"]);
    }
    let compiled = run(&compile)?;
    let k = compiled["circuit"]["k"]
        .as_u64()
        .context("zkml compile tells no k")?;
    run(&["srs", "new", "-k", &k.to_string()])?;
    run(&["setup", "m.zkml"])?;
    let input = format!("{data}[0]");
    let prove = |backend: &str| -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..RUNS {
            let mut args = vec!["prove", "m.zkml", "--input", &input, "--backend", backend];
            if data.ends_with(":images") {
                args.extend(["--pixel-scale", "1/255"]);
            }
            let proven = run(&args)?;
            times.push(proven["seconds"].as_f64().context("zkml prove tells no time")?);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[RUNS / 2])
    };
    Ok(figure(k as u32, prove("cpu")?, prove("cuda")?))
}

/// The bar is for large circuits; small ones are reported.
fn figure(k: u32, cpu: f64, gpu: f64) -> Figure {
    let ratio = cpu / gpu;
    let threads = rayon::current_num_threads();
    Figure::new(
        k < 18 || ratio >= WHOLE,
        format!("{ratio:.1} (k = {k}: CPU with {threads} threads {cpu:.3} s, GPU {gpu:.3} s)"),
    )
}

/// The synthetic circuit with its parameters and key.
fn synthetic() -> Result<(Lanes, Srs, ProvingKey<G1Affine>)> {
    let circuit = Lanes::new(SYNTHETIC, LANES);
    let srs = Srs::development(SYNTHETIC, &Progress::none())?;
    let key = keygen_pk2(srs.params(), &circuit, false)?;
    Ok((circuit, srs, key))
}

fn seconds<B: Backend>(backend: B, (circuit, srs, key): &(Lanes, Srs, ProvingKey<G1Affine>)) -> Result<f64> {
    let keys = Keys {
        params: srs.params(),
        key,
        instances: &[],
    };
    let prepared = Prepared::new(backend, &keys)?;
    prove(&prepared, circuit)?;
    Ok(median(RUNS, || prove(&prepared, circuit))?.as_secs_f64())
}

fn lanes(gpu: &Cuda) -> Result<Figure> {
    let circuit = synthetic()?;
    let cpu = seconds(Cpu::new(), &circuit)?;
    Ok(figure(SYNTHETIC, cpu, seconds(gpu.clone(), &circuit)?))
}

/// Proves the synthetic circuit on the GPU, and prints how long the last proof took.
pub fn profiled() -> Result<()> {
    let seconds = seconds(Cuda::new(0)?, &synthetic()?)?;
    println!("{{\"seconds\": {seconds}}}");
    Ok(())
}
