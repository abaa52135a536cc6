//! What a compiled model depends on besides the ONNX file; `zkml key check` takes the same options.

use super::context::ContextLength;
use super::labels::labels;
use crate::input::{PixelScale, Source};
use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use zkml::{CompileOptions, ImportOptions, Optimize, ParamVisibility, Visibility};

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

/// Where calibration data come from.
pub enum Calibration {
    /// Files.
    Files(Vec<Source>),
    /// Uniform numbers from a range.
    Random(Range<f32>),
}

impl Calibration {
    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let sources = match self {
            Self::Files(sources) => &sources[..],
            Self::Random(_) => &[],
        };
        sources.iter().map(|source| &*source.path)
    }
}

/// What `zkml compile` does.
pub struct CompileConfig {
    /// The ONNX file.
    pub model: PathBuf,
    /// The compiled model.
    pub output: PathBuf,
    /// What the ONNX file leaves open.
    pub import: ImportOptions,
    /// How it is compiled.
    pub options: CompileOptions,
    /// Calibration data.
    pub calibration: Calibration,
    /// The most samples of a file.
    pub samples: usize,
    /// What bytes are multiplied by.
    pub pixel_scale: Option<PixelScale>,
}

impl CompileConfig {
    /// Resolves the choices for a model; `output` is the file of the compiled model, if it is to be kept.
    ///
    /// Fails for choices that do not make sense, and without calibration data.
    pub fn resolve(model: PathBuf, output: PathBuf, args: CompileChoices) -> Result<Self> {
        ensure!(
            args.accuracy.is_finite() && args.accuracy > 0.0,
            "--accuracy: expected a positive number such as 0.002, found {}",
            args.accuracy
        );
        ensure!(args.batch != Some(0), "--batch: expected at least 1, found 0");
        let mut options = CompileOptions::default()
            .inputs(visibility(args.input))
            .outputs(visibility(args.output))
            .params(match args.params {
                ParamsSeenBy::Private => ParamVisibility::Private,
                ParamsSeenBy::Public => ParamVisibility::Public,
                ParamsSeenBy::Fixed => ParamVisibility::Fixed,
                ParamsSeenBy::Hashed => ParamVisibility::Hashed,
                ParamsSeenBy::Committed => ParamVisibility::Committed,
            })
            .context(args.context.0)
            .optimize(match args.optimize {
                Goal::Prover => Optimize::Prover,
                Goal::Verifier => Optimize::Verifier,
                Goal::Evm => Optimize::Evm,
            })
            .accuracy(args.accuracy)
            .accept_error(args.accept_error)
            .saturate(args.saturate);
        if let Some(bits) = args.lane_bits {
            options = options.lane_bits(bits);
        }
        if let Some(text) = &args.input_range {
            let (lo, hi) = input_range(text)?;
            options = options.input_range(lo, hi);
        }
        Ok(Self {
            output,
            import: ImportOptions {
                batch: args.batch,
                dims: args
                    .dim
                    .iter()
                    .map(|text| dim(text))
                    .collect::<Result<BTreeMap<_, _>>>()?,
                labels: args
                    .labels
                    .as_deref()
                    .map(labels)
                    .transpose()?
                    .unwrap_or_default(),
            },
            options,
            calibration: calibration(&args.calibrate)?,
            samples: args.samples as usize,
            pixel_scale: args.pixel_scale,
            model,
        })
    }
}

/// Two numbers, the smaller one first.
fn input_range(text: &str) -> Result<(f64, f64)> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
    let range = text
        .split_once(',')
        .and_then(|(lo, hi)| Some((number(lo)?, number(hi)?)));
    range.filter(|(lo, hi)| lo < hi).with_context(|| {
        format!("--input-range: expected two numbers, the smaller one first, such as 0,1; found {text:?}")
    })
}

fn visibility(seen_by: SeenBy) -> Visibility {
    match seen_by {
        SeenBy::Private => Visibility::Private,
        SeenBy::Public => Visibility::Public,
        SeenBy::Hashed => Visibility::Hashed,
    }
}

fn dim(text: &str) -> Result<(String, usize)> {
    text.split_once('=')
        .and_then(|(name, length)| Some((name.to_owned(), length.parse().ok().filter(|l| *l > 0)?)))
        .ok_or_else(|| anyhow!("--dim: expected NAME=LENGTH with a length of at least 1, found {text}"))
}

fn calibration(texts: &[String]) -> Result<Calibration> {
    if texts.is_empty() {
        bail!(
            "there is no calibration data, and without it no ranges of the tensors: give typical inputs with \
             --calibrate FILE (.npy, .npz, .pb, .png, .json), or --calibrate random to try things out"
        );
    }
    let random: Vec<_> = texts
        .iter()
        .filter(|text| *text == "random" || text.starts_with("random:"))
        .collect();
    match (&random[..], texts.len()) {
        ([], _) => {
            let sources = texts
                .iter()
                .map(|text| text.parse().map_err(|e| anyhow!("--calibrate {text}: {e}")));
            Ok(Calibration::Files(sources.collect::<Result<_>>()?))
        }
        ([text], 1) => Ok(Calibration::Random(range(text)?)),
        _ => bail!("--calibrate random goes alone: expected it once and no files, found more"),
    }
}

fn range(text: &str) -> Result<Range<f32>> {
    let Some(bounds) = text.strip_prefix("random:") else {
        return Ok(-1.0..1.0);
    };
    let number = |text: &str| text.parse::<f32>().ok().filter(|x| x.is_finite());
    bounds
        .split_once(':')
        .and_then(|(lo, hi)| Some(number(lo)?..number(hi)?))
        .filter(|range| range.start < range.end && (range.end - range.start).is_finite())
        .ok_or_else(|| anyhow!("--calibrate: expected random:LO:HI with LO below HI, found {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibrated(texts: &[&str]) -> Result<Calibration> {
        calibration(&texts.iter().map(|t| t.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn calibration_is_files_or_random() {
        assert!(
            matches!(calibrated(&["a.npy", "b.npz:x"]).unwrap(), Calibration::Files(files) if files.len() == 2)
        );
        assert!(matches!(calibrated(&["random"]).unwrap(), Calibration::Random(r) if r == (-1.0..1.0)));
        assert!(matches!(calibrated(&["random:0:2.5"]).unwrap(), Calibration::Random(r) if r == (0.0..2.5)));
        for bad in [
            &[][..],
            &["random", "a.npy"],
            &["random:1:0"],
            &["random:0:inf"],
            &["random:0"],
        ] {
            assert!(calibrated(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn dims_have_a_name_and_a_length() {
        assert_eq!(dim("seq=12").unwrap(), ("seq".to_owned(), 12));
        for bad in ["seq", "seq=", "seq=0", "seq=-1"] {
            assert!(dim(bad).is_err(), "{bad}");
        }
    }
}
