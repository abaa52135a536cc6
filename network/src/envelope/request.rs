//! Requests.
//!
//! The plaintext: reply key (32 bytes), salts, the inputs' integers (see [`crate::codec`]).

use super::hpke::{self, Context};
use super::{EvmRecipient, RequestHeader};
use crate::codec::{Reader, Writer, put_salts, put_tensors, take_salts, take_tensors};
use crate::keys::SealingSecret;
use crate::{
    Error, Identity, IdentityKey, InputSchema, Manifest, RequestId, Salt, SealingKey, Signature,
    TensorVisibility,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroize;
use zkml::Digest;

const WHAT: &str = "request";
const VERSION: u16 = 2;
/// Which message of the protocol.
const INFO: &[u8] = b"zkml request 2";

/// A request as it travels: only the provider opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRequest {
    /// What everyone may see.
    pub header: RequestHeader,
    pub(super) encapsulated_key: SealingKey,
    pub(super) ciphertext: Vec<u8>,
    /// The requester's, exactly if the header names its identity.
    pub(super) signature: Option<Signature>,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    version: u16,
    request_id: RequestId,
    model: Digest,
    expiry: u64,
    evm: Option<EvmRecipient>,
    identity: Option<IdentityKey>,
    encapsulated_key: SealingKey,
    ciphertext: String,
    signature: Option<Signature>,
}

impl SealedRequest {
    /// Seals a request to a provider, and signs it as the identity that its header names.
    pub(super) fn seal(
        header: RequestHeader,
        to: &SealingKey,
        content: &OpenRequest,
        identity: Option<&Identity>,
    ) -> Result<Self, Error> {
        let elements: usize = content.inputs.iter().map(|t| 4 + 8 * t.len()).sum();
        let mut out = Writer::with_capacity(40 + 32 * content.salts.len() + elements);
        out.raw(content.reply_key.as_bytes());
        put_salts(&mut out, &content.salts);
        put_tensors(&mut out, &content.inputs);
        let context = Context {
            info: INFO,
            associated_data: &header.encode(),
        };
        let sealed = hpke::seal(WHAT, to, None, &context, &out.finish())?;
        let mut request = Self {
            header,
            encapsulated_key: sealed.encapsulated_key,
            ciphertext: sealed.ciphertext,
            signature: None,
        };
        request.signature = identity.map(|identity| identity.sign(&request.signed_message()));
        Ok(request)
    }

    /// What is signed: a tag, so that the signature means a request and nothing else, and the envelope's digest.
    fn signed_message(&self) -> Vec<u8> {
        [&b"zkml request 2\0"[..], self.digest().as_bytes()].concat()
    }

    /// Checks that the identity that the header names, if it names one, signed the request.
    ///
    /// # Errors
    /// [`Error::IdentitySignature`]; [`Error::Malformed`] for a signature without an identity.
    pub fn check_signature(&self) -> Result<(), Error> {
        match (&self.header.identity, &self.signature) {
            (None, None) => Ok(()),
            (Some(identity), Some(signature)) => identity.verify(&self.signed_message(), signature),
            (Some(identity), None) => Err(Error::IdentitySignature {
                identity: identity.to_string(),
            }),
            (None, Some(_)) => Err(malformed(
                "expected a signature with the identity that made it, found one without",
            )),
        }
    }

    /// Opens a request with the provider's secret.
    ///
    /// # Errors
    /// [`Error::Sealed`] for one that is sealed to another key or was changed, and
    /// [`Error::Malformed`] for content that is no request.
    pub fn open(&self, secret: &SealingSecret) -> Result<OpenRequest, Error> {
        let context = Context {
            info: INFO,
            associated_data: &self.header.encode(),
        };
        let plaintext = hpke::open(
            WHAT,
            secret,
            None,
            &context,
            &self.encapsulated_key,
            &self.ciphertext,
        )?;
        let mut reader = Reader::new(WHAT, &plaintext);
        let reply_key = reader.array()?.into();
        let salts = take_salts(&mut reader)?;
        let inputs = take_tensors(&mut reader)?;
        reader.finish()?;
        Ok(OpenRequest {
            reply_key,
            salts,
            inputs,
        })
    }

    /// What is sealed, as it travels.
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }

    /// Length of what is sealed for a model: shapes are public, so that every honest request has it.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a model whose inputs no message holds.
    pub fn ciphertext_len(model: &Manifest) -> Result<usize, Error> {
        let salts = match model.visibility.inputs {
            TensorVisibility::Hashed => model.inputs.len(),
            _ => 0,
        };
        let lengths = model.inputs.iter().map(InputSchema::elements);
        let tensors: usize = lengths
            .map(|elements| Ok(4 + 8 * elements?))
            .sum::<Result<_, Error>>()?;
        Ok(32 + 4 + 32 * salts + 4 + tensors + hpke::TAG)
    }

    /// The digest that tells envelopes under one request id apart. A signature is over it, and no part of it.
    pub fn digest(&self) -> Digest {
        Digest::of(
            b"zkml-envelope-2",
            &[
                &self.header.encode(),
                self.encapsulated_key.as_bytes(),
                &self.ciphertext,
            ],
        )
    }

    /// The JSON form.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let json = Json {
            version: VERSION,
            request_id: self.header.request_id,
            model: self.header.model,
            expiry: self.header.expiry,
            evm: self.header.evm,
            identity: self.header.identity,
            encapsulated_key: self.encapsulated_key,
            ciphertext: BASE64.encode(&self.ciphertext),
            signature: self.signature,
        };
        serde_json::to_vec(&json).map_err(malformed)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Version`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let json: Json = serde_json::from_slice(bytes).map_err(malformed)?;
        Error::check_version("a request", VERSION, json.version)?;
        Ok(Self {
            header: RequestHeader {
                request_id: json.request_id,
                model: json.model,
                expiry: json.expiry,
                evm: json.evm,
                identity: json.identity,
            },
            encapsulated_key: json.encapsulated_key,
            ciphertext: BASE64.decode(&json.ciphertext).map_err(malformed)?,
            signature: json.signature,
        })
    }
}

fn malformed(error: impl ToString) -> Error {
    Error::malformed(WHAT, error)
}

/// What a provider finds in a request. It is erased from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenRequest {
    /// The key that the answer is sealed to.
    pub reply_key: SealingKey,
    /// The salts of the commitments to the inputs, one each, if the model's inputs are hashed.
    pub salts: Vec<Salt>,
    /// The integers of the inputs, row-major, in the model's order.
    pub inputs: Vec<Vec<i64>>,
}

impl OpenRequest {
    /// Checks that an answer can be sealed to the reply key: there are keys of small order, to
    /// which nothing can.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn check_reply_key(&self) -> Result<(), Error> {
        let context = Context {
            info: b"",
            associated_data: b"",
        };
        hpke::seal("reply key", &self.reply_key, None, &context, b"").map(|_| ())
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.inputs.zeroize();
    }
}

impl fmt::Debug for OpenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Printing one must not show what it hides.
        f.debug_struct("OpenRequest")
            .field("reply_key", &self.reply_key)
            .field("inputs", &self.inputs.len())
            .finish_non_exhaustive()
    }
}
