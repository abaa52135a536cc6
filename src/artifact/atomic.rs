//! Writing files so that a reader sees the old content or the new one, never a part.

use crate::Error;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Writes a file through a temporary one in the same folder, which then takes its name.
///
/// If `write` fails, or the disk is full, an existing file stays as it was and no temporary
/// file is left. A symbolic link keeps pointing to the file, whose content changes. A device
/// or pipe (`/dev/stdout`) is written directly.
///
/// # Errors
/// [`Error::Io`] that names `path`.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let buffered = |file: &mut dyn Write| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    };
    reported(path, replace(path, 0o666, buffered))
}

/// Writes a file as [`write_atomically`] does, which on Unix only its owner may read and write. No buffer keeps
/// a copy of what is written.
///
/// # Errors
/// [`Error::Io`] that names `path`.
pub fn write_secret(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    reported(path, replace(path, 0o600, write))
}

/// Writes a file as [`write_secret`] does where there is none yet: whatever has the name `path`, a symbolic link
/// included, stays as it was.
///
/// # Errors
/// [`Error::Io`] that names `path`, of the kind [`io::ErrorKind::AlreadyExists`] if the name is taken.
pub fn write_new_secret(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    reported(path, create(path, write))
}

fn reported(path: &Path, result: io::Result<()>) -> Result<(), Error> {
    result.map_err(Error::io("write", path))
}

/// Puts a file in the place of the one that `path` leads to, if there is one.
fn replace(path: &Path, mode: u32, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let target = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            let mut device = fs::OpenOptions::new().write(true).open(path)?;
            write(&mut device)?;
            return device.flush();
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_owned(),
    };
    let dir = folder(&target);
    let file = written(dir, mode, write)?;
    file.persist(&target).map_err(|e| e.error)?;
    keep_name(dir);
    Ok(())
}

/// Gives `path` to a new file of its owner's, if nothing has that name.
fn create(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let dir = folder(path);
    let file = written(dir, 0o600, write)?;
    file.persist_noclobber(path).map_err(|e| e.error)?;
    keep_name(dir);
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// A temporary file whose content is on disk. It goes away unless it gets a name.
fn written(
    dir: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut file = temporary(dir, mode)?;
    write(&mut file)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A new name survives a power cut only once the folder itself is on disk. Not every file system
/// can do that, and the content is safe either way.
fn keep_name(dir: &Path) {
    if let Ok(dir) = fs::File::open(dir) {
        let _ = dir.sync_all();
    }
}

/// A temporary file with at most the permissions `mode`, where the system has such.
fn temporary(dir: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".zkml-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder
            .permissions(fs::Permissions::from_mode(mode))
            .tempfile_in(dir)
    }
    #[cfg(not(unix))]
    {
        let _ = mode;
        builder.tempfile_in(dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_failed_write_leaves_the_old_content_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write_atomically(&path, |w| w.write_all(b"old")).unwrap();
        let failed = write_atomically(&path, |w| {
            w.write_all(b"half of the new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(matches!(failed, Err(Error::Io { action: "write", .. })));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(dir.path()), ["a"]);
    }

    #[test]
    fn a_folder_in_the_way_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(write_atomically(dir.path(), |w| w.write_all(b"x")).is_err());
        assert!(write_atomically(&dir.path().join("no/such"), |w| w.write_all(b"x")).is_err());
        assert_eq!(names(dir.path()).len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, b"old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_atomically(&link, |w| w.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, b"open").unwrap();
        write_secret(&path, |w| w.write_all(b"x")).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_new_secret_takes_no_name_that_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        write_new_secret(&path, |w| w.write_all(b"first")).unwrap();
        let taken = |path: &Path| match write_new_secret(path, |w| w.write_all(b"second")) {
            Err(Error::Io { source, .. }) => assert_eq!(source.kind(), io::ErrorKind::AlreadyExists),
            other => panic!("expected a name that is taken, found {other:?}"),
        };
        taken(&path);
        taken(dir.path());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(dir.path()), ["secret"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let link = dir.path().join("link");
            std::os::unix::fs::symlink("nowhere", &link).unwrap();
            taken(&link);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
    }

    #[test]
    fn a_new_secret_that_cannot_be_written_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let failed = write_new_secret(&dir.path().join("secret"), |w| {
            w.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err());
        assert!(names(dir.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_has_ordinary_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (ours, plain) = (dir.path().join("ours"), dir.path().join("plain"));
        write_atomically(&ours, |w| w.write_all(b"x")).unwrap();
        fs::write(&plain, b"x").unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
