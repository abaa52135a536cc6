//! Where keys and proofs are made.

use clap::Args;
use zkml::Device;

/// The device of a command.
#[derive(Args, Debug, Clone, Copy)]
pub struct BackendArgs {
    /// Where to compute: auto (the first GPU from the circuit size on at which it is faster, else the CPU), cpu,
    /// cuda or cuda:N (that GPU, never the CPU instead) [default: the environment variable ZKML_BACKEND, else auto]
    #[arg(long, value_name = "DEVICE")]
    pub backend: Option<Device>,
}
