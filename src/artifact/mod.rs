//! The files of zkml: one container for all of them, and the helpers that read and write it.

mod atomic;
mod container;
mod file;
mod kind;
mod reader;

pub use atomic::{write_atomically, write_new_secret, write_secret};
#[cfg(feature = "prover")]
pub(crate) use container::save_secret;
pub use container::seal;
pub(crate) use container::{load, open, save};
pub(crate) use file::artifact_file;
pub use kind::ArtifactKind;
pub(crate) use reader::{Reader, decode, encode, put_block};
