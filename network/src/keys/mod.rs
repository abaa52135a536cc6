//! Secret keys: a provider's, in a file of its own, and a user's one-time reply key.

mod file;
mod secret;

pub use file::ProviderKeys;
pub(crate) use file::{read_secret, write_secret};
pub use secret::{ReplyKey, SealingSecret};
pub(crate) use secret::{Suite, public_key};
