//! Circuits that use every feature of halo2 that a prover sees.

mod columns;
mod lookups;
mod phases;
mod tiny;

pub use columns::Columns;
pub use lookups::Lookups;
pub use phases::Phases;
pub use tiny::Tiny;
