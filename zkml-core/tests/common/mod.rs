//! Helpers of the integration tests.
#![allow(dead_code)] // each test uses a part

use ndarray::IxDyn;
use serde_json::Value;
use std::path::{Path, PathBuf};
use zkml_core::float::FloatTensor;

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The folder with the larger models, if it is there.
pub fn models() -> Option<PathBuf> {
    let folder =
        std::env::var_os("ZKML_MODELS").map_or_else(|| workspace().join("../shared/models"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!(
        "not run: there are no models in {}; set ZKML_MODELS to their folder",
        folder.display()
    );
    None
}

/// A tensor of these elements.
pub fn tensor(shape: &[usize], data: Vec<f32>) -> FloatTensor {
    FloatTensor::from_shape_vec(IxDyn(shape), data).unwrap()
}

/// The numbers of a JSON array.
pub fn numbers(value: &Value) -> Vec<f32> {
    let list = value.as_array().unwrap();
    list.iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// Reproducible normally distributed numbers.
pub struct Normal(u64);

impl Normal {
    pub fn new(seed: u64) -> Self {
        Normal(seed)
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn sample(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.uniform()).cos()) as f32
    }

    pub fn tensor(&mut self, shape: &[usize]) -> FloatTensor {
        let count = shape.iter().product();
        tensor(shape, (0..count).map(|_| self.sample()).collect())
    }
}
