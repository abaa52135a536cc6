//! Domain-separated Blake2b-256.

use zkml::Digest;

/// The digest of byte strings. `domain` (at most 16 bytes) separates uses; every part is preceded
/// by its length (8 bytes, little-endian), so that no two lists of parts coincide.
pub(crate) fn digest(domain: &'static [u8], parts: &[&[u8]]) -> Digest {
    let mut state = blake2b_simd::Params::new()
        .hash_length(32)
        .personal(domain)
        .to_state();
    for part in parts {
        state.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(state.finalize().as_bytes());
    out.into()
}
