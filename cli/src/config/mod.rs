//! Arguments that several commands share, and what they resolve to: defaults filled in, files that they name found, texts
//! parsed.

mod backend;
mod checked_keys;
mod commitment;
mod key_trust;
mod outputs;
mod proving_key;
mod published;
mod srs;
mod values;

pub use backend::{BackendArgs, choose_backend};
pub use checked_keys::CheckedKeys;
pub use commitment::{CommitmentPaths, Pinned, PinnedArgs, contract_of, load_salts, pinned};
pub use key_trust::{
    KeyChecked, KeyTrustArgs, SrsRequirement, check_published, fetch_circuit_and_srs, warn_of_srs,
};
pub use outputs::check_outputs;
pub use proving_key::{ProvingKeyArgs, load_proving_key};
pub use published::{PublishedPaths, beside, circuit_beside, load_prover, manifest_beside};
pub use srs::{SrsSource, standing};
pub use values::{seconds, service_url};
