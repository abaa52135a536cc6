//! A column under assignment.

use ff::{BatchInvert, Field};
use halo2_proofs::plonk::Assigned;
use halo2curves::bn256::Fr;
use std::collections::BTreeMap;

/// Values of a column as a circuit assigns them: fractions are kept apart, and inverted together
/// at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellColumn {
    numerators: Vec<Fr>,
    denominators: BTreeMap<usize, Fr>,
}

impl CellColumn {
    /// Assigns a row; the last value counts.
    pub fn set(&mut self, row: usize, value: Assigned<Fr>) {
        if row >= self.numerators.len() {
            self.numerators.resize(row + 1, Fr::ZERO);
        }
        self.numerators[row] = value.numerator();
        match value.denominator() {
            Some(denominator) => {
                self.denominators.insert(row, denominator);
            }
            None if self.denominators.is_empty() => {}
            None => {
                self.denominators.remove(&row);
            }
        }
    }

    /// The values up to the last row assigned. A fraction with the denominator zero is zero.
    pub fn finish(self) -> Vec<Fr> {
        let mut values = self.numerators;
        let (rows, mut inverses): (Vec<usize>, Vec<Fr>) = self.denominators.into_iter().unzip();
        inverses.iter_mut().batch_invert();
        for (row, inverse) in rows.into_iter().zip(inverses) {
            values[row] *= inverse;
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_and_overwriting() {
        let two = Fr::from(2);
        let mut column = CellColumn::default();
        column.set(3, Assigned::Rational(Fr::from(6), two));
        column.set(1, Assigned::Rational(Fr::from(5), Fr::ZERO));
        column.set(2, Assigned::Rational(Fr::ONE, two));
        column.set(2, Assigned::Trivial(Fr::from(9)));
        column.set(4, Assigned::Zero);
        let expected = [0, 0, 9, 3, 0].map(Fr::from);
        assert_eq!(column.finish(), expected);
    }
}
