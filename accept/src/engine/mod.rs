//! The proving engine beside the upstream prover: the same proofs, in less time and memory.

mod equality;
mod ezkl;
mod floors;
mod kernels;
mod memory;
mod proofs;
mod scale;
mod srs;
mod threads;
pub(crate) mod upstream;

pub use memory::child as memory_child;

use crate::data::{Digits, asset};
use crate::report::{Item, Report};
use crate::workshop::{Setup, Workshop};
use crate::{Args, process};
use anyhow::Result;
use zkml::{CompileOptions, FloatTensor};
use zkml_kernels::Isa;

/// Runs all groups, or those that are asked for. Processes whose memory counts come first.
pub fn run(args: &Args, report: &mut Report) {
    let zkml = process::zkml(args.zkml.as_deref());
    let zkml = || process::found(&zkml);
    println!("instruction sets here: {}", names(&Isa::available()));
    match threads::start() {
        Ok(count) => println!("threads: {count}, each on a processor of its own"),
        Err(error) => println!("threads: wherever the system puts them ({error})"),
    }
    let mut workshop = Workshop::default();
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("memory") {
        memory::run(&mut workshop, report);
    }
    if wanted("scale") {
        scale::run(zkml(), args, report);
    }
    if wanted("equality") {
        equality::run(&mut workshop, report);
    }
    if wanted("kernels") {
        kernels::run(report);
    }
    if wanted("floors") {
        floors::run(report);
    }
    if wanted("srs") {
        srs::run(report);
    }
    if wanted("proofs") {
        proofs::run(&mut workshop, report);
    }
    if wanted("ezkl") {
        ezkl::run(zkml(), args, report);
    }
}

fn names(sets: &[Isa]) -> String {
    sets.iter().map(Isa::to_string).collect::<Vec<_>>().join(", ")
}

/// Bars against the upstream code: one for machines with IFMA, one for portable code.
#[derive(Clone, Copy, Debug)]
struct Bars {
    ifma: f64,
    portable: f64,
}

impl Bars {
    /// Every portable kernel has the same bar.
    fn new(ifma: f64) -> Self {
        Self { ifma, portable: 1.5 }
    }

    /// The bar of an instruction set; where the project promises none, that of portable code.
    fn of(self, isa: Isa) -> f64 {
        match isa {
            Isa::Avx512Ifma => self.ifma,
            Isa::Portable | Isa::Avx512Fma => self.portable,
        }
    }
}

/// An item for each instruction set; those that this machine lacks are reported as not run.
fn each_isa(report: &mut Report, name: &str, bars: Bars, mut measure: impl FnMut(&mut Report, Item, Isa)) {
    for isa in Isa::ALL {
        let bar = bars.of(isa);
        let item = Item::new(
            format!("{name}, {isa}"),
            format!("at least {bar} times faster than upstream"),
        );
        if isa.is_available() {
            measure(report, item, isa);
        } else {
            report.not_run(&[item], &format!("this machine has no {isa}"));
        }
    }
}

/// Digits that models are calibrated with.
const CALIBRATION: usize = 100;

/// The keys of a model of `assets`, and an input.
pub(crate) fn asset_setup(workshop: &mut Workshop, file: &str) -> Result<(Setup, Vec<FloatTensor>)> {
    let mut inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
    let model = crate::foundation::asset_model(file, 1)?;
    let setup = workshop.setup(&model, &inputs[..CALIBRATION], &CompileOptions::default())?;
    Ok((setup, inputs.swap_remove(0)))
}
