//! The error type of the crate.

mod build;
mod kind;

use crate::{Refusal, WeightVisibility};
use std::path::PathBuf;
use zkml::Digest;
use zkml::advanced::plain;

/// Everything that can go wrong between a user, a provider and a validator.
///
/// [`Error::code`] is a short name of each kind, which HTTP answers and metrics carry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// Bytes or JSON that are no message.
    #[error("malformed {what}: {}", plain(reason))]
    Malformed { what: &'static str, reason: String },

    /// A message of a version that this build does not speak.
    #[error("expected {what} of version {expected}, found version {found}; use matching versions of zkml")]
    Version {
        what: &'static str,
        expected: u16,
        found: u16,
    },

    /// A message that is longer than the receiver takes.
    #[error("{what} is too large: expected at most {limit} bytes, found {found}")]
    TooLarge {
        what: &'static str,
        limit: u64,
        /// What is there, as far as known.
        found: u64,
    },

    /// A manifest that is not the one encoding of what it says.
    #[error(
        "expected the manifest in its canonical form, found other bytes that say the same; \
         use the file as `zkml publish` wrote it"
    )]
    NotCanonical,

    /// A manifest whose signature does not verify.
    #[error(
        "the manifest's signature is not that of the provider {provider}: \
         it was changed, or signed by someone else; fetch it again from the provider"
    )]
    Signature { provider: String },

    /// Another manifest than the pinned one.
    #[error("expected the model {expected}, found {found}; pin the manifest that you trust")]
    WrongModel { expected: Digest, found: Digest },

    /// A manifest of another provider than the pinned one.
    #[error("expected a manifest of the provider {expected}, found one of {found}")]
    WrongProvider { expected: String, found: String },

    /// A file that does not go with the manifest.
    #[error("the {what} does not belong to the manifest: expected {expected}, found {found}")]
    Mismatch {
        what: &'static str,
        expected: String,
        found: String,
    },

    /// The provider does not serve this model.
    #[error("this provider has no model {model}; GET /v1/models lists those that it has")]
    UnknownModel { model: Digest },

    /// The SRS of a model is too large for a service to send.
    #[error(
        "the SRS of the model {model} is too large to be sent; import it from where the provider has it from \
         (`zkml srs import`)"
    )]
    SrsNotSent { model: Digest },

    /// A request whose time is over.
    #[error("the request expired at {expiry}, and it is {now} (seconds since 1970); make a new one")]
    Expired { expiry: u64, now: u64 },

    /// A request that would have to be kept for too long.
    #[error("the request expires at {expiry}; expected at most {limit} (seconds since 1970)")]
    ExpiryTooFar { expiry: u64, limit: u64 },

    /// Ciphertext that does not open.
    #[error("the {what} cannot be opened: it is sealed to another key, or it or its header was changed")]
    Sealed { what: &'static str },

    /// A second envelope under a request id.
    #[error("the request id {request_id} is taken by another envelope; choose a random id for each request")]
    IdTaken { request_id: String },

    /// No room in the queue.
    #[error("the queue is full ({limit} requests wait); try again later")]
    QueueFull { limit: u64 },

    /// Too many requests at once.
    #[error("too many requests are being answered at once; try again in a moment")]
    Busy,

    /// Too many requests from one client.
    #[error("too many requests; try again in {seconds} s")]
    RateLimited { seconds: u64 },

    /// A requester that the provider does not know.
    #[error(
        "this provider answers requesters that it knows: expected a request with the identity of one, found {found}; ask \
         it to list yours (`zkml identity show`), and ask with `--identity`"
    )]
    UnknownRequester {
        /// The key that the request names, or none.
        found: String,
    },

    /// A request that the identity that it names did not sign.
    #[error(
        "expected a request signed by the identity {identity}, which it names, found another signature or none"
    )]
    IdentitySignature { identity: String },

    /// A requester that has had all its answers.
    #[error(
        "the answers of this requester are used up: expected at most {budget}; {}",
        seconds.map_or("ask the provider for more".to_owned(), |s| format!("try again in {s} s"))
    )]
    BudgetSpent {
        /// How many there are, and in which time.
        budget: String,
        /// When the next one is free; none if none will be.
        seconds: Option<u64>,
    },

    /// No such request.
    #[error("no request {request_id} is known here")]
    UnknownRequest { request_id: String },

    /// A request that has no answer yet.
    #[error("the request {request_id} is not answered yet; ask for its status")]
    NotAnswered { request_id: String },

    /// A request that the provider gave up.
    #[error("the provider gave up the request {request_id}: {reason}; make a new request")]
    Abandoned {
        request_id: String,
        /// Why, in words that tell nothing about the input.
        reason: String,
    },

    /// A request whose answer is no longer kept.
    #[error("the answer to the request {request_id} is no longer kept")]
    Purged { request_id: String },

    /// The provider answered that there is no answer to this request.
    #[error("the provider refused the input: {refusal}")]
    Refused { refusal: Refusal },

    /// A refusal of the model, which was not to refuse anything.
    #[error(
        "the provider refused the input, though its manifest says that the model takes every input of its range: \
         it fails or breaks its word; ask again, or another provider"
    )]
    BrokenWord,

    /// Hidden weights, and a model that refuses some inputs.
    #[error(
        "a model with {weights} weights that refuses some inputs tells about its weights by refusing: expected one that \
         takes every input; compile it with `--saturate`, or accept that with `zkml publish --allow-refusals`"
    )]
    MayRefuse { weights: WeightVisibility },

    /// Inputs that do not fit the manifest.
    #[error("input {name}: expected {expected}, found {found}")]
    Input {
        name: String,
        expected: String,
        found: String,
    },

    /// A proof that is about another request.
    #[error("the proof is for another {what}: expected {expected}, found {found}")]
    WrongBinding {
        what: &'static str,
        expected: String,
        found: String,
    },

    /// A proof of another input than the user's.
    #[error("the proof is about another input: the commitment to {name} is not that of the request")]
    WrongInput { name: String },

    /// Outputs that are not those that the proof commits to.
    #[error("the answer's output {name} is not the one that the proof is about")]
    WrongOutput { name: String },

    /// Two proofs that answer one request.
    #[error("the request {request_id} is already answered by the proof in {first}")]
    Replayed { request_id: String, first: String },

    /// A manifest that the protocol cannot work with.
    #[error("a model with {what} cannot be asked: {reason}")]
    Unsuitable { what: String, reason: String },

    /// Keys in a file that others may read.
    #[error("{} holds secret keys and may be read by others (mode {mode:o}); run `chmod 600` on it", path.display())]
    Permissions { path: PathBuf, mode: u32 },

    /// A file that is there already and is not overwritten.
    #[error("{} is there already; choose another name, or remove it first", path.display())]
    Exists { path: PathBuf },

    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },

    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes: {reason}")]
    Randomness { reason: String },

    /// The other side answered with an error.
    #[error("{url} answered {status}: {detail}")]
    Remote {
        url: String,
        status: u16,
        /// The code of the problem, where one is stated.
        code: String,
        detail: String,
    },

    /// No answer from the other side.
    #[error("no answer from {url}: {reason}")]
    Unreachable { url: String, reason: String },

    /// No answer in the time that the user gave.
    #[error("no answer after {seconds} s; the request stays with the provider until it expires")]
    TimedOut { seconds: u64 },

    /// The queue's database failed.
    #[error("the queue's database failed while {action}: {reason}")]
    Database { action: &'static str, reason: String },

    /// The service could not be set up.
    #[error("cannot {action}: {reason}")]
    Service { action: &'static str, reason: String },

    /// An error of the proof system: keys, proofs, models.
    #[error(transparent)]
    Zkml(#[from] zkml::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_stays_in_its_line() {
        let error = Error::Malformed {
            what: "manifest",
            reason: "unknown field `x\n\u{1b}[2Jvalid`".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            r"malformed manifest: unknown field `x\n\u{1b}[2Jvalid`"
        );
    }
}
