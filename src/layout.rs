//! The size of a circuit, for people.

use crate::VerifyingKey;
use crate::backend::{self, Shape};
use crate::error_bound::error_bits;
use serde::Serialize;

/// Rows and columns of a circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// log2 of the number of rows.
    pub k: u32,
    /// Number of rows.
    pub rows: usize,
    /// Columns that hold tensors.
    pub lanes: usize,
    /// Width of a cell of a lane in bits; the range table has as many rows as there are values.
    pub lane_bits: u32,
    /// All columns that the prover fills, the lanes among them.
    pub advice_columns: usize,
    /// Columns of the keys.
    pub fixed_columns: usize,
    /// Columns of public values.
    pub instance_columns: usize,
    /// Columns with copy constraints.
    pub permutation_columns: usize,
    /// Number of public values.
    pub public_values: usize,
    /// Degree of the constraint system.
    pub degree: usize,
    /// The statistical error of the proof system is at most `2^-error_bits` for each attempt of a prover that cheats.
    /// It is apart from what the proof system assumes: an SRS whose secret is unknown, and the security of BN254 and of the hash.
    pub error_bits: u32,
}

impl Layout {
    pub(crate) fn of(shape: &Shape) -> Self {
        let cs = backend::constraint_system(shape);
        Self {
            k: shape.k,
            rows: shape.rows(),
            lanes: shape.lanes.into(),
            lane_bits: shape.lane_bits,
            advice_columns: cs.num_advice_columns(),
            fixed_columns: cs.num_fixed_columns(),
            instance_columns: cs.num_instance_columns(),
            permutation_columns: cs.permutation().get_columns().len(),
            public_values: shape.public_values as usize,
            degree: cs.degree(),
            error_bits: error_bits(shape),
        }
    }
}

impl VerifyingKey {
    /// Rows and columns of the circuit.
    pub fn layout(&self) -> Layout {
        Layout::of(&self.parts.shape)
    }
}

#[cfg(feature = "prover")]
impl crate::CompiledModel {
    /// Rows and columns of the circuit.
    pub fn layout(&self) -> Layout {
        Layout::of(self.circuit.shape())
    }
}
