//! `zkml srs`.

use crate::config::{check_outputs, standing, warn_of_srs};
use crate::output::{Session, Verdict, next_step, table};
use anyhow::{Context, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::ceremony::{Ceremony, RequiredSrs, SrsId, SrsStanding};
use zkml::{Srs, SrsCache};

/// Make, import and list structured reference strings (SRS).
///
/// They are kept in a folder of the user, or in the one that ZKML_SRS_DIR names.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml srs import powersOfTau28_hez_final_15.ptau\n  zkml srs new -k 13\n  zkml srs list"
)]
pub struct SrsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SrsCommand,
}

/// What to do with SRS.
#[derive(Subcommand, Debug)]
pub enum SrsCommand {
    New(SrsNewArgs),
    Import(SrsImportArgs),
    /// List those that are kept
    List,
}

/// Make one for development. UNSAFE for anything else: its maker can prove false claims.
///
/// The secret that its powers are made of is drawn on this machine and forgotten, but nobody else
/// can know that it was.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml srs new -k 13")]
pub struct SrsNewArgs {
    /// log2 of the number of rows; `zkml inspect model.zkml` says what a model needs
    #[arg(long, short, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=24))]
    pub k: u32,
    /// Write it to this file instead of keeping it
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Check and keep one from a ceremony (.ptau) or from halo2 (raw).
///
/// Every point is checked, and the powers by pairings. Known ceremonies are recognised by their powers. A ceremony is as
/// trustworthy as the most honest of those who took part in it; any other SRS is as trustworthy as whoever made it.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml srs import powersOfTau28_hez_final_15.ptau\n  zkml srs import large.ptau -k 14\n  zkml srs import params.bin --format raw"
)]
pub struct SrsImportArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Its format [default: ptau for .ptau, otherwise raw]
    #[arg(long, value_enum)]
    pub format: Option<SrsFormat>,
    /// Fail unless the powers are those of this ceremony (hermez)
    #[arg(long, value_name = "NAME")]
    pub ceremony: Option<String>,
    /// Take 2^K powers only
    #[arg(long, short, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=24))]
    pub k: Option<u32>,
    /// Write it to this file instead of keeping it
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Formats of SRS files of others.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrsFormat {
    /// snarkjs powers of tau
    Ptau,
    /// halo2's ParamsKZG::write
    Raw,
}

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
    let entry = |file: zkml::advanced::SrsFile| Entry {
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
