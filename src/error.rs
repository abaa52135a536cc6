//! The error type of the crate.

use crate::artifact::ArtifactKind;
use crate::transcript::TranscriptKind;
use std::path::{Path, PathBuf};

/// Everything that can go wrong in this crate.
///
/// [`Error::InvalidProof`] is the answer "no" of a verifier; every other variant says that no
/// answer could be given or that work could not be done. [`Error::is_invalid_proof`] tells
/// the two apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },

    /// A proof whose challenges come from another hash than the key states.
    #[error(
        "expected a proof with the transcript {expected}, as the key states, found {found}; \
         prove with the key that belongs to this one"
    )]
    WrongTranscript {
        expected: TranscriptKind,
        found: TranscriptKind,
    },

    /// A key or a proof with a transcript that no contract can follow.
    #[error(
        "expected a key with the transcript evm, which contracts follow, found {found}; \
         make keys with `zkml setup --transcript evm` and prove with them"
    )]
    NotForContracts { found: TranscriptKind },

    /// A verifying key that no contract verifies.
    #[error("no contract verifies this key: {0}")]
    Contract(#[from] zkml_evm::Error),

    /// A verifying key whose circuit no setup makes, so that it has no protocol.
    #[error("this key has no protocol: {0}")]
    NoProtocol(#[source] zkml_verifier::Error),

    /// The bytes do not start with the magic of zkml's files.
    #[error(
        "expected a {expected}, found bytes that do not start with \"ZKML\"; give a file that zkml wrote"
    )]
    NotAnArtifact { expected: ArtifactKind },

    /// A zkml file of another kind.
    #[error("expected a {expected}, found {found}; give the file that holds the {expected}")]
    WrongKind { expected: ArtifactKind, found: String },

    /// A zkml file of a format version that this build does not read.
    #[error(
        "expected a {kind} of format version {expected}, found version {found}; \
         make it again with this version of zkml"
    )]
    WrongVersion {
        kind: ArtifactKind,
        expected: u16,
        found: u16,
    },

    /// Fewer bytes than the header promises.
    #[error("{what} is truncated: expected {expected} bytes, found {found}; copy or make it again")]
    Truncated { what: String, expected: u64, found: u64 },

    /// More bytes than the header promises.
    #[error(
        "{what} has bytes after its end: expected {expected} bytes, found {found}; copy or make it again"
    )]
    TrailingBytes { what: String, expected: u64, found: u64 },

    /// A length beyond what this build accepts.
    #[error("{what} is too large: expected at most {limit} bytes, found {found}")]
    TooLarge {
        what: String,
        limit: u64,
        /// What the header says, or what is there.
        found: u64,
    },

    /// The checksum of a file does not match its content.
    #[error(
        "the checksum of this {kind} does not match its content: the file is damaged; copy or make it again"
    )]
    Checksum { kind: ArtifactKind },

    /// A file whose frame is sound but whose content makes no sense.
    #[error("malformed {what}: {reason}; make it again")]
    Malformed { what: String, reason: String },

    /// Parameters that are no proper structured reference string.
    #[error("this is not a usable SRS: {reason}; import parameters from a ceremony that you trust")]
    InvalidSrs { reason: String },

    /// An SRS with fewer powers than needed.
    #[error(
        "the SRS is too small: expected k of at least {needed}, found k = {found}; \
         import a larger one (`zkml srs import`) or make one for development (`zkml srs new --k {needed}`)"
    )]
    SrsTooSmall { needed: u32, found: u32 },

    /// An SRS without the power that hides the quotient of proofs of its size.
    #[error(
        "this SRS has 2^{k} powers of its secret, expected one more, without which proofs of that size do not hide all that \
         they are about; import it from a .ptau file, or a larger one (`zkml srs import`)"
    )]
    SrsHidesNothing { k: u32 },

    /// A k outside what is supported.
    #[error("k = {found} is out of range: expected {min} to {max}")]
    SizeOutOfRange { min: u32, max: u32, found: u64 },

    /// The cache holds no SRS that would do.
    #[error(
        "no SRS with {needed} in {}; import one with `zkml srs import FILE.ptau`, \
         or make an unsafe one for development with `zkml srs new --k {k}`",
        dir.display()
    )]
    SrsNotFound { needed: String, k: u32, dir: PathBuf },

    /// The system names no folder for a user's data.
    #[error(
        "this system names no folder for a user's data; set {variable} to the folder that holds SRS files"
    )]
    NoCacheDirectory { variable: &'static str },

    /// A key, and an SRS with another secret.
    #[error(
        "the keys were made with another SRS: expected the SRS {expected}, found {found}; \
         use that SRS, or make the keys again with this one"
    )]
    WrongSrs { expected: String, found: String },

    /// An SRS that is not the required one.
    #[error(
        "expected {expected}, found a key from the SRS {found}; use a key from the required SRS, or require another one \
         if you trust whoever made this one"
    )]
    UntrustedSrs {
        expected: String,
        /// The identity that was found, and what is known of it.
        found: String,
    },

    /// A file with the name of a ceremony's, or that is said to be one's, and other content.
    #[error(
        "this is not the file {file} of the ceremony {ceremony}: expected {expected}, found {found}; it is damaged, or \
         somebody changed it: download it again"
    )]
    WrongCeremonyFile {
        ceremony: &'static str,
        file: String,
        expected: String,
        found: String,
    },

    /// A circuit and a key of two setups of one model.
    #[error(
        "this circuit is of keys with the transcript {expected}, found a key with {found}; give the circuit file that \
         `zkml setup` wrote beside this key"
    )]
    OtherSetup {
        expected: TranscriptKind,
        found: TranscriptKind,
    },

    /// A key that claims to be a circuit's and is not.
    #[error(
        "the verifying key is not the one of this circuit, though it claims to be: expected {expected}, found the key \
         {found}; whoever made it can have left out constraints, so that false outputs verify. Do not rely on proofs \
         with it; get the right key, or make it with `zkml setup`"
    )]
    DishonestKey {
        expected: String,
        /// Digest of the key that was given, in hex.
        found: String,
    },

    /// A secret in a file that others may read.
    #[error("{} holds a secret and may be read by others (mode {mode:o}); run `chmod 600` on it", path.display())]
    Permissions { path: PathBuf, mode: u32 },

    /// Two artifacts of different models.
    #[error(
        "this {what} belongs to another model: expected the model {expected}, found {found}; \
         use the files of one compilation together"
    )]
    WrongModel {
        what: ArtifactKind,
        /// Digest of the model, in hex.
        expected: String,
        /// Digest that the artifact carries, in hex.
        found: String,
    },

    /// A proof made with the keys of another setup.
    #[error(
        "this proof was made with other keys: expected the key {expected}, found {found}; \
         verify with the key of the setup that proved"
    )]
    WrongKey {
        /// Digest of the verifying key at hand, in hex.
        expected: String,
        /// Digest that the proof carries, in hex.
        found: String,
    },

    /// A context of another length than the circuit was compiled for.
    #[error(
        "expected a context of {expected} values, found {found}; its length is chosen when the model is compiled"
    )]
    ContextLength { expected: usize, found: usize },

    /// A salt for a tensor that is not hashed.
    #[error("a salt was given for {found}, expected one of the hashed tensors: {expected}")]
    UnknownSalt { expected: String, found: String },

    /// Committed parameters, and no model commitment.
    #[error(
        "this key is of a model with committed parameters: expected the model commitment that a proof is linked \
         to, found none; give the one that the model's owner published"
    )]
    CommitmentNeeded,

    /// A model commitment of another circuit or SRS.
    #[error(
        "this model commitment belongs to other keys: expected {expected}, found {found}; \
         the model's owner publishes one for each key"
    )]
    WrongCommitment {
        /// Columns, key and model that there must be.
        expected: String,
        found: String,
    },

    /// A contract for committed parameters, and no model commitment.
    #[error(
        "this key's parameters are committed: expected the model commitment that a contract is to check links to, \
         found none; make the contract for a commitment (`--commitment`, or `VerifyingKey::contract_for`)"
    )]
    ContractNeedsCommitment,

    /// A model commitment, and parameters that are not committed.
    #[error("this key's parameters are not committed: expected no model commitment, found one; leave it out")]
    NothingCommitted,

    /// The proof does not prove its claim. This is a verifier's answer, not a failure.
    #[error("the proof is invalid: {reason}")]
    InvalidProof { reason: String },

    /// The proof just made does not verify: the witness does not satisfy the circuit.
    #[error(
        "the proof just made does not verify ({reason}), so none is returned; \
         run the mock prover to see the constraint that fails"
    )]
    Unproven { reason: String },

    /// halo2's prover opens what its constraints need, and nothing else.
    #[cfg(feature = "prover")]
    #[error(
        "the upstream prover cannot link a proof to a model commitment; \
         for a model with committed parameters leave the choice of the prover out"
    )]
    UpstreamLink,

    /// The mock prover found constraints that fail.
    #[error("{count} constraints are not satisfied; the first ones: {}", failures.join("; "))]
    Unsatisfied {
        count: usize,
        /// The first ones.
        failures: Vec<String>,
    },

    /// The proving backend refused.
    #[error("{stage} failed: {reason}")]
    Backend { stage: &'static str, reason: String },

    /// The kernels refused.
    #[cfg(feature = "keys")]
    #[error("a kernel failed: {0}")]
    Kernel(#[from] zkml_kernels::Error),

    /// A device that is none.
    #[cfg(feature = "keys")]
    #[error("expected auto, cpu, cuda or cuda:N with the number of a GPU, found `{found}`")]
    UnknownDevice { found: String },

    /// There is no GPU that this program can use.
    #[cfg(feature = "keys")]
    #[error("cannot prove on a GPU: {reason}; see `zkml doctor`, or use the backend `cpu`")]
    NoGpu { reason: String },

    /// The upstream prover on a GPU.
    #[cfg(feature = "prover")]
    #[error(
        "expected the device auto or cpu with the upstream prover, found {found}: that prover runs on the CPU alone"
    )]
    UpstreamDevice { found: String },

    /// A number of threads that no pool has.
    #[cfg(feature = "prover")]
    #[error("expected 1 to {max} threads, found {found}")]
    ThreadCount { max: usize, found: usize },

    /// An input tensor that does not fit the model.
    #[error("input {name}: expected {expected}, found {found}")]
    Input {
        name: String,
        expected: String,
        found: String,
    },

    /// An error of the model side: import, calibration, execution.
    #[error(transparent)]
    Model(#[from] zkml_core::Error),

    /// An error of the circuit side.
    #[error(transparent)]
    Circuit(#[from] zkml_circuits::Error),

    /// The caller cancelled the work.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// [`Error::Malformed`]; `reason` says what was expected and what was found.
    pub(crate) fn malformed(what: impl Into<String>, reason: impl ToString) -> Self {
        let (what, reason) = (what.into(), reason.to_string());
        Error::Malformed { what, reason }
    }

    /// [`Error::Io`] of a file or folder.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Self + Copy {
        move |source| Error::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// [`Error::Backend`] for an error of what it runs.
    #[cfg(feature = "keys")]
    pub(crate) fn backend(stage: &'static str, reason: impl ToString) -> Self {
        let reason = reason.to_string();
        Error::Backend { stage, reason }
    }

    /// Whether this is a verifier's answer "invalid", as opposed to a failure to answer.
    pub fn is_invalid_proof(&self) -> bool {
        matches!(self, Error::InvalidProof { .. })
    }

    /// Whether a run of the model drives a value out of its range, so that there is no proof of it.
    pub fn is_out_of_range(&self) -> bool {
        matches!(self, Error::Model(zkml_core::Error::OutOfRange(_)))
    }
}
