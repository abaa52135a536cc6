//! Files of secrets: JSON that names its format and version, for its owner's eyes alone.

use crate::Error;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use zeroize::Zeroizing;
use zkml::advanced::write_new_secret;

/// A kind of file of secrets. Its JSON has the fields `format` and `version`.
pub(crate) struct SecretFile {
    /// What errors call it.
    pub(crate) what: &'static str,
    /// The same with its article.
    pub(crate) one: &'static str,
    pub(crate) format: &'static str,
    pub(crate) version: u16,
    /// The longest file that is read, in bytes.
    pub(crate) limit: u64,
}

/// Only what tells whether this build can read the rest.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u16,
}

impl SecretFile {
    /// Writes a new file that only its owner may read. An existing file is never overwritten.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Io`].
    pub(crate) fn save(&self, path: &Path, content: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(content).map_err(|error| Error::malformed(self.what, error))?;
        let text = Zeroizing::new(text);
        write_new_secret(path, |w| w.write_all(&text)).map_err(|error| match error {
            zkml::Error::Io { path, source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                Error::Exists { path }
            }
            zkml::Error::Io { action, path, source } => Error::Io { action, path, source },
            other => Error::Zkml(other),
        })
    }

    /// Reads a file that only its owner may read.
    ///
    /// # Errors
    /// [`Error::Permissions`], [`Error::Io`], [`Error::TooLarge`], [`Error::Malformed`],
    /// [`Error::Version`].
    pub(crate) fn load<T: DeserializeOwned>(&self, path: &Path) -> Result<T, Error> {
        let text = self.read(path)?;
        let header: Header = self.parse(&text)?;
        if header.format != self.format {
            return Err(self.malformed(format!("expected the format {:?}, found another", self.format)));
        }
        Error::check_version(self.one, self.version, header.version)?;
        self.parse(&text)
    }

    /// The bytes of a secret in hex.
    ///
    /// # Errors
    /// [`Error::Malformed`], which does not quote it.
    pub(crate) fn secret(&self, text: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, &mut *bytes)
            .map_err(|_| self.malformed("expected secrets of 64 hex digits, found others"))?;
        Ok(bytes)
    }

    pub(crate) fn malformed(&self, reason: impl ToString) -> Error {
        Error::malformed(self.what, reason)
    }

    fn parse<T: DeserializeOwned>(&self, text: &[u8]) -> Result<T, Error> {
        // serde's message may quote the content.
        serde_json::from_slice(text).map_err(|error| {
            self.malformed(format!(
                "expected JSON of {}, found an error in line {}",
                self.one,
                error.line()
            ))
        })
    }

    fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
        let file = File::open(path).map_err(Error::io("read", path))?;
        let found = file.metadata().map_err(Error::io("read", path))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(Error::Permissions {
                    path: path.to_owned(),
                    mode,
                });
            }
        }
        // Room from the start: a buffer that grows leaves copies behind.
        let mut content = Zeroizing::new(Vec::with_capacity(found.len().min(self.limit) as usize + 1));
        file.take(self.limit + 1)
            .read_to_end(&mut content)
            .map_err(Error::io("read", path))?;
        if content.len() as u64 > self.limit {
            return Err(Error::TooLarge {
                what: "file of secrets",
                limit: self.limit,
                found: content.len() as u64,
            });
        }
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const FILE: SecretFile = SecretFile {
        what: "test file",
        one: "a test file",
        format: "zkml test",
        version: 1,
        limit: 200,
    };

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Content {
        format: String,
        version: u16,
        secret: String,
    }

    fn content() -> Content {
        Content {
            format: FILE.format.to_owned(),
            version: FILE.version,
            secret: hex::encode([7; 32]),
        }
    }

    #[test]
    fn an_existing_file_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        FILE.save(&path, &content()).unwrap();
        let stored: Content = FILE.load(&path).unwrap();
        assert_eq!(stored, content());
        assert_eq!(*FILE.secret(&stored.secret).unwrap(), [7; 32]);
        fs::write(&path, "precious").unwrap();
        let refused = FILE.save(&path, &content()).unwrap_err();
        assert!(matches!(refused, Error::Exists { path: named } if named == path));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error_of_the_system() {
        let dir = tempfile::tempdir().unwrap();
        let refused = FILE.save(&dir.path().join("no/file"), &content());
        assert!(matches!(refused, Err(Error::Io { action: "write", .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        FILE.save(&path, &content()).unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for open in [0o640, 0o604, 0o660] {
            mode(open);
            assert!(matches!(
                FILE.load::<Content>(&path),
                Err(Error::Permissions { .. })
            ));
        }
        mode(0o400);
        FILE.load::<Content>(&path).unwrap();
    }

    #[test]
    fn other_content_is_refused_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        let load = |name: &str, from: &str, to: &str| {
            let path = dir.path().join(name);
            FILE.save(&path, &content()).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
            FILE.load::<Content>(&path).unwrap_err()
        };
        for (name, from, to) in [
            ("format", "zkml test", "0707"),
            ("field", "\"version\":1", "\"version\":1, \"0707\": 2"),
            ("kind", "\"version\":1", "\"version\":\"0707\""),
            ("text", "{", "0707"),
        ] {
            let error = load(name, from, to);
            assert!(matches!(error, Error::Malformed { .. }), "{name}: {error}");
            assert!(!error.to_string().contains("0707"), "{error}");
        }
        // A later version may have other fields.
        let later = load("later", "\"version\":1", "\"version\":2, \"more\": 1");
        assert!(matches!(later, Error::Version { found: 2, .. }));
        let long = load("long", "{", &format!("{{{}", " ".repeat(200)));
        assert!(matches!(long, Error::TooLarge { limit: 200, .. }));
        let odd = FILE.secret("0707").unwrap_err().to_string();
        assert!(!odd.contains("0707"), "{odd}");
    }
}
