//! Inputs and outputs of a published model.

use super::malformed;
use crate::Error;
use serde::{Deserialize, Serialize};
use zkml::advanced::fixed_point::{dequantize, quantize_value};
use zkml::advanced::is_plain;
use zkml::commitments::TensorForm;
use zkml::{Role, TensorInfo};

/// Elements that an input or an output may have.
const ELEMENTS: usize = 1 << 24;

/// An input, and everything that a user needs to turn real numbers into its integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InputSchema {
    /// Name in the ONNX file.
    pub name: String,
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
    /// An integer `q` represents `q * 2^-scale`.
    pub scale: i32,
    /// Integers lie in `[-2^(bits - 1), 2^(bits - 1))`.
    pub bits: u32,
    /// Whether values outside become the nearest one inside; otherwise they are refused.
    pub saturate: bool,
}

impl InputSchema {
    /// Number of elements.
    ///
    /// # Errors
    /// [`Error::Malformed`] for more than a message holds.
    pub fn elements(&self) -> Result<usize, Error> {
        elements(&self.name, &self.shape)
    }

    /// Smallest and largest integer.
    pub fn range(&self) -> (i64, i64) {
        let half = 1i64 << (self.bits.clamp(1, 63) - 1);
        (-half, half - 1)
    }

    /// Smallest and largest real number.
    pub fn real_range(&self) -> (f64, f64) {
        let (lo, hi) = self.range();
        (dequantize(lo, self.scale), dequantize(hi, self.scale))
    }

    /// The integers of real numbers, row-major: `round(x * 2^scale)`, halves up, exactly as the
    /// provider's model does it.
    ///
    /// # Errors
    /// [`Error::Input`] for another number of values, for NaN and infinities, and for values out of
    /// range unless the model saturates.
    pub fn quantize(&self, values: &[f32]) -> Result<Vec<i64>, Error> {
        self.expect(
            values.len() == self.elements()?,
            || format!("{} values", self.shape.iter().product::<usize>()),
            || values.len().to_string(),
        )?;
        let (lo, hi) = self.range();
        let (least, most) = self.real_range();
        let one = |(position, x): (usize, &f32)| {
            let x = f64::from(*x);
            self.expect(
                x.is_finite(),
                || "finite numbers".to_owned(),
                || format!("{x} at position {position}"),
            )?;
            let x = if self.saturate { x.clamp(least, most) } else { x };
            match quantize_value(x, self.scale) {
                Ok(q) if (lo..=hi).contains(&q) => Ok(q),
                _ => Err(self.refused(
                    format!("values from {least} to {most}"),
                    format!("{x} at position {position}"),
                )),
            }
        };
        values.iter().enumerate().map(one).collect()
    }

    /// Checks integers that came from elsewhere.
    ///
    /// # Errors
    /// [`Error::Input`].
    pub fn check(&self, integers: &[i64]) -> Result<(), Error> {
        let elements = self.elements()?;
        self.expect(
            integers.len() == elements,
            || format!("{elements} values"),
            || integers.len().to_string(),
        )?;
        let (lo, hi) = self.range();
        match integers.iter().position(|q| !(lo..=hi).contains(q)) {
            None => Ok(()),
            Some(position) => Err(self.refused(
                format!("integers from {lo} to {hi}"),
                format!("one beyond at position {position}"),
            )),
        }
    }

    fn expect(
        &self,
        holds: bool,
        expected: impl FnOnce() -> String,
        found: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        match holds {
            true => Ok(()),
            false => Err(self.refused(expected(), found())),
        }
    }

    fn refused(&self, expected: String, found: String) -> Error {
        Error::Input {
            name: self.name.clone(),
            expected,
            found,
        }
    }

    /// The input as a proof shows it.
    pub(crate) fn info(&self) -> TensorInfo {
        TensorInfo {
            name: self.name.clone(),
            role: Role::Input,
            shape: self.shape.clone(),
            scale: self.scale,
            labels: Vec::new(),
        }
    }

