//! The files of zkml: one container for all of them, and the helpers that read and write it.

mod atomic;
mod container;
mod reader;

pub use atomic::write_atomically;
pub use container::ArtifactKind;
pub(crate) use container::{load, open, save, seal};
pub(crate) use reader::{Reader, decode, encode, put_block};
