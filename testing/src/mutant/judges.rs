//! All verifiers that this workspace has, asked about the same statements: halo2's, the equation of batches, and for keys with that
//! transcript the contract. Their verdicts must be one.

use super::{Mutant, Statement, Valid, mutants, pinned};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::Arc;
use zkml::advanced::Trace;
use zkml::commitments::PinnedModel;
use zkml::evm::{Chain, Function, KeyContract, calldata_of_words};
use zkml::{Digest, Proof, TranscriptKind, Verifier, VerifyingKey};

/// What can go wrong where verifiers are compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Verifiers do not agree, or agree on the wrong verdict.
    #[error(
        "expected one verdict, and {expected}, for {change}; found {found}; keep the statement, one of the verifiers is wrong"
    )]
    Disagreement {
        /// What was done to a valid statement.
        change: String,
        /// The right verdict.
        expected: &'static str,
        /// What the verifiers say.
        found: String,
    },
    /// A key or a commitment that cannot be used.
    #[error(transparent)]
    Zkml(#[from] zkml::Error),
    /// A contract that cannot be deployed or called.
    #[error("the contract cannot be asked: {0}")]
    Contract(#[from] zkml::evm::Error),
    /// A folder of cases that cannot be written or read.
    #[error("cannot use {path}: {reason}; give a folder that can be written")]
    Folder {
        /// The file or folder.
        path: String,
        /// Why.
        reason: String,
    },
}

/// The one verdict of all verifiers.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Why the proof is rejected; none if it is valid.
    pub rejected: Option<String>,
    /// What is computed for it, if it can be read.
    pub trace: Option<Trace>,
}

/// A proof file with what it is linked to, and the verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was done to a valid proof; none for a valid one.
    pub change: Option<&'static str>,
    /// The proof file.
    pub file: Vec<u8>,
    /// The file of the model commitment.
    pub commitment: Option<Vec<u8>>,
    /// Digest of the manifest.
    pub manifest: Option<Digest>,
    /// The verdict of all.
    pub verdict: Verdict,
}

/// The reusable contract with a key.
struct Contract {
    chain: Chain,
    to: [u8; 20],
    key: KeyContract,
}

impl Contract {
    fn new(key: &VerifyingKey, pinned: Option<&PinnedModel>) -> Result<Self, Error> {
        let verifier = match pinned {
            Some(pinned) => key.contract_for(pinned)?,
            None => key.contract()?,
        };
        let mut chain = Chain::new();
        let (to, _) = chain.deploy(&verifier.reusable().init_code(), &[])?;
        let key = chain.deploy_key(&verifier)?;
        Ok(Self { chain, to, key })
    }

    fn accepts(&mut self, statement: &Statement) -> Result<bool, Error> {
        let (proof, values) = (&statement.proof, &statement.values);
        let data = calldata_of_words(Function::Verify, Some(&self.key), proof, values);
        Ok(self.chain.call(self.to, data)?.is_true())
    }
}

/// The verifiers of a key.
pub struct Judges {
    key: Arc<VerifyingKey>,
    pinned: Option<PinnedModel>,
    verifier: Verifier,
    contract: Option<Contract>,
}

impl Judges {
    /// Those of a key, and for what its proofs are linked to. A contract is among them if it can follow the proofs.
    ///
    /// # Errors
    /// For a commitment of another key, and a key that no contract takes though it has the transcript.
    pub fn new(key: &Arc<VerifyingKey>, pinned: Option<&PinnedModel>) -> Result<Self, Error> {
        let contract = match key.transcript() {
            TranscriptKind::Evm => Some(Contract::new(key, pinned)?),
            TranscriptKind::Blake2b => None,
        };
        Ok(Self {
            key: key.clone(),
            pinned: pinned.cloned(),
            verifier: verifier(key, pinned.cloned())?,
            contract,
        })
    }

    /// The verdict of all on a statement.
    ///
    /// # Errors
    /// [`Error::Disagreement`], and [`Error::Contract`].
    pub fn judge(&mut self, change: Option<&'static str>, statement: &Statement) -> Result<Judged, Error> {
        let (file, commitment) = (statement.file(), statement.commitment.as_deref());
        let mut judged = self.judge_file(change, &file, commitment, statement.manifest)?;
        // A file whose values are not canonical is no proof, but calldata has room for them.
        if Proof::from_bytes(&file).is_err() {
            judged = self.with_contract(judged, statement)?;
        }
        Ok(judged)
    }

