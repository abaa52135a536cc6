//! Sources compile without warnings on both ends of their pragma, and the linter has nothing to say.

use super::tools::{Compiler, Tools};
use super::{Subject, usable};
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// Checks all sources: generated ones and those that come with the repository.
pub fn run(subjects: &[Subject], tools: &Result<Tools>, report: &mut Report) {
    let folder = tempfile::tempdir().context("a folder for the sources");
    let project = folder.and_then(|f| {
        project(f.path(), subjects)?;
        Ok(f)
    });
    let project = || match &project {
        Ok(folder) => Ok(folder.path()),
        Err(error) => Err(anyhow::anyhow!("{error:#}")),
    };
    for (compiler, version) in [(Compiler::Oldest, "0.8.20"), (Compiler::Newest, "0.8.37")] {
        let item = Item::new(format!("sources: solc {version}"), "no warning");
        report.measure(item, || {
            let files = files(project()?)?;
            let all = usable(tools)?.compile_files(compiler, &files)?;
            let count = all.as_object().map_or(0, serde_json::Map::len);
            Ok(Figure::new(count > files.len() / 2, format!("{count} contracts")))
        });
    }
    let item = Item::new(
        "sources: solhint, recommended rules",
        "no error, no warning; evm/solidity/README.md says which rules are off and why",
    );
    report.measure(item, || {
        usable(tools)?.lint(project()?)?;
        Ok(Figure::new(true, format!("{} files", files(project()?)?.len())))
    });
}

/// A project like `evm/solidity`, with the models' contracts.
fn project(folder: &Path, subjects: &[Subject]) -> Result<()> {
    let from: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "evm", "solidity"]
        .iter()
        .collect();
    for name in ["src", "test"] {
        std::fs::create_dir_all(folder.join(name))?;
        for entry in std::fs::read_dir(from.join(name))? {
            let entry = entry?;
            std::fs::copy(entry.path(), folder.join(name).join(entry.file_name()))?;
        }
    }
    std::fs::copy(from.join(".solhint.json"), folder.join(".solhint.json"))?;
    for subject in subjects {
        let file = folder.join("src").join(format!("{}.sol", subject.contract));
        std::fs::write(file, subject.source()?)?;
        let name = format!("{}Key", subject.contract);
        let file = folder.join("src").join(format!("{name}.sol"));
        std::fs::write(file, subject.verifier.key_source(&name)?)?;
    }
    Ok(())
}

fn files(project: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    for name in ["src", "test"] {
        for entry in std::fs::read_dir(project.join(name))? {
            files.push(entry?.path());
        }
    }
    files.sort();
    Ok(files)
}
