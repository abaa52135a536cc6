//! The digits that are built in: 28 x 28 pixels each, from the MNIST test set.

use crate::input::{Array, Data, PixelScale, Samples, Wanted, read_npz};
use anyhow::{Context, Result, ensure};
use rand::seq::IteratorRandom;
use zkml::{FloatTensor, Model};

const FILE: &[u8] = include_bytes!("../../../../assets/mnist_digits.npz");

/// Rows and columns of a digit.
pub const SIDE: usize = 28;

/// Digits that the model is calibrated with.
const CALIBRATION: usize = 64;

/// The built-in digits.
pub struct Digits {
    images: Array,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl Digits {
    /// Unpacks the digits.
    pub fn load() -> Result<Self> {
        let arrays = read_npz("the built-in digits", FILE)?;
        let array = |name: &str| {
            let array = arrays.iter().find(|array| array.name.as_deref() == Some(name));
            let bytes = array.and_then(|array| match &array.data {
                Data::Bytes { values, .. } => Some((array.clone(), values.clone())),
                Data::Floats(_) => None,
            });
            bytes.with_context(|| format!("the built-in digits have no {name}"))
        };
        let (images, pixels) = array("images")?;
        let (_, labels) = array("labels")?;
        ensure!(
            pixels.len() == labels.len() * SIDE * SIDE,
            "the built-in digits and their labels differ in number"
        );
        Ok(Self {
            images,
            pixels,
            labels,
        })
    }

    /// A digit: the first one, or a random one, of all or of those with a label.
    pub fn choose(&self, label: Option<u8>, random: bool) -> Result<usize> {
        let mut fitting =
            (0..self.labels.len()).filter(|i| label.is_none_or(|label| self.labels[*i] == label));
        let chosen = if random {
            fitting.choose(&mut rand::thread_rng())
        } else {
            fitting.next()
        };
        chosen.context("the built-in digits have none of these")
    }

    /// The digit's value.
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// The digit's pixels.
    pub fn pixels(&self, index: usize) -> &[u8] {
        &self.pixels[index * SIDE * SIDE..][..SIDE * SIDE]
    }

    /// The digit as the model takes it.
    pub fn input(&self, index: usize, model: &Model) -> Result<Vec<FloatTensor>> {
        self.samples(model)?.get(index)
    }

    /// Inputs to calibrate with.
    pub fn calibration(&self, model: &Model) -> Result<Vec<Vec<FloatTensor>>> {
        self.samples(model)?.spread(CALIBRATION)
    }

    fn samples(&self, model: &Model) -> Result<Samples> {
        let wanted: Vec<Wanted> = model.inputs().iter().map(Wanted::from).collect();
        Samples::new(vec![self.images.clone()], &wanted, Some(PixelScale::UNIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zkml::ImportOptions;

    #[test]
    fn every_digit_is_there_and_can_be_chosen() {
        let digits = Digits::load().unwrap();
        for label in 0..10 {
            for random in [false, true] {
                let chosen = digits.choose(Some(label), random).unwrap();
                assert_eq!(digits.label(chosen), label);
            }
        }
        assert!(digits.choose(Some(10), false).is_err());
    }

    #[test]
    fn the_built_in_model_reads_the_built_in_digits() {
        let digits = Digits::load().unwrap();
        let model = Model::from_onnx(super::super::LENET, &ImportOptions::default()).unwrap();
        let right = (0..digits.labels.len())
            .filter(|i| {
                let logits = model
                    .run_float(&digits.input(*i, &model).unwrap())
                    .unwrap()
                    .remove(0);
                let best = logits
                    .iter()
                    .enumerate()
                    .max_by(|a, b| a.1.total_cmp(b.1))
                    .map(|(at, _)| at);
                best == Some(usize::from(digits.label(*i)))
            })
            .count();
        assert!(
            right * 100 >= digits.labels.len() * 95,
            "{right} of {}",
            digits.labels.len()
        );
    }
}
