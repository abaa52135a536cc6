//! Where a command writes, looked at before it works.

use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};

/// Checks that a command can write these files without losing another one: each is a file in a folder that is there, none is
/// what the command reads, and no two are the same.
pub fn check_outputs<'a>(
    outputs: impl IntoIterator<Item = &'a Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    let inputs: Vec<PathBuf> = inputs.into_iter().map(whole).collect();
    let mut places: Vec<PathBuf> = Vec::new();
    for output in outputs {
        let shown = output.display();
        ensure!(
            !output.is_dir(),
            "{shown}: expected a file to write to, found a folder; name a file in it"
        );
        let folder = folder(output);
        ensure!(
            folder.is_dir(),
            "{shown}: expected a file in a folder that is there, found none; make the folder {} first",
            folder.display()
        );
        // Pipes and devices take what is written more than once.
        if output.exists() && !output.is_file() {
            continue;
        }
        let place = whole(output);
        ensure!(
            !inputs.contains(&place),
            "{shown}: this file is read, and would be lost if it were written to; name another one"
        );
        ensure!(
            !places.contains(&place),
            "{shown}: two things would be written to this file, and the first would be lost; name two"
        );
        places.push(place);
    }
    Ok(())
}

/// The folder of a file; the current one for a bare name.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A path by which a file is known whatever links lead to it. A file that is not there is known by its folder and its name.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = folder(path).canonicalize();
        match (folder, path.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => path.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_would_be_lost_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("model"), "model").unwrap();
        fs::create_dir(file("folder")).unwrap();
        let (model, new, other) = (file("model"), file("new"), file("other"));
        let detour = folder.path().join("folder/../new");
        let check = |outputs: &[&Path]| check_outputs(outputs.iter().copied(), [&*model]);
        check(&[&new, &other]).unwrap();
        check(&[&file("folder/new"), &new]).unwrap();
        for (outputs, expected) in [
            (&[&*model][..], "this file is read"),
            (
                &[&new, &folder.path().join("folder/../model")],
                "this file is read",
            ),
            (&[&new, &detour], "two things"),
            (&[&file("folder")], "found a folder"),
            (&[&file("nowhere/new")], "make the folder"),
        ] {
            let error = check(outputs).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        // A file that is there and that nothing reads is written again.
        fs::write(&other, "old").unwrap();
        check(&[&other]).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        let (model, link) = (folder.path().join("model"), folder.path().join("link"));
        fs::write(&model, "model").unwrap();
        std::os::unix::fs::symlink(&model, &link).unwrap();
        assert!(check_outputs([&*link], [&*model]).is_err());
        let null = Path::new("/dev/null");
        check_outputs([null, null], [null]).unwrap();
    }
}
