//! Arrays as files hold them.

use super::PixelScale;
use anyhow::{Result, bail};

/// Elements, row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Numbers.
    Floats(Vec<f32>),
    /// Bytes, which mean numbers only together with a scale.
    Bytes {
        /// The bytes.
        values: Vec<u8>,
        /// The scale that goes without saying for this format, if there is one.
        usual: Option<PixelScale>,
    },
}

/// An array of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// What messages call it: the file, and the array's name if it has one.
    pub label: String,
    /// Its name in the file.
    pub name: Option<String>,
    /// Its shape; the data have exactly as many elements.
    pub shape: Vec<usize>,
    /// Its elements.
    pub data: Data,
}

impl Array {
    /// The numbers at these positions; bytes are multiplied by the scale.
    ///
    /// Fails for bytes without a scale, and for NaN and infinities.
    pub fn numbers(&self, range: std::ops::Range<usize>, scale: Option<PixelScale>) -> Result<Vec<f32>> {
        match &self.data {
            Data::Bytes { values, usual } => {
                let Some(PixelScale(scale)) = scale.or(*usual) else {
                    bail!(
                        "{}: the array holds bytes (uint8): say what they are multiplied by, \
                         --pixel-scale 1/255 for pixels or --pixel-scale 1 to take them as they are",
                        self.label
                    );
                };
                Ok(values[range].iter().map(|x| f32::from(*x) * scale).collect())
            }
            Data::Floats(values) => {
                let start = range.start;
                let values = &values[range];
                if let Some(at) = values.iter().position(|x| !x.is_finite()) {
                    bail!(
                        "{}: expected finite numbers, found {} at position {}; remove or replace it",
                        self.label,
                        values[at],
                        start + at
                    );
                }
                Ok(values.to_vec())
            }
        }
    }
}
