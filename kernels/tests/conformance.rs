//! The conformance suite on every backend that this machine has.

use zkml_kernels::conformance::{REQUIRED, check, missing};
use zkml_kernels::{Backend, Cpu, Isa};

/// The name of an instruction set in `ZKML_REQUIRE_BACKENDS`.
fn short_name(isa: Isa) -> &'static str {
    match isa {
        Isa::Portable => "portable",
        Isa::Avx512Fma => "avx512fma",
        Isa::Avx512Ifma => "avx512ifma",
    }
}

/// Runs the suite on an instruction set, or says why not.
fn run_on_cpu(isa: Isa) -> Result<(), String> {
    let cpu = Cpu::with_isa(isa).map_err(|error| error.to_string())?;
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            println!("running: {}", cpu.name());
            check(&cpu);
        });
    }
    Ok(())
}

/// Runs the suite on the first GPU, or says why not.
#[cfg(feature = "cuda")]
fn run_on_gpu() -> Result<(), String> {
    let gpu = zkml_kernels::Cuda::new(0).map_err(|error| error.to_string())?;
    println!("running: {}", gpu.name());
    check(&gpu);
    assert!(
        gpu.activity().operations > 100,
        "the GPU did the work: {:?}",
        gpu.activity()
    );
    Ok(())
}

#[cfg(not(feature = "cuda"))]
fn run_on_gpu() -> Result<(), String> {
    Err("this build lacks the feature `cuda`".into())
}

#[test]
fn every_backend_here_conforms() {
    let mut ran = Vec::new();
    let cpus = Isa::ALL.map(|isa| (short_name(isa), run_on_cpu(isa)));
    for (name, result) in cpus.into_iter().chain([("cuda", run_on_gpu())]) {
        match result {
            Ok(()) => ran.push(name.to_string()),
            Err(reason) => println!("not run: {name}: {reason}"),
        }
    }
    println!("ran: {}", ran.join(", "));
    let required = std::env::var(REQUIRED).unwrap_or_default();
    let missing = missing(&required, &ran);
    assert!(
        missing.is_empty(),
        "{REQUIRED} asks for {missing:?}, which did not run on this machine"
    );
}

#[test]
fn what_a_machine_lacks_is_refused() {
    for isa in Isa::ALL {
        assert_eq!(Cpu::with_isa(isa).is_ok(), isa.is_available(), "{isa}");
    }
    assert_eq!(Cpu::new().isa(), Isa::detect());
}
