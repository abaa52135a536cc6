//! Every test runs on every backend that this machine has.

/// Runs a block once for each backend, bound to `$backend`: the reference, and the CPU with each
/// instruction set.
macro_rules! each_backend {
    ($backend:ident => $block:block) => {{
        {
            let $backend = &gpu_msm::Oracle;
            println!("backend: {}", gpu_msm::Backend::name($backend));
            $block
        }
        for isa in gpu_msm::Isa::available() {
            let $backend = &gpu_msm::Cpu::with_isa(isa).unwrap();
            println!("backend: {}", gpu_msm::Backend::name($backend));
            $block
        }
    }};
}
pub(crate) use each_backend;
