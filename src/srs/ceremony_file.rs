//! Whether a file is the one that a ceremony published under its name.

use super::Srs;
use crate::Error;
use crate::ceremony::Ceremony;
use std::io::Read;
use std::path::Path;

/// Bytes that are hashed at a time.
const STEP: usize = 1 << 20;

impl Srs {
    /// Imports as [`Srs::import_ptau`] does, and checks a file that goes by the name of a ceremony's against the hash that
    /// the ceremony published. With `expected`, the powers must be that ceremony's whatever the file is called.
    ///
    /// # Errors
    /// [`Error::WrongCeremonyFile`], and those of [`Srs::import_ptau`].
    pub fn import_ceremony(
        path: &Path,
        k: Option<u32>,
        expected: Option<&'static Ceremony>,
        progress: &crate::Progress,
    ) -> Result<Self, Error> {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let named = Ceremony::of_file(name);
        let wrong = |ceremony: &'static Ceremony, expected: String, found: String| Error::WrongCeremonyFile {
            ceremony: ceremony.name(),
            file: name.to_owned(),
            expected,
            found,
        };
        if let Some((ceremony, hash)) = named {
            let found = progress.stage("hashing the file", || blake2b(path))?;
            if found != hash {
                let text = |hash: &str| format!("the Blake2b-512 {hash}");
                return Err(wrong(ceremony, text(hash), text(&found)));
            }
        }
        let srs = Self::import_ptau(path, k, progress)?;
        match expected.or(named.map(|(ceremony, _)| ceremony)) {
            Some(ceremony) if ceremony.id() != srs.id() => {
                let text = |id: crate::ceremony::SrsId| format!("powers of the identity {id}");
                Err(wrong(ceremony, text(ceremony.id()), text(srs.id())))
            }
            _ => Ok(srs),
        }
    }
}

/// Blake2b-512 of a file, in hex.
fn blake2b(path: &Path) -> Result<String, Error> {
    let mut file = std::fs::File::open(path).map_err(Error::io("read", path))?;
    let mut state = blake2b_simd::State::new();
    let mut buffer = vec![0; STEP];
    loop {
        match file.read(&mut buffer).map_err(Error::io("read", path))? {
            0 => return Ok(state.finalize().to_hex().to_string()),
            n => {
                state.update(&buffer[..n]);
            }
        }
    }
}
