//! The SRS files of a user.

use super::{Srs, SrsOrigin, check_k};
use crate::{Error, Progress, SrsId};
use std::path::{Path, PathBuf};

const EXTENSION: &str = "srs";

/// A folder of SRS files, named by size, identity and origin: `k14-6f0c...-development.srs`.
///
/// Nothing is ever made here that the user did not ask for, except smaller sizes of what the
/// folder holds.
#[derive(Clone, Debug)]
pub struct SrsCache {
    dir: PathBuf,
}

/// What the name of a file in an [`SrsCache`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrsFile {
    /// log2 of the number of powers.
    pub k: u32,
    /// Identity of the secret: an [`SrsId`] as text.
    pub id: String,
    /// Where the parameters come from.
    pub origin: SrsOrigin,
    /// The file.
    pub path: PathBuf,
}

impl SrsCache {
    /// The environment variable that names another folder.
    pub const VARIABLE: &str = "ZKML_SRS_DIR";

    /// The user's folder: the one that [`SrsCache::VARIABLE`] names, or else `srs` in the
    /// system's folder for this user's data.
    ///
    /// # Errors
    /// [`Error::NoCacheDirectory`] if neither is known.
    pub fn for_user() -> Result<Self, Error> {
        if let Some(dir) = std::env::var_os(Self::VARIABLE).filter(|dir| !dir.is_empty()) {
            return Ok(Self::at(PathBuf::from(dir)));
        }
        let dirs = directories::ProjectDirs::from("", "", "zkml").ok_or(Error::NoCacheDirectory {
            variable: Self::VARIABLE,
        })?;
        Ok(Self::at(dirs.data_dir().join("srs")))
    }

    /// A folder of the caller's choice; it need not exist.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keeps an SRS and returns the file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn store(&self, srs: &Srs) -> Result<PathBuf, Error> {
        std::fs::create_dir_all(&self.dir).map_err(|source| Error::Io {
            action: "make the folder",
            path: self.dir.clone(),
            source,
        })?;
        let path = self
            .dir
            .join(format!("k{}-{}-{}.{EXTENSION}", srs.k(), srs.id(), srs.origin()));
        srs.save(&path)?;
        Ok(path)
    }

    /// An SRS with `2^k` powers for new keys. One from a ceremony goes before raw parameters,
    /// and these before one for development; then the smallest that is large enough. A larger
    /// one is cut to size, and the result kept beside it.
    ///
    /// # Errors
    /// [`Error::SrsNotFound`], which says how to get one; [`Error::SizeOutOfRange`];
    /// [`Error::Cancelled`]; those of [`Srs::load`].
    pub fn find(&self, k: u32, progress: &Progress) -> Result<Srs, Error> {
        self.pick(k, None, progress)
    }

    /// The SRS that keys were made with, at `2^k` powers.
    ///
    /// # Errors
    /// As [`SrsCache::find`].
    pub fn find_id(&self, k: u32, id: SrsId, progress: &Progress) -> Result<Srs, Error> {
        self.pick(k, Some(id), progress)
    }

    /// The files of the folder, in the order in which [`SrsCache::find`] prefers them.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder is there but cannot be read.
    pub fn list(&self) -> Result<Vec<SrsFile>, Error> {
        let mut entries = self.entries()?;
        entries.sort_by(|a, b| (a.origin, a.k, &a.id).cmp(&(b.origin, b.k, &b.id)));
        Ok(entries)
    }

    fn pick(&self, k: u32, id: Option<SrsId>, progress: &Progress) -> Result<Srs, Error> {
        check_k(k.into())?;
        let wanted = id.map(|id| id.to_string());
        let fits = |e: &SrsFile| e.k >= k && wanted.as_ref().is_none_or(|id| *id == e.id);
        let Some(entry) = self.list()?.into_iter().find(fits) else {
            let needed = match wanted {
                Some(id) => format!("k of at least {k} and the identity {id}"),
                None => format!("k of at least {k}"),
            };
            return Err(Error::SrsNotFound {
                needed,
                k,
                dir: self.dir.clone(),
            });
        };
        let srs = Srs::load(&entry.path)?;
        if (srs.k(), srs.origin(), srs.id().to_string()) != (entry.k, entry.origin, entry.id.clone()) {
            return Err(Error::Malformed {
                what: entry.path.display().to_string(),
                reason: format!("expected what its name says, found {srs:?}"),
            });
        }
        if srs.k() == k {
            return Ok(srs);
        }
        let small = srs.downsize(k, progress)?;
        // Only a convenience for the next time: a folder that cannot be written is no reason to fail.
        if let Err(error) = self.store(&small) {
            tracing::warn!(%error, "the SRS that was cut to size is not kept");
        }
        Ok(small)
    }

    fn entries(&self) -> Result<Vec<SrsFile>, Error> {
        let fail = |source| Error::Io {
            action: "read the folder",
            path: self.dir.clone(),
            source,
        };
        let listing = match std::fs::read_dir(&self.dir) {
            Ok(listing) => listing,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(fail(e)),
        };
        let mut entries = Vec::new();
        for file in listing {
            entries.extend(parse_name(&file.map_err(fail)?.path()));
        }
        Ok(entries)
    }
}

