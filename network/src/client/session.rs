//! A user's dealings with a service.

use super::http::{Http, passes};
use crate::clock::unix_now;
use crate::wire::{ModelEntry, ModelList, RequestStatus};
use crate::{Error, PendingRequest, PublishedModel, RequestId, SealedAnswer, SignedManifest, State};
use serde::de::DeserializeOwned;
use std::thread;
use std::time::{Duration, Instant};
use zkml::advanced::is_plain;
use zkml::{Circuit, Digest, Progress, Srs, VerifyingKey};

/// What errors call the service's answers.
const LIST: &str = "list of models";
const STATUS: &str = "status";
/// The longest answers that are read, in bytes.
const MANIFEST: u64 = 16 << 20;
const KEY: u64 = 16 << 20;
const CIRCUIT: u64 = 256 << 20;
const SRS: u64 = 256 << 20;
const SMALL: u64 = 1 << 20;
const ANSWER: u64 = 256 << 20;
/// Seconds of one wait for a request's end.
const WAIT: u64 = 20;
/// Pauses before an exchange is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Pauses between two looks at a request's state, besides the wait that the service grants.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// Talks to a provider's service. What it fetches is checked against what is pinned; what it
/// submits may be submitted again.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    patience: Duration,
}

impl Client {
    /// A client of the service at a URL, that goes on trying for `patience` when the service does
    /// not answer.
    pub fn new(url: &str, patience: Duration) -> Self {
        Self {
            http: Http::new(url),
            patience,
        }
    }

    /// The models on offer.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Remote`], [`Error::Malformed`].
    pub fn models(&self) -> Result<ModelList, Error> {
        let bytes = self.persist(|| self.http.get("/v1/models", SMALL))?;
        let list: ModelList = parse(LIST, &bytes)?;
        let texts = |m: &ModelEntry| [&m.digest, &m.name, &m.provider].map(String::clone);
        let strange = list.models.iter().flat_map(texts).find(|text| !is_plain(text));
        match strange {
            None => Ok(list),
            Some(text) => Err(Error::malformed(
                LIST,
                format!("expected names without control characters, found {text:?}"),
            )),
        }
    }

    /// The manifest with this digest, its signature checked.
    ///
    /// # Errors
    /// [`Error::WrongModel`] if the service sends another one, those of
    /// [`SignedManifest::from_json`], [`Error::Unreachable`], [`Error::Remote`].
    pub fn manifest(&self, digest: &Digest) -> Result<SignedManifest, Error> {
        let path = format!("/v1/models/{digest}");
        let bytes = self.persist(|| self.http.get(&path, MANIFEST))?;
        SignedManifest::from_json(&bytes)?.expect(digest)
    }

    /// The verifying key of a manifest, checked against it.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another key, [`Error::Zkml`] for what is none,
    /// [`Error::Unreachable`], [`Error::Remote`].
    pub fn published(&self, manifest: SignedManifest) -> Result<PublishedModel, Error> {
        let path = format!("/v1/models/{}/key", manifest.digest());
        let bytes = self.persist(|| self.http.get(&path, KEY))?;
        PublishedModel::new(manifest, VerifyingKey::from_bytes(&bytes)?)
    }

    /// The circuit of a manifest, checked against it.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another circuit, [`Error::Zkml`] for what is none, [`Error::Unreachable`],
    /// [`Error::Remote`].
    pub fn circuit(&self, manifest: &SignedManifest) -> Result<Circuit, Error> {
        let path = format!("/v1/models/{}/circuit", manifest.digest());
        let bytes = self.persist(|| self.http.get(&path, CIRCUIT))?;
        let circuit = Circuit::from_bytes(&bytes)?;
        Error::check_match("circuit", &manifest.body().circuit_digest, circuit.digest())?;
        Ok(circuit)
    }

