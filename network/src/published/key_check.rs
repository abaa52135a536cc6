//! Whether the verifying key is the one of the circuit that the manifest names.

use super::PublishedModel;
use crate::Error;
use zkml::{Circuit, Progress, Srs};

impl PublishedModel {
    /// Most field elements of a key that [`PublishedModel::check_key`] makes again: a stranger says how large the key
    /// is, and each takes about a hundred bytes of memory.
    pub const LARGEST_CHECKED_KEY: u64 = 1 << 24;

    /// Whether [`PublishedModel::check_key`] takes the key on. Before that nothing that grows with the key need be fetched.
    ///
    /// # Errors
    /// [`Error::Unsuitable`] for a key that is too large.
    pub fn check_key_size(&self) -> Result<(), Error> {
        let (cells, limit) = (self.key().cells(), Self::LARGEST_CHECKED_KEY);
        match cells <= limit {
            true => Ok(()),
            false => Err(Error::Unsuitable {
                what: format!("a verifying key of {cells} field elements to be checked unasked"),
                reason: format!(
                    "up to {limit} are; check it with `zkml key check --circuit FILE --vk FILE`, which takes on any size"
                ),
            }),
        }
    }

    /// Makes the verifying key again from the circuit file that the manifest names, and compares. The circuit and the SRS
    /// may come from anyone.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another circuit than the manifest's; [`Error::Unsuitable`] for a key that is too large;
    /// [`Error::Zkml`] for a key that is not the circuit's ([`zkml::Error::DishonestKey`]), or of another SRS.
    pub fn check_key(&self, circuit: &Circuit, srs: &Srs, progress: &Progress) -> Result<(), Error> {
        self.check_key_size()?;
        Error::check_match("circuit", &self.manifest.body().circuit_digest, circuit.digest())?;
        Ok(circuit.check_key(self.key(), srs, progress)?)
    }
}
