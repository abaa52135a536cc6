//! `zkml contract`.

use crate::chain;
use crate::config::{Pinned, PinnedArgs, contract_of, standing, warn_of_srs};
use crate::output::{Session, Verdict, bytes, table};
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::VerifyingKey;
use zkml::advanced::write_atomically;
use zkml::ceremony::{SrsId, SrsStanding};
use zkml_evm::CODE_LIMIT;

/// Write the Solidity contract that verifies a model's proofs.
///
/// For models with `zkml compile --optimize evm`, or keys with `zkml setup --transcript evm`. The sources
/// stand alone: put them into a Foundry or Hardhat project. They implement `verify(bytes proof, uint256[]
/// publicInputs)`, `verifyAndDecode`, `keyId()` and `contextLength()`. Where weights are committed, a contract is made for one
/// commitment, whose manifest it tells by `manifest()`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ContractArgs {
    /// The verifying key
    #[arg(value_name = "MODEL.vk")]
    pub vk: PathBuf,
    /// The folder to write to
    #[arg(long, short, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// Name of the contract [default: from the name of the key's file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Write the reusable verifier, which is deployed once for all models, and this model's key contract
    #[arg(long)]
    pub reusable: bool,
    /// What its proofs must be linked to; it becomes part of the contract
    #[command(flatten)]
    pub model: PinnedArgs,
    /// Compile, too (needs Node.js and npm; fetches the pinned solc on first use)
    #[arg(long)]
    pub compile: bool,
}

const EXAMPLES: &str = "\
Examples:
  zkml contract lenet5.vk                       writes Lenet5Verifier.sol
  zkml contract lenet5.vk --reusable -o src     writes src/ZkmlVerifier.sol and src/Lenet5Key.sol
  zkml contract lenet5.vk --compile             also Lenet5Verifier.json: ABI and code
  zkml contract lenet5.vk --commitment lenet5.commitment    for committed weights";

#[derive(Serialize)]
struct Written {
    sources: Vec<PathBuf>,
    contracts: Vec<Compiled>,
    key_code_hash: Option<String>,
    manifest: Option<String>,
    proof_bytes: usize,
    public_inputs: usize,
    context: usize,
    key_digest: String,
    claimed_model: String,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
}

#[derive(Serialize)]
struct Compiled {
    name: String,
    file: PathBuf,
    runtime_bytes: usize,
}

/// Writes contracts.
pub fn run(args: ContractArgs, session: &Session) -> Result<Verdict> {
    let key = VerifyingKey::load(&args.vk)
        .with_context(|| format!("cannot use {} as a verifying key", args.vk.display()))?;
    let stem = match &args.name {
        Some(name) => name.clone(),
        None => identifier(&args.vk),
    };
    ensure!(
        is_identifier(&stem),
        "expected a name of letters, digits and underscores that does not start with a digit, found {stem:?}"
    );
    let model = Pinned::load(&args.model)?;
    let verifier = contract_of(&key, model.as_ref())?;
    warn_of_srs(key.srs_id(), session);
    let standing = standing(key.srs_id());
    let contracts = match args.reusable {
        false => {
            let name = format!("{stem}Verifier");
            let source = verifier.contract_source(&name)?;
            vec![(name, source)]
        }
        true => {
            let name = format!("{stem}Key");
            let source = verifier.key_source(&name)?;
            let reusable = verifier.reusable();
            vec![(reusable.name().to_owned(), reusable.source()), (name, source)]
        }
    };
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("cannot make the folder {}", args.output.display()))?;
    let mut written = Written {
        sources: vec![],
        contracts: vec![],
        key_code_hash: None,
        manifest: model.as_ref().map(|model| model.model().manifest().to_string()),
        proof_bytes: verifier.proof_len(),
        public_inputs: verifier.public_values(),
        context: key.context_len(),
        key_digest: key.digest().to_string(),
        claimed_model: key.model_digest().to_string(),
        srs: key.srs_id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
    };
    if args.reusable {
        written.key_code_hash = Some(format!("0x{}", hex::encode(verifier.key_code_hash()?)));
    }
    for (name, source) in &contracts {
        let path = args.output.join(format!("{name}.sol"));
        write_atomically(&path, |w| w.write_all(source.as_bytes()))?;
        if args.compile {
            written.contracts.push(compile(name, &path, session)?);
        }
        written.sources.push(path);
    }
    session.result(&written, || describe(&written))?;
    Ok(Verdict::Good)
}

fn compile(name: &str, source: &Path, session: &Session) -> Result<Compiled> {
    const STAGE: &str = "compiling the contract";
    session.progress().report(STAGE, 0.0)?;
    let mut all = chain::compile(&[source.to_owned()])?;
    session.progress().report(STAGE, 1.0)?;
    let contract = all[name].take();
    let runtime_bytes = contract["runtime"].as_str().map_or(0, str::len) / 2;
    let file = source.with_extension("json");
    let text = serde_json::to_string_pretty(&contract)?;
    write_atomically(&file, |w| w.write_all(text.as_bytes()))?;
    ensure!(
        runtime_bytes <= CODE_LIMIT,
        "expected a contract of at most {CODE_LIMIT} bytes, found {runtime_bytes}; use --reusable"
    );
    Ok(Compiled {
        name: name.to_owned(),
        file,
        runtime_bytes,
    })
}

fn describe(written: &Written) -> String {
    let mut rows: Vec<(&str, String)> = vec![];
    for path in &written.sources {
        rows.push(("source", path.display().to_string()));
    }
    for contract in &written.contracts {
        let size = bytes(contract.runtime_bytes as u64);
        rows.push((
            "compiled",
            format!("{} ({size} of code)", contract.file.display()),
        ));
    }
    rows.push(("key", written.key_digest.clone()));
    rows.push(("claims to be of", format!("the model {}", written.claimed_model)));
    if let Some(manifest) = &written.manifest {
        rows.push(("linked under", manifest.clone()));
    }
    rows.push(("proof", format!("{} bytes", written.proof_bytes)));
    let public = match written.context {
        0 => written.public_inputs.to_string(),
        context => format!(
            "{}, the last {context} of them the context",
            written.public_inputs
        ),
    };
    rows.push(("public inputs", public));
    if let Some(hash) = &written.key_code_hash {
        rows.push(("hash to pin", hash.clone()));
    }
    table(&rows)
}

/// A contract's name from a file's: `lenet-5.vk` gives `Lenet5`.
fn identifier(path: &Path) -> String {
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut name = String::new();
    let mut start = true;
    for c in stem.chars() {
        if !c.is_ascii_alphanumeric() {
            start = true;
            continue;
        }
        name.push(if start { c.to_ascii_uppercase() } else { c });
        start = false;
    }
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("Model{name}"),
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_files() {
        let names = [
            ("lenet5.vk", "Lenet5"),
            ("a/my-model_2.vk", "MyModel2"),
            ("7b.vk", "Model7b"),
            ("\u{e9}.vk", "Model"),
        ];
        for (path, name) in names {
            assert_eq!(identifier(Path::new(path)), name);
            assert!(is_identifier(name));
        }
        assert!(!is_identifier("") && !is_identifier("7") && !is_identifier("a;b"));
    }
}
