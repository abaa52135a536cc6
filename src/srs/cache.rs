//! The SRS files of a user.

use super::{Srs, check_k};
use crate::artifact::write_atomically;
use crate::ceremony::{SrsId, SrsStanding};
use crate::{Error, Progress};
use std::path::{Path, PathBuf};

const EXTENSION: &str = "srs";
/// The extension of files that say: the SRS of this name was made here, for development.
const MARK: &str = "development";

/// A folder of SRS files, named by size and identity: `k14-6f0c....srs`. Beside them it remembers which SRS were made
/// here for development.
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
    /// Identity of the secret.
    pub id: SrsId,
    /// What is known of the SRS.
    pub standing: SrsStanding,
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

    /// Keeps an SRS and returns the file. One that hides quotients ([`Srs::hides_quotients`]) is not replaced by one that
    /// does not.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn store(&self, srs: &Srs) -> Result<PathBuf, Error> {
        self.make_folder()?;
        let path = self.dir.join(format!("k{}-{}.{EXTENSION}", srs.k(), srs.id()));
        let hides = || Srs::load(&path).is_ok_and(|kept| kept.hides_quotients());
        if srs.hides_quotients() || !hides() {
            srs.save(&path)?;
        }
        Ok(path)
    }

    /// Remembers that an SRS was made here, for development.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remember_development(&self, id: SrsId) -> Result<(), Error> {
        self.make_folder()?;
        write_atomically(&self.mark(id), |w| {
            writeln!(w, "The SRS {id} was made on this machine, for development.")
        })
    }

    /// What is known of an SRS: the ceremony that it is the result of, that it was made here for development, or nothing.
    pub fn standing(&self, id: SrsId) -> SrsStanding {
        match id.standing() {
            SrsStanding::Unknown if self.mark(id).is_file() => SrsStanding::Development,
            known => known,
        }
    }

    fn mark(&self, id: SrsId) -> PathBuf {
        self.dir.join(format!("{id}.{MARK}"))
    }

    fn make_folder(&self) -> Result<(), Error> {
        std::fs::create_dir_all(&self.dir).map_err(Error::io("make the folder", &self.dir))
    }

    /// An SRS with `2^k` powers for new keys. One from a known ceremony goes before an unknown one,
    /// and this before one that was made here for development; then the smallest that is large enough. A larger
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
        let rank = |e: &SrsFile| match e.standing {
            SrsStanding::Ceremony(_) => 0,
            SrsStanding::Unknown => 1,
            SrsStanding::Development => 2,
        };
        entries.sort_by_key(|e| (rank(e), e.k, e.id));
        Ok(entries)
    }

    fn pick(&self, k: u32, id: Option<SrsId>, progress: &Progress) -> Result<Srs, Error> {
        check_k(k.into())?;
        let fits = |e: &SrsFile| e.k >= k && id.is_none_or(|id| id == e.id);
        let fitting: Vec<SrsFile> = self.list()?.into_iter().filter(fits).collect();
        let Some(mut entry) = fitting.first() else {
            let needed = match id {
                Some(id) => format!("k of at least {k} and the identity {id}"),
                None => format!("k of at least {k}"),
            };
            return Err(Error::SrsNotFound {
                needed,
                k,
                dir: self.dir.clone(),
            });
        };
        let mut srs = Srs::load(&entry.path)?;
        // A larger one of the same secret has the power that proofs need.
        let larger = |e: &&SrsFile| e.id == entry.id && e.k > k;
        if srs.k() == k
            && !srs.hides_quotients()
            && let Some(file) = fitting.iter().find(larger)
        {
            entry = file;
            srs = Srs::load(&file.path)?;
        }
        if (srs.k(), srs.id()) != (entry.k, entry.id) {
            return Err(Error::malformed(
                entry.path.display().to_string(),
                format!("expected what its name says, found {srs:?}"),
            ));
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
        let fail = Error::io("read the folder", &self.dir);
        let listing = match std::fs::read_dir(&self.dir) {
            Ok(listing) => listing,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(fail(e)),
        };
        let mut entries = Vec::new();
        for file in listing {
            let path = file.map_err(fail)?.path();
            entries.extend(parse_name(&path).map(|(k, id)| SrsFile {
                k,
                id,
                standing: self.standing(id),
                path,
            }));
        }
        Ok(entries)
    }
}

/// Size and identity that a file's name says; `None` for files that are not the cache's.
fn parse_name(path: &Path) -> Option<(u32, SrsId)> {
    if path.extension()? != EXTENSION {
        return None;
    }
    let (k, id) = path.file_stem()?.to_str()?.strip_prefix('k')?.split_once('-')?;
    Some((k.parse().ok()?, id.parse().ok()?))
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
        let other = Srs::development(4, &none()).unwrap();
        cache.store(&development).unwrap();
        cache.store(&other).unwrap();
        assert_eq!(cache.standing(development.id()), SrsStanding::Unknown);
        assert_eq!(cache.find(3, &none()).unwrap().id(), development.id());
        cache.remember_development(development.id()).unwrap();
        assert_eq!(cache.standing(development.id()), SrsStanding::Development);
        assert_eq!(cache.standing(other.id()), SrsStanding::Unknown);
        assert_eq!(cache.find(3, &none()).unwrap().id(), other.id());
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
    fn what_hides_quotients_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = SrsCache::at(dir.path());
        let large = Srs::development(4, &none()).unwrap();
        let raw = |srs: &Srs| Srs::from_raw_bytes(&srs.to_raw_bytes().unwrap(), &none()).unwrap();
        // There is nothing else: keys can be made with it.
        cache.store(&raw(&large.downsize(3, &none()).unwrap())).unwrap();
        assert!(!cache.find(3, &none()).unwrap().hides_quotients());
        cache.store(&large).unwrap();
        assert!(cache.find(3, &none()).unwrap().hides_quotients());
        // Neither the one that was cut to size nor the large one is replaced.
        for srs in [large.downsize(3, &none()).unwrap(), large] {
            cache.store(&raw(&srs)).unwrap();
            assert!(cache.find(srs.k(), &none()).unwrap().hides_quotients());
        }
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let cache = SrsCache::at(dir.path());
        let path = cache.store(&Srs::development(3, &none()).unwrap()).unwrap();
        // The name of a ceremony's file.
        let ceremony = crate::ceremony::Ceremony::known()[0].id();
        std::fs::rename(&path, dir.path().join(format!("k3-{ceremony}.srs"))).unwrap();
        assert!(matches!(cache.find(3, &none()), Err(Error::Malformed { .. })));
    }

    #[test]
    fn other_files_in_the_folder_do_not_matter() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "k3.srs",
            "notes.txt",
            "kx-00000000000000000000000000000000.srs",
            "k3-0000000000000000.srs",
            "k3-00000000000000000000000000000000-2.srs",
            "00000000000000000000000000000000.development",
        ] {
            std::fs::write(dir.path().join(name), b"x").unwrap();
        }
        assert!(matches!(
            SrsCache::at(dir.path()).find(2, &none()),
            Err(Error::SrsNotFound { .. })
        ));
    }
}
