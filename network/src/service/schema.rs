//! JSON forms that the protocol's own code reads and writes, as the OpenAPI document shows them.

use utoipa::ToSchema;

/// A sealed request, as [`crate::SealedRequest::to_json`] writes it.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "documents the form that the protocol's own code reads and writes"
)]
pub(super) struct RequestBody {
    /// 1.
    version: u16,
    /// 64 hex digits, chosen at random for this request.
    request_id: String,
    /// Digest of the manifest: 64 hex digits.
    model: String,
    /// When the request ends, in seconds since 1970.
    expiry: u64,
    /// `0x` and 40 hex digits, or null.
    evm_address: Option<String>,
    /// HPKE's encapsulated key: 64 hex digits.
    encapsulated_key: String,
    /// HPKE's ciphertext in base64.
    ciphertext: String,
}

/// A sealed answer, as [`crate::SealedAnswer::to_json`] writes it.
#[derive(ToSchema)]
#[allow(
    dead_code,
    reason = "documents the form that the protocol's own code reads and writes"
)]
pub(super) struct AnswerBody {
    /// 1.
    version: u16,
    /// The request that it answers: 64 hex digits.
    request_id: String,
    /// HPKE's encapsulated key: 64 hex digits.
    encapsulated_key: String,
    /// HPKE's ciphertext in base64.
    ciphertext: String,
}
