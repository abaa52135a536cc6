//! Folders of proofs with verdicts, for verifiers in other languages: `docs/proof-format.md`, section 12.

use super::judges::{Error, Judged};
use serde::{Deserialize, Serialize};
use std::path::Path;
use zkml::VerifyingKey;

/// Name of the file that lists the others.
pub const CASES: &str = "cases.json";
/// Name of the protocol's file.
pub const PROTOCOL: &str = "protocol.json";
/// Name of the key's file.
pub const KEY: &str = "key.vk";

const FORMAT: &str = "zkml cases";
const VERSION: u16 = 1;

/// What a folder has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// `"zkml cases"`.
    pub format: String,
    /// 1.
    pub version: u16,
    /// A sentence.
    pub about: String,
    /// Name of the protocol's file.
    pub protocol: String,
    /// The proofs.
    pub cases: Vec<Case>,
}

/// A proof with its verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Name of the proof's file.
    pub proof: String,
    /// Name of the commitment's file.
    pub commitment: Option<String>,
    /// Digest of the manifest.
    pub manifest: Option<zkml::Digest>,
    /// What was done to a valid proof.
    pub change: Option<String>,
    /// The verdict.
    pub verdict: CaseVerdict,
    /// Why the proof is rejected.
    pub reason: Option<String>,
    /// What is computed on the way.
    pub trace: Option<serde_json::Value>,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseVerdict {
    /// The proof is valid.
    Accepted,
    /// It is not.
    Rejected,
}

/// Writes a folder: key, protocol, proofs, commitments, and the list of them. Traces are written for valid proofs, and for the first of the others
/// that has one.
///
/// # Errors
/// [`Error::Folder`] if it cannot be written, [`Error::Zkml`] for a key without a protocol.
pub fn write_folder(folder: &Path, about: &str, key: &VerifyingKey, judged: &[Judged]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, error))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|error| unusable(&path, error))
    };
    write(KEY, &key.to_bytes()?)?;
    let protocol = key
        .protocol()?
        .to_json()
        .map_err(|error| unusable(folder, error))?;
    write(PROTOCOL, format!("{protocol}\n").as_bytes())?;
    let mut commitments: Vec<&[u8]> = vec![];
    let mut rejected_traces = 0;
    let mut cases = vec![];
    for (index, judged) in judged.iter().enumerate() {
        let proof = format!("{index:04}.zkproof");
        write(&proof, &judged.file)?;
        let commitment = match &judged.commitment {
            None => None,
            Some(bytes) => {
                let known = commitments.iter().position(|known| *known == &bytes[..]);
                let number = known.unwrap_or(commitments.len());
                let name = format!("{number:04}.commitment");
                if known.is_none() {
                    write(&name, bytes)?;
                    commitments.push(bytes);
                }
                Some(name)
            }
        };
        let valid = judged.verdict.rejected.is_none();
        let trace = judged
            .verdict
            .trace
            .as_ref()
            .filter(|_| valid || rejected_traces == 0);
        rejected_traces += usize::from(!valid && trace.is_some());
        let trace = trace.map(serde_json::to_value).transpose();
        cases.push(Case {
            proof,
            commitment,
            manifest: judged.manifest,
            change: judged.change.map(str::to_owned),
            verdict: if valid {
                CaseVerdict::Accepted
            } else {
                CaseVerdict::Rejected
            },
            reason: judged.verdict.rejected.clone(),
            trace: trace.map_err(|error| unusable(folder, error))?,
        });
    }
    let cases = Cases {
        format: FORMAT.to_owned(),
        version: VERSION,
        about: about.to_owned(),
        protocol: PROTOCOL.to_owned(),
        cases,
    };
    let json = serde_json::to_string_pretty(&cases).map_err(|error| unusable(folder, error))?;
    write(CASES, format!("{json}\n").as_bytes())
}

/// Reads the list of a folder.
///
/// # Errors
/// [`Error::Folder`] for a list that is missing or malformed.
pub fn read_folder(folder: &Path) -> Result<Cases, Error> {
    let path = folder.join(CASES);
    let text = std::fs::read_to_string(&path).map_err(|error| unusable(&path, error))?;
    let cases: Cases = serde_json::from_str(&text).map_err(|error| unusable(&path, error))?;
    if (&cases.format[..], cases.version) == (FORMAT, VERSION) {
        Ok(cases)
    } else {
        let found = format!(
            "expected {FORMAT} of version {VERSION}, found {} of {}",
            cases.format, cases.version
        );
        Err(unusable(&path, found))
    }
}

fn unusable(path: &Path, reason: impl ToString) -> Error {
    Error::Folder {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}