    /// The verdict of all on a file.
    ///
    /// # Errors
    /// [`Error::Disagreement`], and [`Error::Contract`].
    pub fn judge_file(
        &mut self,
        change: Option<&'static str>,
        file: &[u8],
        commitment: Option<&[u8]>,
        manifest: Option<Digest>,
    ) -> Result<Judged, Error> {
        let judged = Judged {
            change,
            file: file.to_vec(),
            commitment: commitment.map(<[u8]>::to_vec),
            manifest,
            verdict: Verdict {
                rejected: None,
                trace: None,
            },
        };
        let read = Proof::from_bytes(file).and_then(|proof| Ok((proof, pinned(commitment, manifest)?)));
        let (proof, pinned) = match read {
            Ok(read) => read,
            Err(error) => return Ok(rejected(judged, &error)),
        };
        let statement = Statement::new(&proof, pinned.as_ref());
        let judged = self.in_rust(judged, &proof, pinned)?;
        self.with_contract(judged, &statement)
    }

    /// The verdict of halo2's verifier, of batches, and of the equation that batches add up.
    fn in_rust(&self, judged: Judged, proof: &Proof, pinned: Option<PinnedModel>) -> Result<Judged, Error> {
        let verifier = match pinned == self.pinned {
            true => Ok(self.verifier.clone()),
            false => verifier(&self.key, pinned),
        };
        let verifier = match verifier {
            Ok(verifier) => verifier,
            Err(error) => return Ok(rejected(judged, &error)),
        };
        let alone = verifier.verify(proof).map(|_| ());
        let batch = verifier.verify_batch(&[proof.clone(), proof.clone()]);
        let trace = verifier.trace(proof).ok();
        let verdicts = [
            ("halo2's verifier", alone.is_ok()),
            ("batches", batch.iter().all(Result::is_ok)),
            ("one of a batch", batch.iter().any(Result::is_ok)),
            ("the trace", trace.as_ref().is_some_and(|t| t.accepted)),
            ("the batch's equation", trace.as_ref().is_some_and(|t| t.holds)),
        ];
        one_verdict(&judged, &verdicts)?;
        let judged = Judged {
            verdict: Verdict {
                rejected: None,
                trace,
            },
            ..judged
        };
        Ok(match alone {
            Ok(()) => judged,
            Err(error) => rejected(judged, &error),
        })
    }

    /// Adds the verdict of the contract. It knows its own key, and its own link, and is not told what a proof says of either.
    fn with_contract(&mut self, judged: Judged, statement: &Statement) -> Result<Judged, Error> {
        let (model, key) = (self.key.model_digest().as_bytes(), self.key.digest().as_bytes());
        let own = (model, key, self.key.transcript() as u8)
            == (
                &statement.model_digest,
                &statement.key_digest,
                statement.transcript,
            );
        let own = own && statement.pinned().is_ok_and(|pinned| pinned == self.pinned);
        if let Some(contract) = self.contract.as_mut().filter(|_| own) {
            let verdicts = [
                ("Rust", judged.verdict.rejected.is_none()),
                ("the contract", contract.accepts(statement)?),
            ];
            one_verdict(&judged, &verdicts)?;
        }
        Ok(judged)
    }
}

fn verifier(key: &Arc<VerifyingKey>, pinned: Option<PinnedModel>) -> Result<Verifier, zkml::Error> {
    let builder = Verifier::builder(key.clone());
    match pinned {
        Some(pinned) => builder.commitment(pinned).build(),
        None => builder.build(),
    }
}

fn rejected(mut judged: Judged, error: &zkml::Error) -> Judged {
    judged.verdict.rejected = Some(error.to_string());
    judged
}

fn one_verdict(judged: &Judged, verdicts: &[(&str, bool)]) -> Result<(), Error> {
    let expected = judged.change.is_none();
    if verdicts.iter().all(|(_, accepted)| *accepted == expected) {
        return Ok(());
    }
    let says = |(who, accepted): &(&str, bool)| {
        format!("{who}: {}", if *accepted { "accepted" } else { "rejected" })
    };
    Err(Error::Disagreement {
        change: judged.change.unwrap_or("a valid proof").to_owned(),
        expected: if expected { "accepted" } else { "rejected" },
        found: verdicts.iter().map(says).collect::<Vec<_>>().join(", "),
    })
}

/// Asks all verifiers about the two valid proofs, which they must accept, and about so many changes of the first one, which they must
/// reject. The same seed makes the same changes.
///
/// # Errors
/// [`Error::Disagreement`] at the first statement with another verdict; those of [`Judges::new`].
pub fn judge_mutants(valid: &Valid, count: usize, seed: u64) -> Result<Vec<Judged>, Error> {
    let mut judges = Judges::new(&valid.key, valid.pinned.as_ref())?;
    let mut judged = vec![];
    for proof in [&valid.proof, &valid.other] {
        judged.push(judges.judge(None, &Statement::new(proof, valid.pinned.as_ref()))?);
    }
    for Mutant { kind, statement } in mutants(valid, ChaCha20Rng::seed_from_u64(seed))?.take(count) {
        judged.push(judges.judge(Some(kind), &statement)?);
    }
    Ok(judged)
}
