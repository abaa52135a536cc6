//! Every test runs on every backend that this machine has.

/// Runs a block once for each backend, bound to `$backend`: the reference, and the CPU with each
/// instruction set.
macro_rules! each_backend {
    ($backend:ident => $block:block) => {{
        {
            let $backend = &zkml_kernels::Oracle;
            println!("backend: {}", zkml_kernels::Backend::name($backend));
            $block
        }
        for isa in zkml_kernels::Isa::available() {
            let $backend = &zkml_kernels::Cpu::with_isa(isa).unwrap();
            println!("backend: {}", zkml_kernels::Backend::name($backend));
            $block
        }
    }};
}
pub(crate) use each_backend;
