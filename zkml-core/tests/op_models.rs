//! Small models of every operator: import, the float executor, quantisation and the integer
//! executor against onnxruntime, and the float executor against tract.

mod common;

use common::{assert_close, op_models, run_tract};
use zkml_core::{
    float::FloatTensor,
    quantize::{QuantizeOptions, quantize},
};

#[test]
fn the_float_executor_agrees_with_onnxruntime() {
    for model in op_models() {
        for (inputs, expected) in &model.samples {
            assert_close(&model.name, &model.graph.run(inputs).unwrap(), expected);
        }
    }
}

/// Whether tract can be compared with: it multiplies the negative side of Celu by `alpha` once more than ONNX and
/// onnxruntime do, ignores the `alpha` of Swish, and lacks operators of other domains.
fn has_peer(name: &str) -> bool {
    !["celu_alpha", "swish_slope"].contains(&name) && !name.starts_with("microsoft_")
}

#[test]
fn the_float_executor_agrees_with_tract() {
    for model in op_models() {
        if !has_peer(&model.name) {
            continue;
        }
        let (inputs, _) = &model.samples[0];
        let expected = run_tract(&model.path, inputs);
        assert_close(&model.name, &model.graph.run(inputs).unwrap(), &expected);
    }
}

#[test]
fn integer_models_are_accurate() {
    let mut failures = Vec::new();
    for model in op_models() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|(inputs, _)| inputs.clone()).collect();
        for lane_bits in [10, 12, 14, 16] {
            for saturate in [false, true] {
                let options = QuantizeOptions {
                    lane_bits,
                    accuracy: 1e-2,
                    saturate,
                    ..QuantizeOptions::default()
                };
                match quantize(&model.graph, &calibration, &options) {
                    Ok(quantized) => {
                        assert!(quantized.report.worst_error <= 1e-2);
                        assert!(quantized.report.to_string().contains("worst"));
                    }
                    Err(error) => failures.push(format!(
                        "{} ({lane_bits} bits, saturate {saturate}): {error}",
                        model.name
                    )),
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn integer_models_meet_the_default_target() {
    let mut failures = Vec::new();
    for model in op_models() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|(inputs, _)| inputs.clone()).collect();
        for lane_bits in [10, 12] {
            let options = QuantizeOptions {
                lane_bits,
                ..QuantizeOptions::default()
            };
            if let Err(error) = quantize(&model.graph, &calibration, &options) {
                failures.push(format!("{} ({lane_bits} bits): {error}", model.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
