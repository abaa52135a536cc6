//! A verifying key.

use crate::ModelLink;
use halo2_proofs::plonk::VerifyingKey;
use halo2curves::bn256::{G1Affine, G2Affine};

/// A verifying key with what it does not say itself.
#[derive(Clone, Debug)]
pub struct CircuitKey<'a> {
    /// The key as halo2 has it.
    pub halo2: &'a VerifyingKey<G1Affine>,
    /// log2 of the number of rows.
    pub k: u32,
    /// The secret of the SRS, in G2.
    pub s_g2: G2Affine,
    /// Number of instance columns that constraints read, the first ones.
    pub instance_columns: usize,
    /// Whether one more follows, which no constraint reads: proofs are bound to its values.
    pub context: bool,
    /// What proofs are linked to, where parameters are committed.
    pub link: Option<ModelLink>,
}
