//! What the examples share: the handwritten digits that come with the repository.

use std::path::PathBuf;
use zkml::FloatTensor;

/// Digits as images of 28 x 28 pixels from 0 to 1, with what they show.
pub struct Digits {
    images: Vec<u8>,
    labels: Vec<u8>,
}

impl Digits {
    /// Reads the digits of `assets/mnist_digits.npz`.
    pub fn load() -> Result<Self, Box<dyn std::error::Error>> {
        let mut archive = npyz::npz::NpzArchive::open(asset("mnist_digits.npz"))?;
        let mut array = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
            let array = archive.by_name(name)?.ok_or_else(|| format!("no array {name}"))?;
            Ok(array.into_vec()?)
        };
        Ok(Self {
            images: array("images")?,
            labels: array("labels")?,
        })
    }

    /// What a digit shows.
    pub fn label(&self, index: usize) -> u8 {
        self.labels[index]
    }

    /// The model's input for `count` digits.
    pub fn input(&self, first: usize, count: usize, shape: &[usize]) -> Vec<FloatTensor> {
        let pixels = &self.images[first * 784..(first + count) * 784];
        let pixels = pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect();
        vec![FloatTensor::from_shape_vec(shape, pixels).expect("784 pixels for each digit")]
    }
}

/// A file of the folder `assets`.
pub fn asset(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "assets", name].iter().collect()
}
