//! EZKL beside zkml, by the script in `benches`.

use super::LENET5;
use crate::report::{Figure, Item, Report};
use crate::{Args, data, process};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// What is compared: name in the script's result, bar.
const RATIOS: [(&str, f64); 3] = [("prove", 60.0), ("keys", 60.0), ("memory", 10.0)];

/// Runs the script, unless the arguments say otherwise.
pub fn run(zkml: Result<&Path>, args: &Args, report: &mut Report) {
    let item = |(name, bar): (&'static str, f64)| {
        let item = Item::new(
            format!("{}: {name} beside EZKL", LENET5.0),
            format!("at least {bar} times better"),
        );
        (item, name, bar)
    };
    ratios(zkml, args, RATIOS.into_iter().map(item).collect(), report);
}

/// Runs the script and reports some of its ratios: item, name in the script's result, bar.
pub fn ratios(zkml: Result<&Path>, args: &Args, wanted: Vec<(Item, &'static str, f64)>, report: &mut Report) {
    let (items, bars): (Vec<Item>, Vec<_>) = wanted
        .into_iter()
        .map(|(item, name, bar)| (item, (name, bar)))
        .unzip();
    if args.skip_ezkl {
        return report.not_run(&items, "--skip-ezkl");
    }
    // Where EZKL cannot be installed there is nothing to compare with.
    if let Err(error) = install(&args.python) {
        return report.not_run(&items, &format!("EZKL cannot be installed: {error:#}"));
    }
    report.measure_all(items, || measure(zkml?, &args.python, &bars));
}

/// Installs EZKL in its virtual environment, if it is not there.
pub fn install(python: &Path) -> Result<()> {
    process::run(script(python).arg("--install")).map(|_| ())
}

fn script(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(data::bench("beside_ezkl.py"));
    command
}

fn measure(zkml: &Path, python: &Path, bars: &[(&str, f64)]) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let result = folder.path().join("result.json");
    process::run(script(python).arg("--zkml").arg(zkml).arg("--json").arg(&result))?;
    let result: serde_json::Value = serde_json::from_slice(&std::fs::read(&result)?)?;
    let figure = |(name, bar): &(&str, f64)| {
        let ratio = result["ratios"][name].as_f64();
        let ratio = ratio.with_context(|| format!("the script tells no ratio of {name}"))?;
        Ok(Figure::new(ratio >= *bar, format!("{ratio:.1}")))
    };
    bars.iter().map(figure).collect()
}
