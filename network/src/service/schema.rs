//! JSON forms that the protocol's own code reads and writes, as the OpenAPI document shows them.

use utoipa::ToSchema;

/// A sealed request, as [`crate::SealedRequest::to_json`] writes it.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "documents the form that the protocol's own code reads and writes"
)]
pub(super) struct RequestBody {
    /// 2.
    version: u16,
    /// 64 hex digits, chosen at random for this request.
    request_id: String,
    /// Digest of the manifest: 64 hex digits.
    model: String,
    /// When the request ends, in seconds since 1970.
    expiry: u64,
    /// Whom the answer is for on an EVM chain, and where, or null.
    evm: Option<RecipientBody>,
    /// The Ed25519 key of who asks: 64 hex digits, or null.
    identity: Option<String>,
    /// HPKE's encapsulated key: 64 hex digits.
    encapsulated_key: String,
    /// HPKE's ciphertext in base64.
    ciphertext: String,
    /// The identity's signature: 128 hex digits, or null.
    signature: Option<String>,
}

/// An account on an EVM chain, and the contract that takes the proof from it.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "documents the form that the protocol's own code reads and writes"
)]
struct RecipientBody {
    /// The account: `0x` and 40 hex digits.
    account: String,
    /// Id of the chain, at least 1.
    chain: u64,
    /// The contract: `0x` and 40 hex digits.
    registry: String,
}

/// A sealed answer, as [`crate::SealedAnswer::to_json`] writes it.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "documents the form that the protocol's own code reads and writes"
)]
pub(super) struct AnswerBody {
    /// 2.
    version: u16,
    /// The request that it answers: 64 hex digits.
    request_id: String,
    /// HPKE's encapsulated key: 64 hex digits.
    encapsulated_key: String,
    /// HPKE's ciphertext in base64.
    ciphertext: String,
}
