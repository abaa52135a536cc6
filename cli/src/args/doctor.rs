//! `zkml doctor`.

use clap::Args;

/// Show what this machine has to prove with, CPU and GPUs, and what is used for what.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Measure first from which circuit size on the first GPU is faster than the CPU, and keep that for the
    /// backend auto
    #[arg(long)]
    pub calibrate: bool,
}
