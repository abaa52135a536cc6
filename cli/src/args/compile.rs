//! `zkml compile`.

use super::ContextLength;
use crate::input::PixelScale;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Turn an ONNX model into integers and a circuit.
///
/// The widths and scales of all tensors are chosen so that the integer model meets --accuracy on
/// the calibration data. The result holds the weights: keep it as you keep the model.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompileArgs {
    /// The ONNX model
    #[arg(value_name = "MODEL.onnx")]
    pub model: PathBuf,
    /// Where to write [default: the model's path with the extension .zkml]
    #[arg(short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// How it is compiled.
    #[command(flatten)]
    pub choices: CompileChoices,
}

/// All that a compiled model depends on besides the ONNX file.
#[derive(Args, Debug)]
pub struct CompileChoices {
    /// Typical inputs (.npy, .npz, .pb, .png, .json; may be repeated), or `random`, `random:LO:HI`
    ///
    /// Inputs far outside what is seen here are refused when proving. `random` is for trying
    /// things out: it takes uniform numbers from -1 to 1, or from LO to HI.
    #[arg(long, short, value_name = "DATA")]
    pub calibrate: Vec<String>,
    /// The most samples of each calibration file that are used, evenly spread over it
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub samples: u32,
    /// What pixels and uint8 arrays are multiplied by, as a number or a fraction [default for PNG: 1/255]
    #[arg(long, value_name = "FACTOR")]
    pub pixel_scale: Option<PixelScale>,
    /// Who sees the inputs
    #[arg(long, value_enum, value_name = "VISIBILITY", default_value = "private")]
    pub input: SeenBy,
    /// Who sees the outputs
    #[arg(long, value_enum, value_name = "VISIBILITY", default_value = "public")]
    pub output: SeenBy,
    /// Who sees the parameters; `fixed` makes them part of the verifying key
    #[arg(long, value_enum, value_name = "VISIBILITY", default_value = "private")]
    pub params: ParamsSeenBy,
    /// What every proof is bound to besides: `request` for private inference, `coordinator` for the contract
    /// InferenceCoordinator, or a number of public values of 32 bytes each
    #[arg(long, value_name = "request|coordinator|N", default_value = "0")]
    pub context: ContextLength,
    /// What the circuit's layout is chosen for
    #[arg(long, value_enum, default_value = "prover")]
    pub optimize: Goal,
    /// Give every input an output: values that could leave their range are clamped, and the clamping is proven
    ///
    /// Without it an input that drives a value out of its range is refused, which tells its sender about hidden weights.
    #[arg(long)]
    pub saturate: bool,
    /// Smallest and largest value of the inputs, which are clamped to them: the less can reach a value, the fewer
    /// values need a clamp
    #[arg(long, value_name = "LO,HI", requires = "saturate", allow_hyphen_values = true)]
    pub input_range: Option<String>,
    /// Length of a symbolic first axis of the inputs: so many samples in one proof
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Length of another symbolic axis (may be repeated)
    #[arg(long, value_name = "NAME=LENGTH")]
    pub dim: Vec<String>,
    /// Class labels: `cat,dog,...`, or a text file with one label per line
    #[arg(long, value_name = "LIST|FILE")]
    pub labels: Option<String>,
    /// Largest error of an output on the calibration data, relative to that output's range
    #[arg(long, value_name = "ERROR", default_value_t = 0.002)]
    pub accuracy: f64,
    /// Take the most accurate model found where --accuracy is out of reach
    #[arg(long)]
    pub accept_error: bool,
    /// Width of a limb in bits, 8 to 16
    #[arg(long, value_name = "N")]
    pub lane_bits: Option<u32>,
}

const EXAMPLES: &str = "\
Examples:
  zkml compile model.onnx --calibrate samples.npz
  zkml compile mnist.onnx --calibrate digits.npz:images --pixel-scale 1/255 --batch 16
  zkml compile model.onnx --calibrate input.json --labels cat,dog --params fixed -o pets.zkml
  zkml compile model.onnx --calibrate random";

/// Who sees a tensor.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenBy {
    /// The prover only
    Private,
    /// Everyone: part of the claim
    Public,
    /// The prover only; a salted commitment is part of the claim
    Hashed,
}

/// Who sees the parameters.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsSeenBy {
    /// The prover only
    Private,
    /// Everyone: part of the claim
    Public,
    /// Everyone: part of the verifying key
    Fixed,
    /// The prover only; a salted commitment is part of the claim
    Hashed,
    /// The prover only; proofs are about the weights of a published model commitment
    Committed,
}

/// What a circuit is laid out for.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Fast proofs
    Prover,
    /// Small proofs and fast verification
    Verifier,
    /// Cheap verification by a smart contract
    Evm,
}
