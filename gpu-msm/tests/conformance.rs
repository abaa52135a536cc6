//! The conformance suite on every backend that this machine has.

use gpu_msm::conformance::{REQUIRED, check, missing};
use gpu_msm::{Backend, Cpu, Isa};

/// The name of an instruction set in `ZKML_REQUIRE_BACKENDS`.
fn short_name(isa: Isa) -> &'static str {
    match isa {
        Isa::Portable => "portable",
        Isa::Avx512Fma => "avx512fma",
        Isa::Avx512Ifma => "avx512ifma",
    }
}

#[test]
fn every_backend_here_conforms() {
    let mut ran = Vec::new();
    for isa in Isa::ALL {
        let cpu = match Cpu::with_isa(isa) {
            Ok(cpu) => cpu,
            Err(error) => {
                println!("did not run: {error}");
                continue;
            }
        };
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
        ran.push(short_name(isa).to_string());
    }
    println!("ran: {}", ran.join(", "));
    let required = std::env::var(REQUIRED).unwrap_or_default();
    let missing = missing(&required, &ran);
    assert!(
        missing.is_empty(),
        "{REQUIRED} asks for {missing:?}, which this machine lacks"
    );
}

#[test]
fn what_a_machine_lacks_is_refused() {
    for isa in Isa::ALL {
        assert_eq!(Cpu::with_isa(isa).is_ok(), isa.is_available(), "{isa}");
    }
    assert_eq!(Cpu::new().isa(), Isa::detect());
}
