//! Peak memory of a proof above the loaded key and SRS, each prover in a process of its own.

use super::asset_setup;
use crate::foundation::LENET5;
use crate::process;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;
use zkml::advanced::Implementation;
use zkml::{CompiledModel, Prover, ProvingKey, Srs};

const BAR: f64 = 0.5;
const PROVERS: [(&str, Implementation); 2] = [
    ("upstream", Implementation::Upstream),
    ("engine", Implementation::Engine),
];

/// Measures LeNet-5.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let item = Item::new(
        format!("{}: memory of a proof", LENET5.0),
        "above key and SRS at most half of upstream's",
    );
    if peak().is_err() {
        return report.not_run(&[item], "this system does not tell the peak memory of a process");
    }
    report.measure(item, || {
        let folder = tempfile::tempdir()?;
        let (setup, input) = asset_setup(workshop, LENET5.1)?;
        setup.model.save(&folder.path().join("model"))?;
        setup.proving_key.save(&folder.path().join("key"))?;
        setup.srs().save(&folder.path().join("srs"))?;
        let values: Vec<f32> = input[0].iter().copied().collect();
        std::fs::write(folder.path().join("input"), serde_json::to_vec(&values)?)?;
        let measure = |prover: &str| -> Result<u64> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["engine", "--memory-of", prover]).arg(folder.path());
            Ok(process::run(&mut command)?.stdout.trim().parse()?)
        };
        let (upstream, engine) = (measure(PROVERS[0].0)?, measure(PROVERS[1].0)?);
        let part = engine as f64 / upstream as f64;
        Ok(Figure::new(
            part <= BAR,
            format!(
                "{part:.2} ({:.1} MB, upstream {:.1} MB)",
                engine as f64 / 1e6,
                upstream as f64 / 1e6
            ),
        ))
    });
}

/// Loads key and SRS from a folder, proves with one prover, and prints how many bytes that added to
/// the process at its peak.
pub fn child(prover: &str, folder: &Path) -> Result<()> {
    let Some(&(_, implementation)) = PROVERS.iter().find(|(name, _)| *name == prover) else {
        bail!("expected the prover upstream or engine, found {prover}");
    };
    let model = CompiledModel::load(&folder.join("model"))?;
    let key = ProvingKey::load(&folder.join("key"))?;
    let srs = Srs::load(&folder.join("srs"))?;
    let values: Vec<f32> = serde_json::from_slice(&std::fs::read(folder.join("input"))?)?;
    let shape = &model.inputs().first().context("the model has no input")?.shape;
    let input = vec![crate::data::tensor(shape, values)?];
    if implementation == Implementation::Upstream {
        // Made when it is first asked for, and no part of a proof.
        key.halo2()?;
    }
    // From here on the peak counts anew.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = peak()?;
    let prover = Prover::builder(model, key, srs).implementation(implementation);
    prover.build()?.prove(&input)?;
    println!("{}", peak()?.saturating_sub(before));
    Ok(())
}

fn peak() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line
        .context("no line VmHWM")?
        .trim()
        .trim_end_matches("kB")
        .trim();
    Ok(kibibytes.parse::<u64>()? * 1024)
}
