//! `zkml validate`.

use super::KeyTrustArgs;
use super::url::service_url;
use clap::Args;
use std::path::PathBuf;

/// Check answers without seeing what they are about: one proof, a folder of them, or a stream.
///
/// Prints a line for each, and names every one that is invalid, expired, for another model, or a
/// second answer to a request. The first time a key is seen, it is made again from the model's circuit and the SRS.
/// Exit code 0: all are valid; 1: some are not; 2: no answer.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  zkml validate answer.zkproof --manifest lenet5.manifest.json --vk lenet5.vk\n  zkml validate proofs/ --url http://127.0.0.1:8080 --model 3f0c...9a\n  zkml validate - --manifest lenet5.manifest.json --vk lenet5.vk < proofs.jsonl"
)]
pub struct ValidateArgs {
    /// Proofs, folders with proofs (.zkproof, .zkproof.json), or - for JSON proofs on stdin, one a line
    #[arg(value_name = "PROOF", required = true)]
    pub proofs: Vec<PathBuf>,
    /// The model's manifest, from someone you trust
    #[arg(long, value_name = "FILE", requires = "vk", required_unless_present = "url")]
    pub manifest: Option<PathBuf>,
    /// Its verifying key
    #[arg(long, value_name = "FILE", requires = "manifest")]
    pub vk: Option<PathBuf>,
    /// The model's circuit [default: the manifest's path with the extension .circuit]
    #[arg(long, value_name = "FILE", requires = "manifest")]
    pub circuit: Option<PathBuf>,
    /// The SRS of the key, from anyone: its powers are checked [default: from the cache]
    #[arg(long, value_name = "FILE")]
    pub srs: Option<PathBuf>,
    /// How the key is checked.
    #[command(flatten)]
    pub trust: KeyTrustArgs,
    /// A provider to fetch them from; --model says which
    #[arg(long, value_name = "URL", requires = "model", conflicts_with_all = ["manifest", "vk"], value_parser = service_url)]
    pub url: Option<String>,
    /// Digest of the manifest, which pins it
    #[arg(long, value_name = "DIGEST")]
    pub model: Option<zkml::Digest>,
    /// When the proofs are judged, in seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<u64>,
    /// Proofs that are checked together
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub batch: u16,
}
