//! `zkml srs`.

use crate::args::{SrsArgs, SrsCommand, SrsFormat, SrsImportArgs, SrsNewArgs};
use crate::config::check_outputs;
use crate::output::{Session, Verdict, next_step, table};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::{Srs, SrsCache};

#[derive(Serialize)]
struct Entry {
    k: u32,
    id: String,
    origin: String,
    file: PathBuf,
}

/// Makes, imports or lists.
pub fn run(args: SrsArgs, session: &Session) -> Result<Verdict> {
    match args.command {
        SrsCommand::New(args) => new(&args, session)?,
        SrsCommand::Import(args) => import(&args, session)?,
        SrsCommand::List => list(session)?,
    }
    Ok(Verdict::Good)
}

fn new(args: &SrsNewArgs, session: &Session) -> Result<()> {
    session.warn(
        "this SRS is UNSAFE for anything but development: its secret is made on this machine, and whoever has \
         the secret can prove false claims; for real use import one from a ceremony with `zkml srs import`",
    );
    check_outputs(args.output.as_deref(), [])?;
    let srs = Srs::development(args.k, session.progress())?;
    keep(&srs, args.output.as_deref(), session)
}

fn import(args: &SrsImportArgs, session: &Session) -> Result<()> {
    check_outputs(args.output.as_deref(), [&*args.file])?;
    let is_ptau = args
        .file
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("ptau"));
    let format = args
        .format
        .unwrap_or(if is_ptau { SrsFormat::Ptau } else { SrsFormat::Raw });
    let srs = match format {
        SrsFormat::Ptau => Srs::import_ptau(&args.file, args.k, session.progress()),
        SrsFormat::Raw => Srs::import_raw(&args.file, session.progress()).and_then(|srs| match args.k {
            Some(k) => srs.downsize(k, session.progress()),
            None => Ok(srs),
        }),
    }
    .with_context(|| format!("cannot import {}", args.file.display()))?;
    keep(&srs, args.output.as_deref(), session)
}

fn keep(srs: &Srs, output: Option<&Path>, session: &Session) -> Result<()> {
    let file = session.progress().stage("writing the SRS", || match output {
        Some(path) => srs.save(path).map(|()| path.to_owned()),
        None => SrsCache::for_user()?.store(srs),
    })?;
    let entry = Entry {
        k: srs.k(),
        id: srs.id().to_string(),
        origin: srs.origin().to_string(),
        file,
    };
    session.result(&entry, || {
        table(&[
            ("k", entry.k.to_string()),
            ("identity", entry.id.clone()),
            ("origin", entry.origin.clone()),
            ("file", entry.file.display().to_string()),
        ])
    })?;
    let words: &[&str] = &["setup", "MODEL.zkml"];
    session.note(&match output {
        Some(path) => next_step(&[words, &["--srs"]].concat(), &[path]),
        None => next_step(words, &[]),
    });
    Ok(())
}

fn list(session: &Session) -> Result<()> {
    let cache = SrsCache::for_user()?;
    let entry = |file: zkml::SrsFile| Entry {
        k: file.k,
        id: file.id,
        origin: file.origin.to_string(),
        file: file.path,
    };
    let entries: Vec<Entry> = cache.list()?.into_iter().map(entry).collect();
    session.result(&entries, || {
        if entries.is_empty() {
            return format!(
                "no SRS in {}; import one with `zkml srs import FILE.ptau`, or make an unsafe one for \
                 development with `zkml srs new -k K`",
                cache.dir().display()
            );
        }
        let line = |e: &Entry| format!("k = {:<3} {:<12} {}  {}\n", e.k, e.origin, e.id, e.file.display());
        entries.iter().map(line).collect()
    })
}