    /// The input as a commitment states it.
    pub(crate) fn form(&self) -> TensorForm {
        TensorForm {
            shape: self.shape.clone(),
            scale: self.scale,
            bits: self.bits,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        plain(&self.name)?;
        self.elements()?;
        match self.bits {
            1..=62 => Ok(()),
            bits => Err(malformed(format!(
                "expected 1 to 62 bits for the input {}, found {bits}",
                self.name
            ))),
        }
    }
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "service", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OutputSchema {
    /// Name in the ONNX file.
    pub name: String,
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
    /// An integer `q` represents `q * 2^-scale`.
    pub scale: i32,
    /// Width that a commitment states; 0 for an output without one.
    pub bits: u32,
    /// Class labels by index along the last axis; empty if the model has none.
    pub labels: Vec<String>,
}

impl OutputSchema {
    /// The output as a proof shows it.
    pub(crate) fn info(&self) -> TensorInfo {
        TensorInfo {
            name: self.name.clone(),
            role: Role::Output,
            shape: self.shape.clone(),
            scale: self.scale,
            labels: self.labels.clone(),
        }
    }

    /// The output as a commitment states it.
    pub(crate) fn form(&self) -> TensorForm {
        TensorForm {
            shape: self.shape.clone(),
            scale: self.scale,
            bits: self.bits,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        plain(&self.name)?;
        self.labels.iter().try_for_each(|label| plain(label))?;
        elements(&self.name, &self.shape).map(|_| ())
    }
}

/// Names and labels are shown by people who did not choose them.
fn plain(text: &str) -> Result<(), Error> {
    match is_plain(text) {
        true => Ok(()),
        false => Err(malformed(format!(
            "expected names and labels without control characters, found {text:?}"
        ))),
    }
}

fn elements(name: &str, shape: &[usize]) -> Result<usize, Error> {
    shape
        .iter()
        .try_fold(1usize, |len, axis| len.checked_mul(*axis))
        .filter(|len| *len <= ELEMENTS)
        .ok_or_else(|| {
            malformed(format!(
                "expected at most {ELEMENTS} elements in {name}, found more"
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(saturate: bool) -> InputSchema {
        InputSchema {
            name: "x".to_owned(),
            shape: vec![2],
            scale: 2,
            bits: 4,
            saturate,
        }
    }

    #[test]
    fn numbers_become_integers_in_range() {
        let input = input(false);
        assert_eq!(input.range(), (-8, 7));
        assert_eq!(input.quantize(&[0.5, -2.0]).unwrap(), [2, -8]);
        // Halves go up, as in the model.
        assert_eq!(input.quantize(&[0.125, -0.125]).unwrap(), [1, 0]);
        for bad in [
            &[0.5][..],
            &[f32::NAN, 0.0],
            &[f32::INFINITY, 0.0],
            &[1.9, 0.0],
            &[1e30, 0.0],
        ] {
            assert!(matches!(input.quantize(bad), Err(Error::Input { .. })), "{bad:?}");
        }
    }

    #[test]
    fn saturation_clamps_but_takes_no_infinity() {
        assert_eq!(input(true).quantize(&[100.0, -1e30]).unwrap(), [7, -8]);
        assert!(input(true).quantize(&[f32::INFINITY, 0.0]).is_err());
    }

    #[test]
    fn integers_are_checked_and_not_quoted() {
        let input = input(false);
        input.check(&[-8, 7]).unwrap();
        assert!(input.check(&[0]).is_err());
        let error = input.check(&[0, 123_456]).unwrap_err().to_string();
        assert!(!error.contains("123456"), "{error}");
    }

    #[test]
    fn absurd_shapes_are_malformed() {
        let mut input = input(false);
        input.shape = vec![usize::MAX, 2];
        assert!(input.validate().is_err());
        input.shape = vec![1];
        for bits in [0, 63, u32::MAX] {
            input.bits = bits;
            assert!(input.validate().is_err());
        }
    }
}
