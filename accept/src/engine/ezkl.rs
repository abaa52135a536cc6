//! LeNet-5 beside EZKL, by the script in `benches`.

use crate::Args;
use crate::foundation::{LENET5, ezkl};
use crate::report::{Item, Report};
use anyhow::Result;
use std::path::Path;
use zkml_kernels::Isa;

const BAR: f64 = 350.0;

/// Runs the script. The bar is for machines with IFMA; elsewhere the ratio is printed beside it.
pub fn run(zkml: Result<&Path>, args: &Args, report: &mut Report) {
    let name = format!("{}: prove beside EZKL, {}", LENET5.0, Isa::detect());
    let item = Item::new(name, format!("at least {BAR} times faster"));
    ezkl::ratios(zkml, args, vec![(item, "prove", BAR)], report);
}
