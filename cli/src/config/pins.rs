//! Pinned manifests: which one a name stood for the first time.

use crate::input::read_bounded;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zkml::{Digest, write_atomically};

/// The longest file that is read.
const LIMIT: u64 = 16 << 20;

/// A file that maps a service and a name to a manifest's digest.
pub struct Pins {
    path: PathBuf,
    content: Content,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// By URL, then by name.
    services: BTreeMap<String, BTreeMap<String, Digest>>,
}

impl Pins {
    /// Opens a file; one that is not there is empty. The default lies in the user's folder for data.
    pub fn open(path: Option<PathBuf>) -> Result<Self> {
        let path = match path {
            Some(path) => path,
            None => directories::ProjectDirs::from("", "", "zkml")
                .context("this system names no folder for a user's data; name a file with --pins")?
                .data_dir()
                .join("pins.json"),
        };
        let content = match path.exists() {
            false => Content::default(),
            true => serde_json::from_slice(&read_bounded(&path, LIMIT)?)
                .with_context(|| format!("cannot use {} as a file of pinned manifests", path.display()))?,
        };
        Ok(Self { path, content })
    }

    /// The pinned digest of a model.
    pub fn get(&self, url: &str, name: &str) -> Option<&Digest> {
        self.content.services.get(url)?.get(name)
    }

    /// Checks a model against its pin, and pins it the first time: then the answer is `true`.
    pub fn check(&mut self, url: &str, name: &str, digest: &Digest) -> Result<bool> {
        match self.get(url, name) {
            Some(pinned) if pinned == digest => Ok(false),
            Some(pinned) => bail!(
                "the model {name} of {url} is another one than the first time: expected the manifest {pinned}, \
                 found {digest}. If the provider changed it and you trust the new one, ask with --model {digest}, \
                 or remove the old one from {}",
                self.path.display()
            ),
            None => {
                let service = self.content.services.entry(url.to_owned()).or_default();
                service.insert(name.to_owned(), *digest);
                self.save()?;
                Ok(true)
            }
        }
    }

    fn save(&self) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let text = serde_json::to_vec_pretty(&self.content)?;
        Ok(write_atomically(&self.path, |w| w.write_all(&text))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_pinned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/pins.json");
        let open = || Pins::open(Some(path.clone())).unwrap();
        let [one, two] = [1, 2].map(|x| Digest::from([x; 32]));
        assert!(open().check("http://a", "m", &one).unwrap());
        assert!(!open().check("http://a", "m", &one).unwrap());
        let error = open().check("http://a", "m", &two).unwrap_err().to_string();
        assert!(
            error.contains(&one.to_string()) && error.contains(&two.to_string()),
            "{error}"
        );
        assert!(open().check("http://b", "m", &two).unwrap());
        assert!(open().check("http://a", "n", &two).unwrap());
        std::fs::write(&path, "{").unwrap();
        assert!(Pins::open(Some(path.clone())).is_err());
    }
}
