//! A finished column.

use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use std::sync::Arc;

/// The values of a column from its first row on. Rows that are not given are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Signed integers, each standing for the field element of that value.
    Small(Vec<i32>),
    /// Field elements.
    Field(Vec<Fr>),
    /// Sums of entries of a table: row `r` holds `sum_j table[codes_j(r)]`. Such a column is
    /// committed to, and kept, by its codes.
    Dictionary {
        /// Where the codes are; at least one.
        codes: Vec<Codes>,
        /// Rows that are given; codes of later rows mean nothing.
        rows: usize,
        /// The table, which columns can share.
        table: Arc<Vec<Fr>>,
    },
}

/// Positions in the table of a [`Column::Dictionary`], by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// These.
    Own(Vec<i32>),
    /// The values of an advice column of an earlier phase, which is [`Column::Small`].
    Advice(usize),
}

impl Column {
    /// Number of rows given.
    pub fn len(&self) -> usize {
        match self {
            Self::Small(values) => values.len(),
            Self::Field(values) => values.len(),
            Self::Dictionary { rows, .. } => *rows,
        }
    }

    /// Whether no row is given.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same column as integers, if all of its values are small.
    pub(crate) fn compact(values: Vec<Fr>) -> Self {
        match integers(&values) {
            Some(small) => Self::Small(small),
            None => Self::Field(values),
        }
    }
}

/// The integers that field elements represent, if all are small.
pub(crate) fn integers(values: &[Fr]) -> Option<Vec<i32>> {
    values.iter().map(small).collect()
}

/// The integer that a field element represents, if it is a signed 32-bit one.
fn small(value: &Fr) -> Option<i32> {
    if *value == Fr::ZERO {
        return Some(0);
    }
    if let Some(magnitude) = low_word(value) {
        return i32::try_from(magnitude).ok();
    }
    low_word(&-value).and_then(|magnitude| i32::try_from(-i64::from(magnitude)).ok())
}

/// The value, if it is below `2^32`.
fn low_word(value: &Fr) -> Option<u32> {
    let repr = value.to_repr();
    let (low, high) = repr.as_ref().split_at(4);
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| u32::from_le_bytes([low[0], low[1], low[2], low[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_are_found_at_the_edges() {
        for value in [0, 1, -1, 77, i32::MAX, i32::MIN, i32::MIN + 1] {
            let magnitude = Fr::from(u64::from(value.unsigned_abs()));
            let element = if value < 0 { -magnitude } else { magnitude };
            assert_eq!(small(&element), Some(value));
        }
        for value in [1u64 << 31, 1 << 32, u64::MAX] {
            assert_eq!(small(&Fr::from(value)), None);
        }
        assert_eq!(small(&-Fr::from((1u64 << 31) + 1)), None);
        assert_eq!(small(&Fr::ROOT_OF_UNITY), None);
    }

    #[test]
    fn one_large_value_keeps_a_column_full() {
        let small = vec![Fr::ONE, -Fr::ONE];
        assert_eq!(Column::compact(small.clone()), Column::Small(vec![1, -1]));
        let full = vec![Fr::ONE, Fr::ROOT_OF_UNITY];
        assert_eq!(Column::compact(full.clone()), Column::Field(full));
    }
}
