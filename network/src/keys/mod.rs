//! Secret keys: a provider's, a user's one-time reply key, and files of them.

mod file;
mod identity;
mod secret;
mod secret_file;

pub use file::ProviderKeys;
pub use identity::Identity;
pub use secret::{ReplyKey, SealingSecret};
pub(crate) use secret::{Suite, public_key};
pub(crate) use secret_file::SecretFile;