/// What a file's name says; `None` for files that are not the cache's.
fn parse_name(path: &Path) -> Option<SrsFile> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let mut parts = path.file_stem()?.to_str()?.split('-');
    let k = parts.next()?.strip_prefix('k')?.parse().ok()?;
    let id = parts.next()?.to_owned();
    let origin = parts.next()?;
    let origin = [SrsOrigin::Ceremony, SrsOrigin::Raw, SrsOrigin::Development]
        .into_iter()
        .find(|o| o.to_string() == origin)?;
    parts.next().is_none().then(|| SrsFile {
        k,
        id,
        origin,
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Progress;

    fn none() -> Progress {
        Progress::none()
    }

    #[test]
    fn an_empty_or_missing_folder_says_how_to_get_one() {
        let dir = tempfile::tempdir().unwrap();
        for dir in [dir.path().to_owned(), dir.path().join("missing")] {
            let error = SrsCache::at(dir).find(5, &none()).unwrap_err();
            assert!(matches!(error, Error::SrsNotFound { k: 5, .. }));
            assert!(error.to_string().contains("zkml srs import"));
        }
    }

    #[test]
    fn a_larger_one_is_cut_to_size_once() {
        let dir = tempfile::tempdir().unwrap();
        let cache = SrsCache::at(dir.path());
        let srs = Srs::development(4, &none()).unwrap();
        cache.store(&srs).unwrap();
        assert!(matches!(cache.find(5, &none()), Err(Error::SrsNotFound { .. })));
        let small = cache.find(3, &none()).unwrap();
        assert_eq!((small.k(), small.id()), (3, srs.id()));
        assert_eq!(cache.entries().unwrap().len(), 2);
        let again = cache.find(3, &none()).unwrap();
        assert_eq!(again.to_bytes().unwrap(), small.to_bytes().unwrap());
        assert_eq!(cache.entries().unwrap().len(), 2);
    }

    #[test]
    fn safe_ones_go_first_and_an_identity_is_honoured() {
        let dir = tempfile::tempdir().unwrap();
        let cache = SrsCache::at(dir.path());
        let development = Srs::development(3, &none()).unwrap();
        let raw = Srs {
            origin: SrsOrigin::Raw,
            ..Srs::development(4, &none()).unwrap()
        };
        cache.store(&development).unwrap();
        cache.store(&raw).unwrap();
        assert_eq!(cache.find(3, &none()).unwrap().id(), raw.id());
        assert_eq!(
            cache.find_id(3, development.id(), &none()).unwrap().id(),
            development.id()
        );
        let missing = Srs::development(3, &none()).unwrap().id();
        assert!(matches!(
            cache.find_id(3, missing, &none()),
            Err(Error::SrsNotFound { .. })
        ));
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let cache = SrsCache::at(dir.path());
        let path = cache.store(&Srs::development(3, &none()).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let posing = dir.path().join(name.replace("development", "ceremony"));
        std::fs::rename(&path, posing).unwrap();
        assert!(matches!(cache.find(3, &none()), Err(Error::Malformed { .. })));
    }

    #[test]
    fn other_files_in_the_folder_do_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "k3.srs",
            "notes.txt",
            "kx-1-raw.srs",
            "k3-1-raw-2.srs",
            "k3-1-new.srs",
        ] {
            std::fs::write(dir.path().join(name), b"x").unwrap();
        }
        assert!(matches!(
            SrsCache::at(dir.path()).find(2, &none()),
            Err(Error::SrsNotFound { .. })
        ));
    }
}
