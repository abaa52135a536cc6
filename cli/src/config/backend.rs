//! The device of a command.

use crate::args::BackendArgs;
use crate::output::Session;
use anyhow::Result;
use zkml::Device;

/// Chooses the device, and says what it is not.
///
/// Fails if it cannot be used.
pub fn choose_backend(args: BackendArgs, session: &Session) -> Result<Device> {
    let device = match args.backend {
        Some(device) => device,
        None => Device::from_environment()?,
    };
    if let Some(note) = zkml::select_device(device)? {
        session.note(&note);
    }
    Ok(device)
}
