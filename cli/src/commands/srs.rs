//! `zkml srs`.

use crate::args::{SrsArgs, SrsCommand, SrsFormat, SrsImportArgs, SrsNewArgs};
use crate::config::{check_outputs, standing, warn_of_srs};
use crate::output::{Session, Verdict, next_step, table};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::{Ceremony, RequiredSrs, Srs, SrsCache, SrsId, SrsStanding};

#[derive(Serialize)]
struct Entry {
    k: u32,
    id: SrsId,
    standing: SrsStanding,
    ceremony: Option<&'static str>,
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
    // Before it is written: this machine is not to forget that it made it.
    let remembered = SrsCache::for_user().and_then(|cache| cache.remember_development(srs.id()));
    if let Err(error) = remembered {
        session.warn(&format!("that this SRS was made here is not remembered: {error}"));
    }
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
    let ceremony = args.ceremony.as_deref().map(ceremony).transpose()?;
    let srs = match format {
        SrsFormat::Ptau => Srs::import_ceremony(&args.file, args.k, ceremony, session.progress()),
        SrsFormat::Raw => Srs::import_raw(&args.file, session.progress()).and_then(|srs| match args.k {
            Some(k) => srs.downsize(k, session.progress()),
            None => Ok(srs),
        }),
    }
    .with_context(|| format!("cannot import {}", args.file.display()))?;
    if let Some(ceremony) = ceremony {
        RequiredSrs::Ceremony(ceremony).check(srs.id())?;
    }
    warn_of_srs(srs.id(), session);
    keep(&srs, args.output.as_deref(), session)
}

fn ceremony(name: &str) -> Result<&'static Ceremony> {
    Ceremony::named(name).with_context(|| {
        let names: Vec<&str> = Ceremony::known().iter().map(Ceremony::name).collect();
        format!("--ceremony: expected one of {}, found {name}", names.join(", "))
    })
}

fn keep(srs: &Srs, output: Option<&Path>, session: &Session) -> Result<()> {
    let file = session.progress().stage("writing the SRS", || match output {
        Some(path) => srs.save(path).map(|()| path.to_owned()),
        None => SrsCache::for_user()?.store(srs),
    })?;
    let standing = standing(srs.id());
    let entry = Entry {
        k: srs.k(),
        id: srs.id(),
        standing,
        ceremony: standing.ceremony(),
        file,
    };
    session.result(&entry, || {
        table(&[
            ("k", entry.k.to_string()),
            ("identity", entry.id.to_string()),
            ("standing", entry.standing.to_string()),
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
        standing: file.standing,
        ceremony: file.standing.ceremony(),
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
        let line = |e: &Entry| {
            format!(
                "k = {:<3} {:<12} {}  {}\n",
                e.k,
                e.ceremony.unwrap_or(e.standing.code()),
                e.id,
                e.file.display()
            )
        };
        entries.iter().map(line).collect()
    })
}
