//! Proofs on CUDA GPUs: what can be shown without one, and what needs one.

mod build;
mod choice;
#[cfg(feature = "cuda")]
mod gpu;

use crate::report::{Item, Report};
use crate::{Args, process};
#[cfg(feature = "cuda")]
use zkml_kernels::{Backend, Cuda};

/// Runs all groups, or those that are asked for.
pub fn run(args: &Args, report: &mut Report) {
    let zkml = process::zkml(args.zkml.as_deref());
    let wanted = |name: &str| name.contains(&args.only);
    if wanted("build") {
        build::run(report);
    }
    if wanted("choice") {
        choice::run(&zkml, report);
    }
    on_gpu(&wanted, &zkml, args, report);
}

/// Proves the synthetic circuit on the GPU, twice: tables are made in the first proof.
pub fn profiled() -> anyhow::Result<()> {
    #[cfg(feature = "cuda")]
    {
        gpu::profiled()
    }
    #[cfg(not(feature = "cuda"))]
    {
        anyhow::bail!("this program was built without the feature `cuda`")
    }
}

/// Whether someone expects a GPU here: then what does not run falls short.
fn is_required() -> bool {
    let required = std::env::var(zkml_kernels::conformance::REQUIRED).unwrap_or_default();
    required.split(',').any(|name| name.trim() == "cuda")
}

/// Says why items did not run.
fn not_run(report: &mut Report, items: Vec<Item>, reason: &str) {
    if is_required() {
        let reason = reason.to_owned();
        return report.measure_all(items, || anyhow::bail!("not run: {reason}"));
    }
    report.not_run(&items, reason);
}

/// Everything that a GPU is needed for.
#[cfg(feature = "cuda")]
fn on_gpu(
    wanted: &dyn Fn(&str) -> bool,
    zkml: &anyhow::Result<std::path::PathBuf>,
    args: &Args,
    report: &mut Report,
) {
    match Cuda::new(0) {
        Ok(gpu) => {
            let versions = Cuda::versions();
            println!("GPU: {}, {:?}, {versions:?}", gpu.name(), gpu.description());
            gpu::run(&gpu, wanted, zkml, args, report);
        }
        Err(error) => not_run(report, gpu_items(wanted), &error.to_string()),
    }
}

#[cfg(not(feature = "cuda"))]
fn on_gpu(
    wanted: &dyn Fn(&str) -> bool,
    _: &anyhow::Result<std::path::PathBuf>,
    _: &Args,
    report: &mut Report,
) {
    not_run(
        report,
        gpu_items(wanted),
        "this program was built without the feature `cuda`",
    );
}

/// Sizes of multiplications and transforms.
const SIZES: std::ops::RangeInclusive<u32> = 16..=22;

/// A GPU must prove circuits of that size and more so many times faster than the CPU beside it.
const WHOLE: f64 = 10.0;

/// Circuits whose proofs are timed on both: the synthetic one, and models.
const MODELS: [&str; 3] = ["LeNet-5", "cnn_264k", "mlp_4m"];
const SYNTHETIC: u32 = 20;

fn conformance_item() -> Item {
    Item::new("conformance on the GPU", "equals the oracle; the GPU did it")
}

fn equality_items() -> Vec<Item> {
    vec![
        Item::new("proofs on CPU and GPU", "equal byte for byte, and verify"),
        Item::new(
            "what comes back inside a proof",
            "no column where there is no lookup",
        ),
        Item::new("several proofs at once on one GPU", "equal to those one by one"),
    ]
}

fn kernel_items(k: u32) -> Vec<Item> {
    let floor = |times: f64| format!("faster than halo2-axiom-gpu; within {times} of the counted floor");
    let msm = if k >= 20 {
        floor(2.5)
    } else {
        "faster than halo2-axiom-gpu".to_owned()
    };
    vec![
        Item::new(format!("MSM 2^{k}, full width, on the GPU"), msm),
        Item::new(
            format!("MSM 2^{k}, signed 8-bit, on the GPU"),
            "at least 8 times faster than full width, and than halo2-axiom-gpu",
        ),
        Item::new(format!("NTT 2^{k}, on the GPU"), floor(2.0)),
    ]
}

fn whole_items() -> Vec<Item> {
    let synthetic = Item::new(
        format!("k = {SYNTHETIC} with 32 lanes: CPU over GPU"),
        format!("at least {WHOLE} where k >= 18"),
    );
    MODELS
        .iter()
        .map(|name| {
            Item::new(
                format!("{name}: CPU over GPU"),
                format!("at least {WHOLE} where k >= 18"),
            )
        })
        .chain([synthetic])
        .collect()
}

fn busy_item() -> Item {
    Item::new(
        format!("GPU busy, k = {SYNTHETIC} with 32 lanes"),
        "at least 80 % of a proof, by nsys",
    )
}

fn sanitizer_items() -> Vec<Item> {
    ["memcheck", "racecheck"]
        .map(|tool| Item::new(format!("compute-sanitizer {tool}, conformance"), "no error"))
        .into()
}

/// The items of the groups that are asked for.
fn gpu_items(wanted: &dyn Fn(&str) -> bool) -> Vec<Item> {
    let mut items = Vec::new();
    if wanted("conformance") {
        items.push(conformance_item());
    }
    if wanted("equality") {
        items.extend(equality_items());
    }
    if wanted("kernels") {
        items.extend(SIZES.flat_map(kernel_items));
    }
    if wanted("proofs") {
        items.extend(whole_items());
    }
    if wanted("busy") {
        items.push(busy_item());
    }
    if wanted("sanitizer") {
        items.extend(sanitizer_items());
    }
    items
}
