//! Which keys were checked on this machine: a key is made again once, not for every answer.

use crate::input::read_bounded;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use zkml::Digest;
use zkml::advanced::write_secret;

/// The longest file that is read.
const LIMIT: u64 = 16 << 20;
/// Keys that are remembered. More of them are some stranger's doing; then all are forgotten.
const KEYS: usize = 10_000;
const VERSION: u16 = 1;

/// A file of keys that were checked, each with the circuit that it is of. What cannot be read is empty: then keys are
/// checked again.
pub struct CheckedKeys {
    path: PathBuf,
    content: Content,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u16,
    /// Digests of circuits by digests of keys.
    keys: BTreeMap<Digest, Digest>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            version: VERSION,
            keys: BTreeMap::new(),
        }
    }
}

impl CheckedKeys {
    /// The environment variable that names another file.
    const VARIABLE: &str = "ZKML_CHECKED_KEYS";

    /// Opens a file. The default is the one that the environment names, or else lies in the user's folder for data.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        let named = std::env::var_os(Self::VARIABLE).filter(|name| !name.is_empty());
        let path = match path.map(Path::to_owned).or(named.map(PathBuf::from)) {
            Some(path) => path,
            None => directories::ProjectDirs::from("", "", "zkml")
                .context("this system names no folder for a user's data; name a file with --checked-keys")?
                .data_dir()
                .join("checked-keys.json"),
        };
        let content = read(&path).unwrap_or_else(|reason| {
            tracing::warn!("{}: {reason}; keys are checked again", path.display());
            Content::default()
        });
        Ok(Self { path, content })
    }

    /// Whether a key was found to be this circuit's.
    pub fn contains(&self, key: &Digest, circuit: &Digest) -> bool {
        self.content.keys.get(key) == Some(circuit)
    }

    /// The circuit that a key was found to be of.
    pub fn circuit(&self, key: &Digest) -> Option<&Digest> {
        self.content.keys.get(key)
    }

    /// Remembers that a key is this circuit's. Where that cannot be written, the key is checked again next time.
    pub fn insert(&mut self, key: Digest, circuit: Digest) {
        if self.content.keys.len() >= KEYS {
            self.content.keys.clear();
        }
        self.content.keys.insert(key, circuit);
        if let Err(error) = self.save() {
            tracing::warn!("{error:#}; the key is checked again next time");
        }
    }

    fn save(&self) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let text = serde_json::to_vec_pretty(&self.content)?;
        Ok(write_secret(&self.path, |w| w.write_all(&text))?)
    }
}

/// Reads a file; one that is not there is empty. Otherwise why what it says counts for nothing.
fn read(path: &Path) -> Result<Content, String> {
    if !path.exists() {
        return Ok(Content::default());
    }
    only_ours(path)?;
    let bytes = read_bounded(path, LIMIT).map_err(|error| format!("{error:#}"))?;
    let content: Content = serde_json::from_slice(&bytes)
        .map_err(|error| format!("expected a file of checked keys: {error}"))?;
    match content.version {
        VERSION => Ok(content),
        other => Err(format!(
            "expected a file of version {VERSION}, found version {other}"
        )),
    }
}

/// Checks that no other user can have written a file.
#[cfg(unix)]
fn only_ours(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS_WRITE: u32 = 0o022;
    let found = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let user = rustix::process::geteuid().as_raw();
    match (found.uid() == user, found.mode() & OTHERS_WRITE) {
        (true, 0) => Ok(()),
        (false, _) => Err(format!(
            "expected a file of this user, found one of the user {}",
            found.uid()
        )),
        (true, _) => Err(format!(
            "expected a file that only its owner may write, found the mode {:o}; run `chmod 600` on it",
            found.mode() & 0o777
        )),
    }
}

#[cfg(not(unix))]
fn only_ours(_: &Path) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(byte: u8) -> Digest {
        Digest::from([byte; 32])
    }

    #[test]
    fn a_key_is_remembered_with_its_circuit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/checked.json");
        let open = || CheckedKeys::open(Some(&path)).unwrap();
        assert!(!open().contains(&digest(1), &digest(2)));
        open().insert(digest(1), digest(2));
        open().insert(digest(3), digest(4));
        assert!(open().contains(&digest(1), &digest(2)));
        assert!(open().contains(&digest(3), &digest(4)));
        assert!(!open().contains(&digest(1), &digest(4)));
        assert_eq!(open().circuit(&digest(3)), Some(&digest(4)));
    }

    #[test]
    fn what_is_damaged_counts_for_nothing_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checked.json");
        let open = || CheckedKeys::open(Some(&path)).unwrap();
        open().insert(digest(1), digest(2));
        let good = std::fs::read(&path).unwrap();
        let other_version = String::from_utf8(good.clone()).unwrap().replace("1,", "2,");
        for bad in [&b""[..], b"{", &good[..good.len() - 2], other_version.as_bytes()] {
            std::fs::write(&path, bad).unwrap();
            assert!(!open().contains(&digest(1), &digest(2)));
        }
        open().insert(digest(5), digest(6));
        assert!(open().contains(&digest(5), &digest(6)));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_write_counts_for_nothing() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checked.json");
        let open = || CheckedKeys::open(Some(&path)).unwrap();
        open().insert(digest(1), digest(2));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(!open().contains(&digest(1), &digest(2)));
    }
}
