//! `zkml ask`.

mod model;
mod pins;
mod recipient;
mod remote;
mod result;

use crate::config::{KeyTrustArgs, PublishedPaths, check_published, load_prover, seconds, service_url};
use crate::input::InputArgs;
use crate::output::{Session, Verdict};
use anyhow::{Result, bail};
use clap::Args;
use recipient::{RecipientArgs, recipient};
pub use remote::resume;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zkml::Device;
use zkml_network::{Asked, Engine, prove_locally, unix_now};

/// Ask a provider's model: seal the input, wait for the answer, check it, print it.
///
/// The first time a model is asked by its name, its manifest is pinned; from then on another one is
/// refused. The digest of a manifest, known from elsewhere, pins it at once. The first time a key is seen, it is made
/// again from the model's circuit, so that it has all of its constraints.
/// Exit code 0: a valid answer; 1: an invalid one; 2: none.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct AskArgs {
    /// The provider's service
    #[arg(value_name = "URL", required_unless_present = "local", value_parser = service_url)]
    pub url: Option<String>,
    /// The model: its name, or the digest of its manifest [default: the only one]
    #[arg(long, value_name = "NAME|DIGEST")]
    pub model: Option<String>,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Where to write the proof, for validators
    #[arg(long, short, value_name = "FILE", default_value = "answer.zkproof")]
    pub output: PathBuf,
    /// Where to write the salts of hashed tensors, for you alone [default: the proof's path with the extension .salts]
    #[arg(long, value_name = "FILE")]
    pub salt_out: Option<PathBuf>,
    /// Seconds until the request ends
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    pub expires: Duration,
    /// Seconds to wait for the answer [default: until the request ends]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub wait: Option<Duration>,
    /// Whom the answer is for, if it is for an EVM chain.
    #[command(flatten)]
    pub recipient: RecipientArgs,
    /// Sign the request as this requester (`zkml identity new`), for a provider that answers known requesters alone. It
    /// can tell which requests are yours
    #[arg(long, value_name = "FILE", conflicts_with = "local")]
    pub identity: Option<PathBuf>,
    /// The file of pinned manifests [default: in your folder for data; ZKML_PINS]
    #[arg(long, value_name = "FILE", env = "ZKML_PINS")]
    pub pins: Option<PathBuf>,
    /// How the provider's key is checked.
    #[command(flatten)]
    pub trust: KeyTrustArgs,
    /// Keep the sealed request in this new file until it is answered, so that `zkml resume` can fetch the answer
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Prove on this machine with the public model of this manifest; nothing is sent anywhere
    #[arg(long, value_name = "MANIFEST", conflicts_with_all = ["url", "model", "keep", "wait"])]
    pub local: Option<PathBuf>,
    /// The SRS for --local [default: from the cache]
    #[arg(long, value_name = "FILE", requires = "local")]
    pub srs: Option<PathBuf>,
}

/// Fetch the answer to a request that `zkml ask --keep` left.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  zkml resume http://127.0.0.1:8080 request.pending")]
pub struct ResumeArgs {
    /// The provider's service
    #[arg(value_name = "URL", value_parser = service_url)]
    pub url: String,
    /// What `zkml ask --keep` wrote
    #[arg(value_name = "FILE")]
    pub request: PathBuf,
    /// Where to write the proof
    #[arg(long, short, value_name = "FILE", default_value = "answer.zkproof")]
    pub output: PathBuf,
    /// Where to write the salts of hashed tensors, for you alone [default: the proof's path with the extension .salts]
    #[arg(long, value_name = "FILE")]
    pub salt_out: Option<PathBuf>,
    /// How the provider's key is checked.
    #[command(flatten)]
    pub trust: KeyTrustArgs,
    /// Seconds to wait for the answer [default: until the request ends]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub wait: Option<Duration>,
}

const EXAMPLES: &str = "\
Examples:
  zkml ask http://127.0.0.1:8080 --model lenet5 --input digits.npz:images[7] --pixel-scale 1/255
  zkml ask https://provider.example --model 3f0c...9a --input sample.json -o answer.zkproof
  zkml ask https://provider.example --input sample.json --evm-address 0x7099...79c8 --chain 1 --registry 0x5fbd...0aa3
  zkml ask --local tumour.manifest.json --input patient.json";

/// Asks a model.
pub fn run(args: AskArgs, session: &Session) -> Result<Verdict> {
    if let Some(manifest) = &args.local {
        return local(manifest, &args, session);
    }
    match &args.url {
        Some(url) => remote::ask(url, &args, session),
        None => bail!("expected the URL of a provider, or --local"),
    }
}

/// Proves with the files beside a manifest.
fn local(manifest: &Path, args: &AskArgs, session: &Session) -> Result<Verdict> {
    let files = result::Files::new(&args.output, args.salt_out.as_deref());
    let published = PublishedPaths::of(manifest)?;
    let read = published.all().into_iter().chain(args.srs.as_deref());
    files.check([], read.chain(args.input.files()))?;
    let prover = load_prover(
        &published,
        args.srs.as_deref(),
        Device::from_environment()?,
        session.progress(),
    )?;
    let fetch = || Ok((prover.circuit().clone(), prover.srs().clone()));
    let key_check = check_published(prover.published(), &args.trust, fetch, session)?;
    let asked = Asked {
        inputs: args.input.integers(prover.manifest())?,
        expiry: unix_now().saturating_add(args.expires.as_secs()),
        evm: recipient(args.recipient, prover.published())?,
        identity: None,
    };
    let (proof, checked) = prove_locally(&prover, asked, session.progress())?;
    result::report(&proof, &checked, prover.published(), key_check, &files, session)
}
