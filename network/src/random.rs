//! Randomness of the operating system.

use crate::Error;

/// Fresh bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut out = [0; N];
    getrandom::fill(&mut out).map_err(|error| Error::Randomness {
        reason: error.to_string(),
    })?;
    Ok(out)
}
