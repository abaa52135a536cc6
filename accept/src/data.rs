//! Models and data: those of the repository, and the folder of larger ones.

use anyhow::{Context, Result, ensure};
use ndarray::ArrayD;
use npyz::Deserialize;
use npyz::npz::NpzArchive;
use rand::SeedableRng;
use rand::distributions::{Distribution, Uniform};
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use zkml::{FloatTensor, Model};

/// The root of the workspace; for programs that run elsewhere than they were built, the folder `ZKML_ROOT`.
pub fn root() -> PathBuf {
    match std::env::var_os("ZKML_ROOT") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
    }
}

/// A file of the repository's `assets`.
pub fn asset(name: &str) -> PathBuf {
    root().join("assets").join(name)
}

/// A script of the repository's `benches`.
pub fn bench(name: &str) -> PathBuf {
    root().join("benches").join(name)
}

/// The folder of the larger models and the folder of their data: `ZKML_MODELS` and `ZKML_DATA`,
/// by default folders of a checkout's neighbour.
///
/// Fails with the reason why they cannot be used.
pub fn folders() -> Result<(PathBuf, PathBuf), String> {
    let folder = |variable: &str, default: PathBuf| {
        let folder = std::env::var_os(variable).map_or(default, PathBuf::from);
        match folder.is_dir() {
            true => Ok(folder),
            false => Err(format!(
                "no folder {}; name one with {variable}",
                folder.display()
            )),
        }
    };
    let models = folder("ZKML_MODELS", root().join("../shared/models"))?;
    let data = folder("ZKML_DATA", models.join("../data"))?;
    Ok((models, data))
}

/// An array of an archive.
pub fn array<T: Deserialize>(path: &Path, name: &str) -> Result<Vec<T>> {
    let mut archive = NpzArchive::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let array = archive.by_name(name)?;
    let array = array.with_context(|| format!("{}: expected an array {name}, found none", path.display()))?;
    Ok(array.into_vec()?)
}

/// Digits in floats from 0 to 1, and which digits they are.
pub struct Digits {
    pixels: Vec<f32>,
    /// The digit that each image shows.
    pub labels: Vec<usize>,
}

impl Digits {
    const PIXELS: usize = 28 * 28;

    /// Reads the arrays `images` and `labels`.
    pub fn load(path: &Path) -> Result<Self> {
        let pixels: Vec<u8> = array(path, "images")?;
        let labels: Vec<u8> = array(path, "labels")?;
        ensure!(
            pixels.len() == labels.len() * Self::PIXELS,
            "{}: expected 28 x 28 pixels for each of {} labels, found {} pixels",
            path.display(),
            labels.len(),
            pixels.len()
        );
        Ok(Self {
            pixels: pixels.iter().map(|p| f32::from(*p) / 255.0).collect(),
            labels: labels.into_iter().map(usize::from).collect(),
        })
    }

    /// The images, `batch` in each input; those that fill no batch are left out.
    pub fn inputs(&self, batch: usize) -> Result<Vec<Vec<FloatTensor>>> {
        self.pixels
            .chunks_exact(batch * Self::PIXELS)
            .map(|pixels| Ok(vec![tensor(&[batch, 1, 28, 28], pixels.to_vec())?]))
            .collect()
    }
}

/// A tensor of these elements.
pub fn tensor(shape: &[usize], values: Vec<f32>) -> Result<FloatTensor> {
    let found = values.len();
    ArrayD::from_shape_vec(shape.to_vec(), values).with_context(|| {
        format!(
            "expected {} elements for {shape:?}, found {found}",
            shape.iter().product::<usize>()
        )
    })
}

/// The inputs in a file `{"input_data": [[...], ...]}`, one list for each input of the model.
pub fn json_inputs(path: &Path, model: &Model) -> Result<Vec<FloatTensor>> {
    #[derive(serde::Deserialize)]
    struct File {
        input_data: Vec<Vec<f32>>,
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let File { input_data } = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    ensure!(
        input_data.len() == model.inputs().len(),
        "{}: expected {} inputs, found {}",
        path.display(),
        model.inputs().len(),
        input_data.len()
    );
    let inputs = model.inputs().iter().zip(input_data);
    inputs.map(|(info, values)| tensor(&info.shape, values)).collect()
}

/// Reproducible inputs, uniform over the range of the given one.
pub fn random_inputs(like: &[FloatTensor], seed: u64) -> Result<Vec<FloatTensor>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let one = |given: &FloatTensor| {
        let low = given.iter().copied().fold(-1.0f32, f32::min);
        let high = given.iter().copied().fold(1.0f32, f32::max);
        let uniform = Uniform::new_inclusive(low, high);
        tensor(
            given.shape(),
            (0..given.len()).map(|_| uniform.sample(&mut rng)).collect(),
        )
    };
    like.iter().map(one).collect()
}
