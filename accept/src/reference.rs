//! The float reference: the outputs that tract computes for an ONNX file.

use crate::data::tensor;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use tract_onnx::prelude::{Framework, InferenceModelExt, IntoRunnable, TValue, TVec, Tensor};
use tract_onnx::tract_core::internal::DatumExt;
use zkml::FloatTensor;

/// Runs an ONNX file on each of the inputs, all of which have the shapes of the first.
pub fn outputs(path: &Path, inputs: &[Vec<FloatTensor>]) -> Result<Vec<Vec<FloatTensor>>> {
    // The shapes in the file may have open axes, and clash with those of the inputs.
    let onnx = tract_onnx::onnx()
        .with_ignore_output_shapes(true)
        .with_ignore_value_info(true);
    let mut model = onnx.model_for_path(path)?;
    for (index, input) in inputs.first().context("there is no input")?.iter().enumerate() {
        model.set_input_fact(index, f32::fact(input.shape()).into())?;
    }
    let runnable = model.into_typed()?.into_runnable()?;
    let value = |input: &FloatTensor| -> Result<TValue> {
        let data: Vec<f32> = input.iter().copied().collect();
        Ok(Tensor::from_shape(input.shape(), &data)?.into())
    };
    let output = |value: &TValue| {
        let value = value.cast_to::<f32>()?;
        let view = value.to_plain_array_view::<f32>()?;
        tensor(view.shape(), view.iter().copied().collect())
    };
    let run = |input: &Vec<FloatTensor>| {
        let values: TVec<TValue> = input.iter().map(value).collect::<Result<_>>()?;
        runnable.run(values)?.iter().map(output).collect()
    };
    inputs.iter().map(run).collect()
}

/// Largest distance of outputs from the reference, relative to the range that each output of the
/// reference has over all runs. The first index is the run, the second the output.
pub fn worst_error(found: &[Vec<Vec<f64>>], reference: &[Vec<FloatTensor>]) -> Result<f64> {
    ensure!(
        found.len() == reference.len(),
        "expected as many runs as the reference has"
    );
    let count = reference.first().map_or(0, Vec::len);
    let mut worst = 0.0f64;
    for output in 0..count {
        let (mut low, mut high, mut distance) = (f64::INFINITY, f64::NEG_INFINITY, 0.0f64);
        for (found, reference) in found.iter().zip(reference) {
            let (found, reference) = (&found[output], &reference[output]);
            ensure!(
                found.len() == reference.len(),
                "expected as many elements as the reference has"
            );
            for (x, y) in found.iter().zip(reference.iter().map(|y| f64::from(*y))) {
                (low, high) = (low.min(y), high.max(y));
                distance = distance.max((x - y).abs());
            }
        }
        // An output that is always the same number must be met exactly.
        let error = if distance == 0.0 {
            0.0
        } else {
            distance / (high - low)
        };
        worst = worst.max(error);
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_range_over_all_runs() {
        let reference = [[0.0, 2.0], [-2.0, 1.0]].map(|v| vec![tensor(&[2], v.to_vec()).unwrap()]);
        let found = [vec![vec![0.0, 2.0]], vec![vec![-2.0, 1.5]]];
        assert_eq!(worst_error(&found, &reference).unwrap(), 0.125);
        assert!(worst_error(&found[..1], &reference).is_err());
    }
}
