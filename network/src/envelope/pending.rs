//! A request in its user's hands: what opens the answer and what the answer is checked against.

use super::{Binding, EvmRecipient, OpenRequest, Outcome, RequestHeader, SealedAnswer, SealedRequest};
use crate::keys::{ReplyKey, SecretFile};
use crate::{Error, Identity, RequestId, Salt, SealingKey, SignedManifest, TensorVisibility};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use zeroize::{Zeroize, Zeroizing};
use zkml::Digest;

const FILE: SecretFile = SecretFile {
    what: "pending request",
    one: "a pending request",
    format: "zkml pending request",
    version: 2,
    limit: 1 << 30,
};

/// What a user asks, besides the model.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The integers of the inputs ([`crate::InputSchema::quantize`]).
    pub inputs: Vec<Vec<i64>>,
    /// When the request ends, in seconds since 1970.
    pub expiry: u64,
    /// The account that the answer is for, and the contract that takes it, if it is for an EVM chain.
    pub evm: Option<EvmRecipient>,
    /// Who asks, for a provider that answers known requesters alone: it can tell which requests are of one requester.
    pub identity: Option<Identity>,
}

/// A request that its user has sealed and that is not answered yet.
///
/// It holds the input, its salt and the reply key; a file of it is readable for its owner alone.
pub struct PendingRequest {
    header: RequestHeader,
    reply_key: ReplyKey,
    salts: Vec<Salt>,
    inputs: Vec<Vec<i64>>,
    envelope: SealedRequest,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    version: u16,
    reply_key: String,
    salts: Vec<String>,
    inputs: Vec<Vec<i64>>,
    envelope: String,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.reply_key.zeroize();
        self.salts.zeroize();
        self.inputs.zeroize();
    }
}

impl PendingRequest {
    /// Seals a request to the provider of a manifest, with a fresh id, reply key and salt.
    ///
    /// # Errors
    /// [`Error::Input`] for inputs that do not fit the manifest, [`Error::Randomness`], and
    /// [`Error::Malformed`] for a sealing key that is none.
    pub fn new(manifest: &SignedManifest, asked: Asked) -> Result<Self, Error> {
        let body = manifest.body();
        if asked.inputs.len() != body.inputs.len() {
            return Err(Error::Input {
                name: "(all)".to_owned(),
                expected: format!("{} inputs", body.inputs.len()),
                found: asked.inputs.len().to_string(),
            });
        }
        for (schema, integers) in body.inputs.iter().zip(&asked.inputs) {
            schema.check(integers)?;
        }
        let salts = match body.visibility.inputs {
            TensorVisibility::Hashed => body.inputs.iter().map(|_| Salt::random()).collect(),
            _ => Vec::new(),
        };
        Self::seal(manifest, asked, salts, RequestId::random()?)
    }

    /// Seals whatever it is given.
    fn seal(
        manifest: &SignedManifest,
        asked: Asked,
        salts: Vec<Salt>,
        request_id: RequestId,
    ) -> Result<Self, Error> {
        let header = RequestHeader {
            request_id,
            model: *manifest.digest(),
            expiry: asked.expiry,
            evm: asked.evm,
            identity: asked.identity.as_ref().map(Identity::key),
        };
        let reply_key = ReplyKey::generate()?;
        let content = OpenRequest {
            reply_key: reply_key.public(),
            salts: salts.clone(),
            inputs: asked.inputs,
        };
        let envelope = SealedRequest::seal(
            header,
            &manifest.body().sealing_key,
            &content,
            asked.identity.as_ref(),
        )?;
        Ok(Self {
            header,
            reply_key,
            salts,
            inputs: content.inputs.clone(),
            envelope,
        })
    }

    /// Seals a request without looking whether it fits: what a faulty or hostile user sends.
    #[doc(hidden)]
    pub fn unchecked(
        manifest: &SignedManifest,
        asked: Asked,
        salts: Vec<Salt>,
        request_id: RequestId,
    ) -> Result<Self, Error> {
        Self::seal(manifest, asked, salts, request_id)
    }

    /// What is sent to the provider.
    pub fn envelope(&self) -> &SealedRequest {
        &self.envelope
    }

    /// What everyone may see of the request.
    pub fn header(&self) -> &RequestHeader {
        &self.header
    }

    /// What a proof that answers this request must say of it.
    pub fn binding(&self) -> Binding {
        self.header.binding(&self.reply_key.public())
    }

    /// The salts of the commitments to the inputs, one each if there are any.
    pub fn salts(&self) -> &[Salt] {
        &self.salts
    }

    /// The key that the answer is sealed to.
    pub fn reply_key(&self) -> SealingKey {
        self.reply_key.public()
    }

    /// The integers of the inputs.
    pub fn inputs(&self) -> &[Vec<i64>] {
        &self.inputs
    }

    /// Opens an answer. What it says is not checked yet: [`crate::PublishedModel::check_answer`] does.
    ///
    /// # Errors
    /// [`Error::WrongModel`] for the manifest of another model; [`Error::WrongBinding`],
    /// [`Error::Sealed`] and [`Error::Malformed`] for what is no answer to this request.
    pub fn open(&self, manifest: &SignedManifest, answer: &SealedAnswer) -> Result<Outcome, Error> {
        if *manifest.digest() != self.header.model {
            return Err(Error::WrongModel {
                expected: self.header.model,
                found: *manifest.digest(),
            });
        }
        answer.open(
            &self.header,
            &self.envelope_digest(),
            &self.reply_key,
            &manifest.body().sealing_key,
        )
    }

    fn envelope_digest(&self) -> Digest {
        self.envelope.digest()
    }

    /// Writes a new file that only its owner may read, so that the answer can be fetched later.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let stored = Stored {
            format: FILE.format.to_owned(),
            version: FILE.version,
            reply_key: hex::encode(*self.reply_key.to_bytes()),
            salts: self
                .salts
                .iter()
                .map(|salt| hex::encode(Zeroizing::new(salt.to_bytes())))
                .collect(),
            inputs: self.inputs.clone(),
            envelope: String::from_utf8_lossy(&self.envelope.to_json()?).into_owned(),
        };
        FILE.save(path, &stored)
    }

    /// Reads [`PendingRequest::save`].
    ///
    /// # Errors
    /// [`Error::Permissions`] for a file that others may read, [`Error::Io`], [`Error::TooLarge`],
    /// [`Error::Malformed`], [`Error::Version`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut stored: Stored = FILE.load(path)?;
        let reply_key = ReplyKey::from_bytes(&*FILE.secret(&stored.reply_key)?)?;
        let salts = stored
            .salts
            .iter()
            .map(|text| {
                Salt::from_bytes(*FILE.secret(text)?)
                    .ok_or_else(|| FILE.malformed("expected salts below the group order, found others"))
            })
            .collect::<Result<_, _>>()?;
        let envelope = SealedRequest::from_json(stored.envelope.as_bytes())?;
        Ok(Self {
            header: envelope.header,
            reply_key,
            salts,
            inputs: std::mem::take(&mut stored.inputs),
            envelope,
        })
    }
}

/// What its provider finds in it.
impl From<&PendingRequest> for OpenRequest {
    fn from(request: &PendingRequest) -> Self {
        Self {
            reply_key: request.reply_key(),
            salts: request.salts.clone(),
            inputs: request.inputs.clone(),
        }
    }
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        self.inputs.zeroize();
    }
}

impl fmt::Debug for PendingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingRequest")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}
