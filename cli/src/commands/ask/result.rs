//! A checked answer: printed, and kept in files.

use crate::config::{KeyChecked, beside, check_outputs, standing};
use crate::output::{Session, Verdict, describe_outputs, next_step, table};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};
use zkml::advanced::write_secret;
use zkml::ceremony::{SrsId, SrsStanding};
use zkml::{Digest, Proof, TensorValue};
use zkml_network::{Binding, CheckedAnswer, Error, PublishedModel};

/// Where an answer goes.
pub struct Files {
    proof: PathBuf,
    salts: PathBuf,
}

impl Files {
    /// The salts lie beside the proof unless it is told otherwise.
    pub fn new(proof: &Path, salts: Option<&Path>) -> Self {
        Self {
            proof: proof.to_owned(),
            salts: salts.map_or_else(|| beside(proof, "salts"), Path::to_owned),
        }
    }

    /// Checks that they can be written, beside `others`, and that none of `read` is lost by it: an answer is worth waiting for only if
    /// it can be kept.
    pub fn check<'a>(
        &'a self,
        others: impl IntoIterator<Item = &'a Path>,
        read: impl IntoIterator<Item = &'a Path>,
    ) -> Result<()> {
        let own = [&*self.proof, &*self.salts];
        check_outputs(own.into_iter().chain(others), read)
    }
}

#[derive(Serialize)]
struct Answered<'a> {
    valid: bool,
    proof: &'a Path,
    #[serde(skip_serializing_if = "Option::is_none")]
    salts: Option<&'a Path>,
    manifest: &'a Digest,
    binding: &'a Binding,
    key_digest: &'a Digest,
    key_check: KeyChecked,
    srs: SrsId,
    srs_standing: SrsStanding,
    ceremony: Option<&'static str>,
    outputs: &'a [TensorValue],
}

#[derive(Serialize)]
struct Invalid {
    valid: bool,
    code: &'static str,
    reason: String,
}

/// Writes and prints an answer.
pub fn report(
    proof: &Proof,
    checked: &CheckedAnswer,
    published: &PublishedModel,
    key_check: KeyChecked,
    files: &Files,
    session: &Session,
) -> Result<Verdict> {
    let (manifest, key) = (published.manifest(), published.key());
    let standing = standing(key.srs_id());
    proof.save(&files.proof)?;
    let hidden = !checked.openings.is_empty();
    if hidden {
        let text = serde_json::to_vec_pretty(&checked.openings).context("cannot write the salts as JSON")?;
        write_secret(&files.salts, |w| w.write_all(&text))?;
    }
    let answered = Answered {
        valid: true,
        proof: &files.proof,
        salts: hidden.then_some(&*files.salts),
        manifest: manifest.digest(),
        binding: &checked.public.binding,
        key_digest: key.digest(),
        key_check,
        srs: key.srs_id(),
        srs_standing: standing,
        ceremony: standing.ceremony(),
        outputs: &checked.outputs,
    };
    session.result(&answered, || {
        let binding = &checked.public.binding;
        let mut rows = vec![
            (
                "model",
                format!("{} ({})", manifest.body().name, manifest.digest()),
            ),
            ("key", format!("{} ({})", key.digest(), key_check.describe())),
            ("SRS", format!("{} ({standing})", key.srs_id())),
            ("weights", manifest.body().visibility.params.to_string()),
            ("request", binding.request_id.to_string()),
        ];
        rows.extend(binding.destination.map(|to| ("for", to.to_string())));
        let head = table(&rows);
        format!(
            "The answer is proven: this model gave it, for your input and your request.\n{head}{}",
            describe_outputs(&checked.outputs)
        )
    })?;
    session.note(&format!("wrote {}", files.proof.display()));
    if hidden {
        session.note(&format!(
            "wrote {}: what opens its commitments, for you alone",
            files.salts.display()
        ));
    }
    session.note(&next_step(
        &["validate", "--manifest MANIFEST --vk KEY"],
        &[&files.proof],
    ));
    Ok(Verdict::Good)
}

/// Prints that an answer is not valid.
pub fn invalid(error: &Error, session: &Session) -> Result<Verdict> {
    let invalid = Invalid {
        valid: false,
        code: error.code(),
        reason: error.to_string(),
    };
    session.result(&invalid, || format!("The answer is INVALID: {}.", invalid.reason))?;
    Ok(Verdict::InvalidProof)
}
