//! The user's input as the manifest's integers.

use crate::args::InputArgs;
use crate::input::{Samples, Wanted};
use anyhow::Result;
use std::path::Path;
use zkml_network::{InputSchema, SignedManifest};

/// The files that the input lies in.
pub fn files(args: &InputArgs) -> impl Iterator<Item = &Path> {
    args.input.iter().map(|source| &*source.path)
}

/// Reads the input and turns it into integers.
pub fn integers(args: &InputArgs, manifest: &SignedManifest) -> Result<Vec<Vec<i64>>> {
    let schemas = &manifest.body().inputs;
    let wanted: Vec<Wanted> = schemas.iter().map(Wanted::from).collect();
    let samples = Samples::load(&args.input, &wanted, args.pixel_scale)?;
    let chosen = args.input.iter().find_map(|source| source.index);
    let tensors = samples.pick(args.index.or(chosen))?;
    let one = |(schema, tensor): (&InputSchema, &zkml::FloatTensor)| {
        let values: Vec<f32> = tensor.iter().copied().collect();
        Ok(schema.quantize(&values)?)
    };
    schemas.iter().zip(&tensors).map(one).collect()
}
