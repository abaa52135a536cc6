//! `zkml srs`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

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
