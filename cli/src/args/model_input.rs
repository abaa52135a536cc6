//! Inputs of a model.

use crate::input::{PixelScale, Source};
use clap::Args;

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
