//! The circuit's columns as the engine takes them.

use crate::backend::{Codes, PhaseColumn, WitnessColumn};
use zkml_prover::Column;

/// The columns of a phase ([`NetworkCircuit::columns`](crate::advanced::NetworkCircuit::columns)) as the engine takes them.
pub fn engine_columns(columns: Vec<PhaseColumn>) -> Vec<Column> {
    let codes = |codes| match codes {
        Codes::Own(codes) => zkml_prover::Codes::Own(codes),
        Codes::Advice(index) => zkml_prover::Codes::Advice(index),
    };
    let column = |column| match column {
        PhaseColumn::Cells(WitnessColumn::Small(values)) => Column::Small(values),
        PhaseColumn::Cells(WitnessColumn::Field(values)) => Column::Field(values),
        PhaseColumn::Sums {
            codes: lists,
            rows,
            table,
        } => Column::Dictionary {
            codes: lists.into_iter().map(codes).collect(),
            rows,
            table,
        },
    };
    columns.into_iter().map(column).collect()
}
