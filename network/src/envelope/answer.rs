//! Answers.
//!
//! The plaintext of an answer: 1, proof (block), salts, outputs' integers. Of a request that is refused: 2, explanation
//! (block of UTF-8). Of one that the model does not take: 3. All end in zeros up to a multiple of [`PADDING`] bytes, so
//! that their length does not tell them apart unless an answer is longer than that.

use super::hpke::{self, Context};
use super::{Refusal, RequestHeader, SealedRequest};
use crate::codec::{Reader, Writer, put_salts, put_tensors, take_salts, take_tensors};
use crate::keys::{ReplyKey, SealingSecret};
use crate::{Error, RequestId, Salt, SealingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroize;
use zkml::{Digest, Proof};

const WHAT: &str = "answer";
const VERSION: u16 = 2;
const INFO: &[u8] = b"zkml answer 2";
/// Plaintexts are as long as a multiple of this.
pub(crate) const PADDING: usize = 16 << 10;
/// The longest explanation of a refusal, in bytes.
const EXPLANATION: usize = 4096;

const ANSWER: u8 = 1;
const REQUEST_REFUSED: u8 = 2;
const MODEL_REFUSES: u8 = 3;

/// What a provider makes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// A proven answer.
    Answer(Answer),
    /// There is none, and why: for the user's eyes alone.
    Refusal(Refusal),
}

/// A proven run. It is erased from memory when it is dropped, but for the proof.
pub struct Answer {
    /// The proof, with its public values.
    pub proof: Proof,
    /// The salts of the commitments to the outputs, one each, if the model's outputs are hashed.
    pub output_salts: Vec<Salt>,
    /// The integers of outputs that the proof does not show; empty if it shows them.
    pub outputs: Vec<Vec<i64>>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.outputs.zeroize();
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// An answer as it is stored and as it travels: only its user opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedAnswer {
    /// The request that it answers.
    pub request_id: RequestId,
    pub(super) encapsulated_key: SealingKey,
    pub(super) ciphertext: Vec<u8>,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    version: u16,
    request_id: RequestId,
    encapsulated_key: SealingKey,
    ciphertext: String,
}

impl SealedAnswer {
    /// Seals an outcome to the reply key of its request.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a reply key that nothing can be sealed to.
    pub fn seal(
        request: &SealedRequest,
        reply_key: &SealingKey,
        sender: &SealingSecret,
        outcome: &Outcome,
    ) -> Result<Self, Error> {
        let mut out = Writer::with_capacity(2 * PADDING);
        match outcome {
            Outcome::Answer(answer) => {
                out.u8(ANSWER).block(&answer.proof.to_bytes());
                put_salts(&mut out, &answer.output_salts);
                put_tensors(&mut out, &answer.outputs);
            }
            Outcome::Refusal(Refusal::Request(reason)) => {
                let end = reason.floor_char_boundary(EXPLANATION);
                out.u8(REQUEST_REFUSED).block(&reason.as_bytes()[..end]);
            }
            Outcome::Refusal(Refusal::Model) => {
                out.u8(MODEL_REFUSES);
            }
        }
        out.pad_to(PADDING);
        let context = Context {
            info: INFO,
            associated_data: &associated_data(&request.header, &request.digest()),
        };
        let sealed = hpke::seal(WHAT, reply_key, Some(sender), &context, &out.finish())?;
        Ok(Self {
            request_id: request.header.request_id,
            encapsulated_key: sealed.encapsulated_key,
            ciphertext: sealed.ciphertext,
        })
    }

    /// Opens an answer as its user.
    ///
    /// # Errors
    /// [`Error::WrongBinding`] for an answer to another request, [`Error::Sealed`] for one that is
    /// not sealed to this key, for this request, by this provider, and [`Error::Malformed`].
    pub(super) fn open(
        &self,
        header: &RequestHeader,
        envelope: &Digest,
        reply_key: &ReplyKey,
        provider: &SealingKey,
    ) -> Result<Outcome, Error> {
        if self.request_id != header.request_id {
            return Err(Error::WrongBinding {
                what: "request",
                expected: header.request_id.to_string(),
                found: self.request_id.to_string(),
            });
        }
        let context = Context {
            info: INFO,
            associated_data: &associated_data(header, envelope),
        };
        let plaintext = hpke::open(
            WHAT,
            reply_key,
            Some(provider),
            &context,
            &self.encapsulated_key,
            &self.ciphertext,
        )?;
        parse(&plaintext)
    }

    /// The JSON form.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let json = Json {
            version: VERSION,
            request_id: self.request_id,
            encapsulated_key: self.encapsulated_key,
            ciphertext: BASE64.encode(&self.ciphertext),
        };
        serde_json::to_vec(&json).map_err(malformed)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Version`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let json: Json = serde_json::from_slice(bytes).map_err(malformed)?;
        Error::check_version("an answer", VERSION, json.version)?;
        Ok(Self {
            request_id: json.request_id,
            encapsulated_key: json.encapsulated_key,
            ciphertext: BASE64.decode(&json.ciphertext).map_err(malformed)?,
        })
    }
}

fn associated_data(header: &RequestHeader, envelope: &Digest) -> Vec<u8> {
    [&header.encode()[..], envelope.as_bytes()].concat()
}

fn parse(plaintext: &[u8]) -> Result<Outcome, Error> {
    let mut reader = Reader::new(WHAT, plaintext);
    let outcome = match reader.u8()? {
        ANSWER => {
            let proof = Proof::from_bytes(reader.block()?)?;
            Outcome::Answer(Answer {
                proof,
                output_salts: take_salts(&mut reader)?,
                outputs: take_tensors(&mut reader)?,
            })
        }
        REQUEST_REFUSED => {
            let text = reader.block()?;
            if text.len() > EXPLANATION {
                let found = text.len();
                return Err(malformed(format!(
                    "expected an explanation of at most {EXPLANATION} bytes, found {found}"
                )));
            }
            let text = std::str::from_utf8(text).map_err(malformed)?;
            Outcome::Refusal(Refusal::Request(text.to_owned()))
        }
        MODEL_REFUSES => Outcome::Refusal(Refusal::Model),
        other => return Err(reader.malformed(format!("expected an answer or a refusal, found kind {other}"))),
    };
    reader.finish_padded(plaintext.len(), PADDING)?;
    Ok(outcome)
}

fn malformed(error: impl ToString) -> Error {
    Error::malformed(WHAT, error)
}
