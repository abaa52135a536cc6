//! What the owner of a committed model keeps.
//!
//! The payload of the file: 32 random bytes.

use crate::artifact::{self, ArtifactKind, Reader};
use crate::backend::WitnessColumn;
use crate::{Digest, Error, field};
use halo2curves::bn256::Fr;
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;
use std::fmt;
use std::path::Path;

/// The seed of the random values that hide the parameters in a model commitment. The owner needs it for
/// every proof; another holder of it can try out parameters.
///
/// The values depend on the circuit and on the parameters as well, so that no two commitments share any.
#[derive(Clone, PartialEq, Eq)]
pub struct ModelSecret([u8; 32]);

impl fmt::Debug for ModelSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelSecret(..)")
    }
}

impl ModelSecret {
    /// A fresh secret from the operating system's randomness.
    pub fn random() -> Self {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        Self(seed)
    }

    /// The content of the file that [`ModelSecret::save`] writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        artifact::seal(ArtifactKind::ModelSecret, &self.0)
    }

    /// Reads what [`ModelSecret::to_bytes`] made.
    ///
    /// # Errors
    /// Those of a container.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let payload = artifact::open(ArtifactKind::ModelSecret, bytes)?;
        let mut reader = Reader::new("this model secret", payload);
        let seed = reader.array()?;
        reader.finish()?;
        Ok(Self(seed))
    }

    /// Writes a file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        artifact::write_secret(path, |w| w.write_all(&self.to_bytes()))
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Permissions`] where others may read it, [`Error::Io`], and those of [`ModelSecret::from_bytes`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        #[cfg(unix)]
        if let Ok(found) = std::fs::metadata(path) {
            use std::os::unix::fs::PermissionsExt;
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(Error::Permissions {
                    path: path.to_owned(),
                    mode,
                });
            }
        }
        Self::from_bytes(&artifact::load(path, ArtifactKind::ModelSecret)?)
    }

    /// The values of the blinding rows, `rows` for each column.
    pub(crate) fn blinding(&self, key: &Digest, columns: &[WitnessColumn], rows: usize) -> Vec<Vec<Fr>> {
        let parameters = cells_digest(columns);
        let value = |column: usize, row: usize| {
            let hash = blake2b_simd::Params::new()
                .hash_length(64)
                .personal(b"zkml-blinding")
                .key(&self.0)
                .to_state()
                .update(key.as_bytes())
                .update(parameters.as_bytes())
                .update(&(column as u64).to_le_bytes())
                .update(&(row as u64).to_le_bytes())
                .finalize();
            <Fr as ff::FromUniformBytes<64>>::from_uniform_bytes(hash.as_array())
        };
        (0..columns.len())
            .map(|column| (0..rows).map(|row| value(column, row)).collect())
            .collect()
    }
}

/// A digest of columns, which equal parameters fill in the same way.
fn cells_digest(columns: &[WitnessColumn]) -> Digest {
    let bytes = |column: &WitnessColumn| -> Vec<u8> {
        match column {
            WitnessColumn::Small(values) => {
                let mut bytes = vec![0; 4 * values.len()];
                for (bytes, value) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(values) {
                    *bytes = value.to_le_bytes();
                }
                bytes
            }
            WitnessColumn::Field(values) => values.iter().flat_map(field::to_bytes).collect(),
        }
    };
    // Column by column: all cells together may be many.
    let digests: Vec<Digest> = columns
        .par_iter()
        .map(|column| Digest::of(b"zkml-cells", &[&bytes(column)]))
        .collect();
    let digests: Vec<&[u8]> = digests.iter().map(|d| &d.as_bytes()[..]).collect();
    Digest::of(b"zkml-columns", &digests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blinding_depends_on_everything() {
        let (key, other) = (Digest::of(b"a", &[]), Digest::of(b"b", &[]));
        let secret = ModelSecret::random();
        let small = |cells: &[i32]| WitnessColumn::Small(cells.to_vec());
        let columns = vec![small(&[1, 2]), small(&[1, 2])];
        let base = secret.blinding(&key, &columns, 3);
        assert_eq!(base, secret.blinding(&key, &columns, 3));
        let mut values: Vec<Fr> = base.iter().flatten().copied().collect();
        for other in [
            secret.blinding(&other, &columns, 3),
            secret.blinding(&key, &[small(&[1, 3]), small(&[1, 2])], 3),
            secret.blinding(&key, &[small(&[1, 0, 2]), small(&[1, 2])], 3),
            ModelSecret::random().blinding(&key, &columns, 3),
        ] {
            values.extend(other.iter().flatten());
        }
        for (i, x) in values.iter().enumerate() {
            assert!(values[..i].iter().all(|y| x != y));
        }
        assert_eq!(format!("{secret:?}"), "ModelSecret(..)");
    }

    #[test]
    fn a_secret_comes_back_from_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let secret = ModelSecret::random();
        secret.save(&path).unwrap();
        assert_eq!(ModelSecret::load(&path).unwrap(), secret);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            for open in [0o640, 0o604] {
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(open)).unwrap();
                let refused = ModelSecret::load(&path).unwrap_err();
                assert!(matches!(refused, Error::Permissions { mode, .. } if mode == open));
            }
        }
        assert!(ModelSecret::from_bytes(&secret.to_bytes()[..20]).is_err());
    }
}
