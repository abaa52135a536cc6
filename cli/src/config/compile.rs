//! What `zkml compile` does.

use super::labels::labels;
use super::paths::beside;
use crate::args::{CompileArgs, CompileChoices, Goal, ParamsSeenBy, SeenBy};
use crate::input::{PixelScale, Source};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use zkml::{CompileOptions, ImportOptions, Optimize, ParamVisibility, Visibility};

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
    /// Resolves the arguments.
    ///
    /// Fails for arguments that do not make sense, and without calibration data.
    pub fn resolve(args: CompileArgs) -> Result<Self> {
        let output = args.output_file.unwrap_or_else(|| beside(&args.model, "zkml"));
        Self::of_choices(args.model, output, args.choices)
    }

    /// Resolves the choices for a model that is compiled to a file, if it is to be kept.
    ///
    /// Fails as [`CompileConfig::resolve`].
    pub fn of_choices(model: PathBuf, output: PathBuf, args: CompileChoices) -> Result<Self> {
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
