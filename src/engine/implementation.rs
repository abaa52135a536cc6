//! The choice between our engine and upstream's.

/// Which code makes a proof. Both make proofs of the same form, which every verifier accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Implementation {
    /// The engine of this project.
    #[default]
    Engine,
    /// The prover of the crate halo2-axiom, as a cross-check: slower, with more memory, on the CPU alone. Its commitments to
    /// the quotient are not blinded (docs/soundness.md, section 10). It proves no models with committed parameters ([`crate::Error::UpstreamLink`]).
    Upstream,
}
