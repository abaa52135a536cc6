//! Asking a provider.

use super::recipient::recipient;
use super::{AskArgs, ResumeArgs, model, result};
use crate::config::{KeyChecked, KeyTrustArgs, check_published, fetch_circuit_and_srs};
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use std::path::Path;
use std::time::Duration;
use zkml_network::{Asked, Client, Identity, Outcome, PendingRequest, PublishedModel, unix_now};

/// How long a client goes on trying when the service does not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Seals, submits, waits, checks.
pub fn ask(url: &str, args: &AskArgs, session: &Session) -> Result<Verdict> {
    let files = result::Files::new(&args.output, args.salt_out.as_deref());
    let read = args.input.files().chain(args.pins.as_deref());
    let read = read.chain(args.identity.as_deref());
    files.check(args.keep.as_deref(), read)?;
    let identity = args.identity.as_deref().map(identity).transpose()?;
    let client = Client::new(url, PATIENCE);
    let published = session.progress().stage("fetching the manifest", || {
        Ok(model::fetch(
            &client,
            url,
            args.model.as_deref(),
            args.pins.clone(),
            session,
        ))
    })??;
    let key_check = check_key(&client, &published, &args.trust, session)?;
    let manifest = published.manifest();
    let asked = Asked {
        inputs: args.input.integers(manifest)?,
        expiry: unix_now().saturating_add(args.expires.as_secs()),
        evm: recipient(args.recipient, &published)?,
        identity,
    };
    let request = PendingRequest::new(manifest, asked)?;
    if let Some(path) = &args.keep {
        request.save(path)?;
    }
    client
        .submit(&request)
        .context("the provider did not take the request")?;
    session.note(&format!("sent the request {}", request.header().request_id));
    let verdict = answer(
        &client, &published, key_check, &request, args.wait, &files, session,
    )?;
    if let Some(path) = &args.keep {
        remove(path)?;
    }
    Ok(verdict)
}

/// Fetches the answer to a request that was kept.
pub fn resume(args: ResumeArgs, session: &Session) -> Result<Verdict> {
    let files = result::Files::new(&args.output, args.salt_out.as_deref());
    files.check([], [&*args.request])?;
    let request = PendingRequest::load(&args.request)
        .with_context(|| format!("cannot use {} as a pending request", args.request.display()))?;
    let client = Client::new(&args.url, PATIENCE);
    // The request names the manifest that it was sealed for: no other will do.
    let published = client.published(client.manifest(&request.header().model)?)?;
    let key_check = check_key(&client, &published, &args.trust, session)?;
    client
        .submit(&request)
        .context("the provider did not take the request")?;
    let verdict = answer(
        &client, &published, key_check, &request, args.wait, &files, session,
    )?;
    remove(&args.request)?;
    Ok(verdict)
}

fn identity(path: &Path) -> Result<Identity> {
    Identity::load(path).with_context(|| format!("cannot use {} as a requester's identity", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Checks the provider's key with the circuit that it publishes, and with the SRS of the cache, or else the provider's.
fn check_key(
    client: &Client,
    published: &PublishedModel,
    args: &KeyTrustArgs,
    session: &Session,
) -> Result<KeyChecked> {
    let fetch = || fetch_circuit_and_srs(client, published, session);
    check_published(published, args, fetch, session)
}

/// Waits for the answer and checks it.
fn answer(
    client: &Client,
    published: &PublishedModel,
    key_check: KeyChecked,
    request: &PendingRequest,
    wait: Option<Duration>,
    files: &result::Files,
    session: &Session,
) -> Result<Verdict> {
    let header = request.header();
    let left = Duration::from_secs(header.expiry.saturating_sub(unix_now()));
    let sealed = client.wait(&header.request_id, wait.unwrap_or(left), |state| {
        let stage = format!("waiting for the answer ({state})");
        Ok(session.progress().report(&stage, 0.0)?)
    })?;
    let checked = request
        .open(published.manifest(), &sealed)
        .and_then(|outcome| match outcome {
            Outcome::Refusal(refusal) => Err(published.refused(refusal)),
            Outcome::Answer(answer) => {
                let checked = published.check_answer(request, &answer, unix_now())?;
                Ok((answer.proof.clone(), checked))
            }
        });
    match checked {
        Ok((proof, checked)) => result::report(&proof, &checked, published, key_check, files, session),
        Err(error) if error.is_rejection() => result::invalid(&error, session),
        Err(error) => Err(error.into()),
    }
}
