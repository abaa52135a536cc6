//! `zkml prove`.

use super::load_model;
use crate::config::{
    BackendArgs, CommitmentPaths, ProvingKeyArgs, SrsSource, beside, check_outputs, choose_backend,
    load_proving_key, load_salts, pinned, standing,
};
use crate::input::InputArgs;
use crate::output::{Session, Verdict, bytes, describe_claim, next_step, time};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;
use zkml::advanced::{Implementation, write_atomically, write_secret};
use zkml::{Claim, Device, Digest, Element, ProveOptions, Prover};

/// Run a compiled model on an input and prove it. The proof is verified before it is written.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ProveArgs {
    /// The compiled model
    #[arg(value_name = "MODEL.zkml")]
    pub model: PathBuf,
    /// The input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Where to write; `.json` gives the JSON form [default: the model's path with the extension .zkproof]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The key to prove with.
    #[command(flatten)]
    pub key: ProvingKeyArgs,
    /// Which code makes the proof
    #[arg(long, value_enum, default_value = "engine")]
    pub prover: ProverArg,
    /// Where to compute.
    #[command(flatten)]
    pub backend: BackendArgs,
    /// A public value that the proof is bound to: 0x and hex digits, or a decimal number (may be repeated; as
    /// many as the model was compiled for)
    #[arg(long, value_name = "VALUE")]
    pub context: Vec<Element>,
    /// Where to write the salts of hashed tensors, for their owner [default: the proof's path with the
    /// extension .salts]
    #[arg(long, value_name = "FILE")]
    pub salt_out: Option<PathBuf>,
    /// Take salts from such a file instead of fresh ones: the same values give the same commitment
    #[arg(long, value_name = "FILE")]
    pub salt_in: Option<PathBuf>,
    /// The commitment to the model's parameters [default: the model's path with the extension .commitment]
    #[arg(long, value_name = "FILE")]
    pub commitment: Option<PathBuf>,
    /// The secret of that commitment [default: the model's path with the extension .secret]
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Digest of the manifest that lists the commitment [default: the commitment's own]
    #[arg(long, value_name = "DIGEST")]
    pub manifest: Option<Digest>,
}

/// Which code makes the proof.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProverArg {
    /// The engine of this project
    Engine,
    /// The prover of halo2-axiom, as a cross-check: slower, with more memory
    Upstream,
}

impl From<ProverArg> for Implementation {
    fn from(arg: ProverArg) -> Self {
        match arg {
            ProverArg::Engine => Self::Engine,
            ProverArg::Upstream => Self::Upstream,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  zkml prove model.zkml --input sample.json
  zkml prove mnist.zkml --input digits.npz:images[7] --pixel-scale 1/255 -o seven.zkproof
  zkml prove model.zkml --input image.png -o proof.json";

/// The files of a proof.
pub struct ProofPath {
    /// The proving key.
    pub key: PathBuf,
    /// The proof.
    pub proof: PathBuf,
    /// The salts of hashed tensors.
    pub salts: PathBuf,
    /// Whether the proof is written as JSON.
    pub json: bool,
}

impl From<&ProveArgs> for ProofPath {
    fn from(args: &ProveArgs) -> Self {
        let proof = args
            .output
            .clone()
            .unwrap_or_else(|| beside(&args.model, "zkproof"));
        Self {
            key: args.key.pk.clone().unwrap_or_else(|| beside(&args.model, "pk")),
            salts: args.salt_out.clone().unwrap_or_else(|| beside(&proof, "salts")),
            json: proof.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")),
            proof,
        }
    }
}

#[derive(Serialize)]
struct Proven<'a> {
    proof: &'a Path,
    proof_bytes: usize,
    seconds: f64,
    device: String,
    claim: &'a Claim,
}

/// Proves a run.
pub fn run(args: ProveArgs, session: &Session) -> Result<Verdict> {
    let paths = ProofPath::from(&args);
    let weights = CommitmentPaths::new(&args.model, &args.commitment, &args.secret);
    let read = [&args.model, &paths.key, &weights.commitment, &weights.secret];
    let read = read.into_iter().chain(&args.salt_in).chain(&args.key.srs);
    let read = read.chain(args.input.input.iter().map(|source| &source.path));
    check_outputs([&*paths.proof, &*paths.salts], read.map(|path| &**path))?;
    let device = choose_backend(args.backend, session)?;
    ensure!(
        args.prover == ProverArg::Engine || !matches!(device, Device::Cuda(_)),
        "expected the backend auto or cpu with --prover upstream, found {device}: that prover runs on the CPU alone"
    );
    let model = load_model(&args.model, session)?;
    let inputs = args.input.tensors(&model)?;
    // Inputs that the model does not take are refused before the key is read.
    model.run(&inputs)?;
    let key = load_proving_key(&paths.key, session)?;
    let mut options = ProveOptions::default()
        .progress(session.progress())
        .context(args.context.clone());
    if let Some(path) = &args.salt_in {
        for opening in load_salts(path)? {
            options = options.salt(opening.tensor.role, opening.tensor.name, opening.salt);
        }
    }
    let committed = match key.verifying_key().commits_params() {
        true => Some(weights.load()?),
        false => None,
    };
    let srs = SrsSource::from(args.key.srs).for_key(key.verifying_key(), session.progress())?;
    let start = Instant::now();
    let mut prover = Prover::builder(model, key, srs)
        .device(device)
        .implementation(args.prover.into())
        .progress(session.progress());
    if let Some((commitment, secret)) = committed {
        prover = prover.commitment(pinned(commitment, args.manifest), secret);
    }
    let prover = prover.build()?;
    let proven = prover.prove_with(&inputs, &options)?;
    let took = start.elapsed();
    let proof = proven.proof;
    let claim = prover.verifier().verify(&proof)?;
    if !proven.openings.is_empty() {
        let text =
            serde_json::to_string_pretty(&proven.openings).context("cannot write the salts as JSON")?;
        write_secret(&paths.salts, |w| w.write_all(text.as_bytes()))?;
        session.note(&format!(
            "wrote {}: the salts, for the owner of the hashed tensors alone",
            paths.salts.display()
        ));
    }
    match paths.json {
        true => {
            let text = proof.to_json()?;
            write_atomically(&paths.proof, |w| w.write_all(text.as_bytes()))?;
        }
        false => proof.save(&paths.proof)?,
    }

    let result = Proven {
        proof: &paths.proof,
        proof_bytes: proof.bytes().len(),
        seconds: took.as_secs_f64(),
        device: prover.device_name(),
        claim: &claim,
    };
    session.result(&result, || {
        let size = bytes(proof.bytes().len() as u64);
        format!(
            "proven in {} ({size})\n{}",
            time(took),
            describe_claim(&claim, standing(claim.srs))
        )
    })?;
    session.note(&format!("wrote {}", paths.proof.display()));
    let verifying_key = paths.key.with_extension("vk");
    session.note(&next_step(&["verify", "--vk"], &[&verifying_key, &paths.proof]));
    Ok(Verdict::Good)
}