    /// The SRS of a manifest's key: its points and powers are checked, and that its identity is the stated one.
    ///
    /// # Errors
    /// [`Error::Mismatch`] for another SRS, [`Error::Zkml`] for what is none, [`Error::Unreachable`], [`Error::Remote`].
    pub fn srs(&self, manifest: &SignedManifest, progress: &Progress) -> Result<Srs, Error> {
        let path = format!("/v1/models/{}/srs", manifest.digest());
        let bytes = self.persist(|| self.http.get(&path, SRS))?;
        let srs = Srs::from_raw_bytes(&bytes, progress)?;
        Error::check_match("SRS", &manifest.body().srs, &srs.id())?;
        Ok(srs)
    }

    /// Submits a request, and again until the service has it or its time is over.
    ///
    /// # Errors
    /// [`Error::Remote`] if the service refuses it, [`Error::Unreachable`], [`Error::Expired`].
    pub fn submit(&self, request: &PendingRequest) -> Result<State, Error> {
        let json = request.envelope().to_json()?;
        let bytes = self.persist(|| {
            request.header().check_alive(unix_now())?;
            self.http.post("/v1/requests", &json, SMALL)
        })?;
        let status: RequestStatus = parse(STATUS, &bytes)?;
        Ok(status.state)
    }

    /// Where a request is in its life, after at most `wait` seconds.
    ///
    /// # Errors
    /// [`Error::Remote`], [`Error::Unreachable`], [`Error::Malformed`].
    pub fn status(&self, id: &RequestId, wait: u64) -> Result<RequestStatus, Error> {
        let path = format!("/v1/requests/{id}?wait={wait}");
        let bytes = self.persist(|| self.http.get(&path, SMALL))?;
        parse(STATUS, &bytes)
    }

    /// Waits for a request's answer; `progress` hears its state after every exchange, and ends the
    /// wait by returning an error.
    ///
    /// # Errors
    /// [`Error::Abandoned`] if the provider gave it up, [`Error::TimedOut`] after `timeout`, those
    /// of [`Client::status`] and of `progress`.
    pub fn wait(
        &self,
        id: &RequestId,
        timeout: Duration,
        mut progress: impl FnMut(State) -> Result<(), Error>,
    ) -> Result<SealedAnswer, Error> {
        let start = Instant::now();
        let mut pause = FIRST_LOOK;
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let status = self.status(id, WAIT.min(left.as_secs()))?;
            progress(status.state)?;
            if status.state.is_final() {
                return self.answer(id);
            }
            if start.elapsed() >= timeout {
                return Err(Error::TimedOut {
                    seconds: timeout.as_secs(),
                });
            }
            // A service that stops, or has many who wait, answers at once.
            thread::sleep(pause);
            pause = (2 * pause).min(LONGEST_LOOK);
        }
    }

    /// Fetches the sealed answer to a request.
    ///
    /// # Errors
    /// [`Error::Abandoned`] if the provider gave it up, [`Error::Remote`], [`Error::Unreachable`],
    /// [`Error::Malformed`].
    pub fn answer(&self, id: &RequestId) -> Result<SealedAnswer, Error> {
        let path = format!("/v1/requests/{id}/answer");
        let bytes = self.persist(|| self.http.get(&path, ANSWER));
        let bytes = bytes.map_err(|error| match error {
            Error::Remote { code, detail, .. } if code == "abandoned" => Error::Abandoned {
                request_id: id.to_string(),
                reason: detail,
            },
            other => other,
        })?;
        SealedAnswer::from_json(&bytes)
    }

    /// Repeats an exchange while it may go better in a moment and patience lasts.
    fn persist<T>(&self, mut exchange: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
        let start = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match exchange() {
                Err(error) if passes(&error) && start.elapsed() + pause < self.patience => {
                    tracing::debug!(%error, "trying again");
                    thread::sleep(pause);
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
                result => return result,
            }
        }
    }
}

/// Reads an answer of the service.
fn parse<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::malformed(what, error))
}
