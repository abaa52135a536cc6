//! `zkml doctor`.

use crate::output::{Session, Verdict, bytes, table};
use anyhow::Result;
use clap::Args;
use zkml::Device;
use zkml::device::{Crossover, Doctor};

/// Show what this machine has to prove with, CPU and GPUs, and what is used for what.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Measure first from which circuit size on the first GPU is faster than the CPU, and keep that for the
    /// backend auto
    #[arg(long)]
    pub calibrate: bool,
}

/// Shows what there is.
pub fn run(args: DoctorArgs, session: &Session) -> Result<Verdict> {
    if args.calibrate {
        session
            .progress()
            .stage("measuring CPU and GPU", || zkml::device::calibrate(Device::Auto))?;
    }
    let report = zkml::device::doctor(Device::Auto);
    session.result(&report, || describe(&report))?;
    Ok(Verdict::Good)
}

fn describe(report: &Doctor) -> String {
    let (cpu, cuda) = (&report.cpu, &report.cuda);
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let list = |names: &[String]| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let memory = |all: Option<u64>, free: Option<u64>| match (all, free) {
        (Some(all), Some(free)) => format!("{}, {} free", bytes(all), bytes(free)),
        _ => "unknown".to_owned(),
    };
    let mut rows = vec![
        ("CPU", cpu.name.clone()),
        ("kernels for", list(&cpu.instruction_sets)),
        ("not on this CPU", list(&cpu.missing)),
        ("memory", memory(cpu.memory, cpu.available)),
        (
            "CUDA in this program",
            if cuda.built {
                or_none(&cuda.runtime)
            } else {
                "no".to_owned()
            },
        ),
        ("CUDA driver", or_none(&cuda.driver)),
        ("CUDA toolkit (for builds)", or_none(&cuda.toolkit)),
    ];
    for gpu in &cuda.gpus {
        rows.push((
            "GPU",
            format!(
                "cuda:{} {}, compute {}, {} multiprocessors, {}",
                gpu.index,
                gpu.name,
                gpu.capability,
                gpu.multiprocessors,
                memory(Some(gpu.memory), gpu.available)
            ),
        ));
    }
    if let Some(problem) = &cuda.problem {
        rows.push(("no GPU", problem.clone()));
    }
    if let Some(crossover) = &cuda.crossover {
        rows.push(("measured", measured(crossover)));
    }
    let operations: Vec<(&str, String)> = report
        .operations
        .iter()
        .map(|(operation, device)| (operation.as_str(), device.clone()))
        .collect();
    format!(
        "{}\n\nWith the backend auto:\n{}",
        table(&rows),
        table(&operations)
    )
}

fn measured(crossover: &Crossover) -> String {
    let timing = |t: &zkml::device::Timing| format!("k = {}: CPU {:.4} s, GPU {:.4} s", t.k, t.cpu, t.gpu);
    crossover
        .timings
        .iter()
        .map(timing)
        .collect::<Vec<_>>()
        .join("; ")
}
