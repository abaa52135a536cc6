//! Where keys and proofs are made: on the CPU, or on a GPU.

#[cfg(feature = "_gpu")]
mod calibration;
mod crossover;
mod doctor;
mod open;

pub use crossover::{Crossover, Timing};
pub use doctor::{Doctor, calibrate, doctor};
pub(crate) use open::Opened;

use crate::Error;
use std::fmt;
use std::str::FromStr;

/// Where keys and proofs are made. The proofs are the same everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Device {
    /// The first GPU for circuits from the size on at which it is faster, the CPU for smaller ones and where
    /// there is no GPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The CUDA GPU of that number, for every circuit: never the CPU in its place.
    Cuda(usize),
}

impl Device {
    /// The environment variable that names a device where a program gives none.
    pub const VARIABLE: &str = "ZKML_BACKEND";

    /// What [`Device::VARIABLE`] says: [`Device::Auto`] where it is not set.
    ///
    /// # Errors
    /// [`Error::UnknownDevice`].
    pub fn from_environment() -> Result<Self, Error> {
        match std::env::var(Self::VARIABLE) {
            Ok(text) if !text.is_empty() => text.parse(),
            _ => Ok(Self::Auto),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownDevice {
            found: text.to_owned(),
        };
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let index = text.strip_prefix("cuda:").ok_or_else(unknown)?;
                index.parse().map(Self::Cuda).map_err(|_| unknown())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for (text, device) in [
            ("auto", Device::Auto),
            ("cpu", Device::Cpu),
            ("cuda:0", Device::Cuda(0)),
            ("cuda:3", Device::Cuda(3)),
        ] {
            assert_eq!(text.parse::<Device>().unwrap(), device);
            assert_eq!(device.to_string(), text);
        }
        assert_eq!("cuda".parse::<Device>().unwrap(), Device::Cuda(0));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert!(
                matches!(text.parse::<Device>(), Err(Error::UnknownDevice { .. })),
                "{text}"
            );
        }
    }
}
