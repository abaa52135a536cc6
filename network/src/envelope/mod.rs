//! Messages between a user and a provider: sealed by HPKE (RFC 9180, X25519, HKDF-SHA256,
//! ChaCha20-Poly1305), in one binary encoding each, carried in JSON.
//!
//! A request is sealed in base mode: everyone who knows the manifest may ask. Its associated data is the
//! header, so that a header cannot be put on another ciphertext. An answer is sealed in
//! authenticated mode, by the key that the request was sealed to, to a key that was
//! made for this request alone; its associated data has the header and the digest of the
//! request's envelope, so that it opens as the answer to that request and to no other.

mod answer;
mod binding;
mod evm;
mod header;
mod hpke;
mod pending;
mod refusal;
mod request;

pub use answer::{Answer, Outcome, SealedAnswer};
pub use binding::Binding;
pub use evm::{Destination, EvmRecipient};
pub use header::RequestHeader;
pub use pending::{Asked, PendingRequest};
pub use refusal::Refusal;
pub use request::{OpenRequest, SealedRequest};
