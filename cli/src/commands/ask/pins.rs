//! Pinned manifests: which one a name stood for the first time.

use crate::input::read_bounded;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use zkml::Digest;
use zkml::advanced::write_atomically;
use zkml_network::{ProviderKey, SignedManifest};

/// The longest file that is read.
const LIMIT: u64 = 16 << 20;

/// A file of what services stood for the first time: whose manifests they offer, and which one a name
/// stands for.
pub struct Pins {
    path: PathBuf,
    content: Content,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// By URL.
    services: BTreeMap<String, Service>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    /// The signer of its manifests.
    provider: ProviderKey,
    /// Digests of manifests by name.
    models: BTreeMap<String, Digest>,
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

    /// Checks a manifest of a service against what is pinned, and pins it the first time: then the answer is
    /// `true`. Where the user names no model, a service that is known must offer one that is known: it does
    /// not choose its user's model anew.
    pub fn check(&mut self, url: &str, named: bool, manifest: &SignedManifest) -> Result<bool> {
        let (body, digest) = (manifest.body(), manifest.digest());
        let (name, provider) = (&body.name, &body.provider);
        let path = self.path.display();
        if let Some(service) = self.content.services.get(url) {
            if service.provider != *provider {
                bail!(
                    "{url} offers models of another provider than the first time: expected manifests signed by {}, \
                     found one of {provider}. If you trust it, ask with --model {digest}, or remove the service \
                     from {path}",
                    service.provider
                );
            }
            match service.models.get(name) {
                Some(pinned) if pinned == digest => return Ok(false),
                Some(pinned) => bail!(
                    "the model {name} of {url} is another one than the first time: expected the manifest {pinned}, \
                     found {digest}, by the same provider. If it changed the model and you trust the new one, ask \
                     with --model {digest}, or remove the old one from {path}"
                ),
                None if !named => bail!(
                    "{url} offers the model {name}, which was not asked before: ask with --model {name:?} if that is \
                     the one you want"
                ),
                None => {}
            }
        }
        let first = || Service {
            provider: *provider,
            models: BTreeMap::new(),
        };
        let service = self.content.services.entry(url.to_owned()).or_insert_with(first);
        service.models.insert(name.clone(), *digest);
        self.save()?;
        Ok(true)
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
    use zkml_network::{Manifest, ProviderKeys};

    /// A manifest that says something of another model for each `digit`.
    fn manifest(keys: &ProviderKeys, name: &str, digit: u8) -> SignedManifest {
        let fixture = include_str!("../../../../network/tests/fixtures/manifest.json");
        let mut body: Manifest = serde_json::from_str(fixture).unwrap();
        body.name = name.to_owned();
        body.model_digest = Digest::from([digit; 32]);
        SignedManifest::sign(body, keys).unwrap()
    }

    #[test]
    fn a_name_and_a_provider_are_pinned_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/pins.json");
        let open = || Pins::open(Some(path.clone())).unwrap();
        let [keys, others] = [(); 2].map(|()| ProviderKeys::generate().unwrap());
        let (one, two) = (manifest(&keys, "m", 1), manifest(&keys, "m", 2));
        assert!(open().check("http://a", false, &one).unwrap());
        assert!(!open().check("http://a", true, &one).unwrap());
        assert!(!open().check("http://a", false, &one).unwrap());
        let refused = |named, manifest: &SignedManifest| {
            let error = open().check("http://a", named, manifest).unwrap_err();
            error.to_string()
        };
        let error = refused(true, &two);
        assert!(
            error.contains(&one.digest().to_string()) && error.contains(&two.digest().to_string()),
            "{error}"
        );
        assert!(open().check("http://b", false, &two).unwrap());
        // Another name is pinned if the user says it, not if the service does.
        let new = manifest(&keys, "n", 2);
        assert!(refused(false, &new).contains("--model \"n\""));
        assert!(open().check("http://a", true, &new).unwrap());
        for name in ["m", "new"] {
            let error = refused(true, &manifest(&others, name, 1));
            assert!(error.contains("another provider"), "{error}");
        }
        std::fs::write(&path, "{").unwrap();
        assert!(Pins::open(Some(path.clone())).is_err());
    }
}
