//! Public values: where they stand, and what they mean.

use crate::Error;
use crate::error::limit;
use zkml_verifier::CircuitKey;

/// A tensor of a model's outputs among the public values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputTensor {
    /// Its first public value.
    pub first: usize,
    /// Number of values.
    pub len: usize,
    /// An integer `q` stands for `q * 2^-scale`.
    pub scale: i32,
}

/// Where public values stand in the instance columns, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicLayout {
    /// Number of public values that constraints are about.
    pub values: usize,
    /// How many of them, the first ones, are integers of at most 63 bits and a sign; the others may be any
    /// field element.
    pub integers: usize,
    /// Number of further public values, which follow and stand in an instance column of their own that
    /// no constraint reads: a proof is bound to them.
    pub context: usize,
    /// Number of instance columns for the first ones: position `i` is in column `i mod columns`.
    pub columns: usize,
    /// It stands in row `i / columns * stride`; all other cells are 0.
    pub stride: usize,
    /// Position `i` holds public value `order[i]`; in order if `None`.
    pub order: Option<Vec<u32>>,
    /// The outputs.
    pub outputs: Vec<OutputTensor>,
}

impl PublicLayout {
    /// Checks what the contracts rely on, for this circuit.
    pub(crate) fn check(&self, circuit: &CircuitKey<'_>) -> Result<(), Error> {
        if (circuit.instance_columns, circuit.context) != (self.columns, self.context > 0) {
            return Err(unsupported(
                "with the instance columns of its public values",
                circuit.instance_columns.to_string(),
            ));
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), Error> {
        let values = self.values;
        if (values == 0) != (self.columns == 0) || self.columns > values || self.stride == 0 {
            return Err(unsupported(
                "whose instance columns have values",
                format!("{values} values in {} columns", self.columns),
            ));
        }
        limit(
            "public values",
            u16::MAX.into(),
            values.saturating_add(self.context),
            "",
        )?;
        if let Some(order) = &self.order {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if !sorted.iter().map(|i| *i as usize).eq(0..values) {
                return Err(unsupported(
                    "that has each public value in one position",
                    format!("{} positions of {values} values", order.len()),
                ));
            }
        }
        if self.integers > values {
            return Err(zkml_verifier::Error::Mismatch {
                what: "integers among the public values",
                expected: values,
                found: self.integers,
            }
            .into());
        }
        for output in &self.outputs {
            let end = output.first.saturating_add(output.len);
            if end > self.integers {
                return Err(unsupported(
                    "whose outputs are integers",
                    format!("outputs up to value {end} and {} integers", self.integers),
                ));
            }
            // An integer times 10^18 and 2^60 fits the 256 bits of a fixed-point number.
            if !(-60..=200).contains(&output.scale) {
                return Err(unsupported(
                    "whose outputs have scales from -60 to 200",
                    output.scale.to_string(),
                ));
            }
        }
        Ok(())
    }
}

fn unsupported(expected: &'static str, found: String) -> Error {
    zkml_verifier::Error::Unsupported { expected, found }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> PublicLayout {
        PublicLayout {
            values: 4,
            integers: 3,
            context: 2,
            columns: 2,
            stride: 3,
            order: Some(vec![3, 0, 2, 1]),
            outputs: vec![OutputTensor {
                first: 1,
                len: 2,
                scale: -60,
            }],
        }
    }

    #[test]
    fn what_contracts_rely_on_is_checked() {
        layout().check_values().unwrap();
        let changes: [fn(&mut PublicLayout); 12] = [
            |l| l.columns = 0,
            |l| l.columns = 5,
            |l| l.values = 0,
            |l| l.stride = 0,
            |l| l.context = u16::MAX.into(),
            |l| l.context = usize::MAX,
            |l| l.order = Some(vec![0, 1, 2]),
            |l| l.order = Some(vec![0, 1, 1, 3]),
            |l| l.integers = 5,
            |l| l.outputs[0].len = 3,
            |l| l.outputs[0].first = usize::MAX,
            |l| l.outputs[0].scale = -61,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut bad = layout();
            change(&mut bad);
            assert!(bad.check_values().is_err(), "change {i}");
        }
    }
}
