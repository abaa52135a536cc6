//! Where keys and proofs are made.

use crate::output::Session;
use anyhow::Result;
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

/// Chooses the device, and says what it is not.
///
/// Fails if it cannot be used.
pub fn choose_backend(args: BackendArgs, session: &Session) -> Result<Device> {
    let device = match args.backend {
        Some(device) => device,
        None => Device::from_environment()?,
    };
    if let Some(note) = device.check()? {
        session.note(&note);
    }
    Ok(device)
}
