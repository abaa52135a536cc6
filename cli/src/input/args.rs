//! Inputs of a model.

use crate::input::{PixelScale, Samples, Source, Wanted};
use anyhow::Result;
use clap::Args;
use std::path::Path;
use zkml::{CompiledModel, FloatTensor};
use zkml_network::{InputSchema, SignedManifest};

/// The input of a run.
#[derive(Args, Debug)]
pub struct InputArgs {
    /// File with the input: .npy, .npz, .pb (ONNX tensor), .png or .json (EZKL's form)
    ///
    /// FILE.npz:ARRAY chooses an array of an archive, FILE.npz:ARRAY[I] one sample of it. A model
    /// with several inputs takes one file with all of them (.json, or .npz with arrays named like
    /// the inputs) or this option once per input, in the order of the model.
    #[arg(long, short, value_name = "FILE", required = true)]
    pub input: Vec<Source>,
    /// Which sample of a file that holds several, counted from 0
    #[arg(long, value_name = "I")]
    pub index: Option<usize>,
    /// What pixels and uint8 arrays are multiplied by, as a number or a fraction [default for PNG: 1/255]
    #[arg(long, value_name = "FACTOR")]
    pub pixel_scale: Option<PixelScale>,
}

impl InputArgs {
    /// The files that the input lies in.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.input.iter().map(|source| &*source.path)
    }

    /// Reads the input of a model.
    pub fn tensors(&self, model: &CompiledModel) -> Result<Vec<FloatTensor>> {
        self.pick(model.inputs().iter().map(Wanted::from).collect())
    }

    /// Reads the input of a published model as the manifest's integers.
    pub fn integers(&self, manifest: &SignedManifest) -> Result<Vec<Vec<i64>>> {
        let schemas = &manifest.body().inputs;
        let tensors = self.pick(schemas.iter().map(Wanted::from).collect())?;
        let one = |(schema, tensor): (&InputSchema, &FloatTensor)| {
            let values: Vec<f32> = tensor.iter().copied().collect();
            Ok(schema.quantize(&values)?)
        };
        schemas.iter().zip(&tensors).map(one).collect()
    }

    fn pick(&self, wanted: Vec<Wanted>) -> Result<Vec<FloatTensor>> {
        let samples = Samples::load(&self.input, &wanted, self.pixel_scale)?;
        let chosen = self.input.iter().find_map(|source| source.index);
        samples.pick(self.index.or(chosen))
    }
}
