//! What the Markdown files point to exists: paths of the repository, and links between files.

mod common;

use common::workspace;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Folders with nothing that documentation points to.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", "shared"];

/// Folders that programs make.
const MADE: [&str; 1] = ["benches/results/"];

/// Extensions of files that documentation names.
const EXTENSIONS: [&str; 10] = ["rs", "py", "sh", "sol", "toml", "md", "cu", "cuh", "h", "yml"];

/// All files and folders of the repository, relative to its root.
fn tree() -> Vec<String> {
    let root = workspace();
    let mut paths = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if SKIPPED.contains(&&*entry.file_name().to_string_lossy()) {
                continue;
            }
            let path = entry.path();
            paths.push(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            }
        }
    }
    paths
}

/// README.md, ARCHITECTURE.md and the files in docs, with their text outside of blocks of code.
fn documents() -> Vec<(PathBuf, String)> {
    let root = workspace();
    let docs = fs::read_dir(root.join("docs")).unwrap();
    let mut files: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    files.extend([root.join("README.md"), root.join("ARCHITECTURE.md")]);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    let prose = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let parts = text.split("```");
        (file, parts.step_by(2).collect())
    };
    files.into_iter().map(prose).collect()
}

/// The spans of code in a text.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a span of code names a file or a folder of this repository.
fn is_path(span: &str, folders: &BTreeSet<&str>) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
    if !span.chars().all(plain)
        || span.starts_with(['/', '-', '.'])
        || span.contains("NAME")
        || MADE.contains(&span)
    {
        return false;
    }
    let extension = span.rsplit_once('.').map_or("", |(_, extension)| extension);
    let folder = span
        .split_once('/')
        .is_some_and(|(first, _)| folders.contains(first));
    folder || EXTENSIONS.contains(&extension)
}

#[test]
fn paths_in_the_documentation_exist() {
    let tree = tree();
    // A path may be relative to any folder, and a module may be named without its extension.
    let exists = |span: &str| {
        let span = span.trim_end_matches('/');
        tree.iter().any(|path| {
            let path = path
                .strip_suffix(".rs")
                .filter(|_| !span.ends_with(".rs"))
                .unwrap_or(path);
            path.strip_suffix(span)
                .is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    };
    let folders: BTreeSet<&str> = tree
        .iter()
        .filter_map(|path| path.rsplit_once('/'))
        .flat_map(|(folder, _)| folder.split('/'))
        .collect();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for (file, text) in documents() {
        for span in spans(&text).filter(|span| is_path(span, &folders)) {
            checked += 1;
            if !exists(span) {
                missing.push(format!("{}: `{span}`", file.display()));
            }
        }
    }
    assert!(checked > 80, "only {checked} paths were found");
    assert!(
        missing.is_empty(),
        "there is no such file or folder:\n{}",
        missing.join("\n")
    );
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A text without its code: what looks like a link in it is none.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect()
}

#[test]
fn links_in_the_documentation_lead_somewhere() {
    let documents = documents();
    let canonical = |path: &Path| fs::canonicalize(path).unwrap();
    let anchors: BTreeMap<PathBuf, BTreeSet<String>> = documents
        .iter()
        .map(|(file, text)| {
            let headings = text.lines().filter(|line| line.starts_with('#'));
            (canonical(file), headings.map(anchor).collect())
        })
        .collect();
    let (mut missing, mut checked) = (Vec::new(), 0);
    for (file, text) in &documents {
        let text = without_code(text);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        for (target, _) in targets.filter(|(target, _)| !target.contains("://")) {
            checked += 1;
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match path {
                "" => file.clone(),
                path => file.parent().unwrap().join(path),
            };
            let found = path.exists()
                && (heading.is_empty()
                    || anchors
                        .get(&canonical(&path))
                        .is_some_and(|anchors| anchors.contains(heading)));
            if !found {
                missing.push(format!("{}: {target}", file.display()));
            }
        }
    }
    assert!(checked > 15, "only {checked} links were found");
    assert!(
        missing.is_empty(),
        "these links lead nowhere:\n{}",
        missing.join("\n")
    );
}
