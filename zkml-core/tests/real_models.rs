//! Trained networks and public test models: accuracy of the integer models.
//!
//! They are read from the folder that the environment variable `ZKML_MODELS` names.

mod common;

use common::{Normal, assert_close, models, numbers, run_tract, tensor};
use npyz::npz::NpzArchive;
use std::path::Path;
use zkml_core::{
    execute::execute,
    float::{FloatGraph, FloatTensor},
    graph::Op,
    onnx::{self, ImportOptions},
    ops::{Input, Max, Rescale, Shift},
    quantize::{QuantizeOptions, Quantized, dequantize_outputs, quantize, quantize_inputs},
};

fn load(path: &Path) -> FloatGraph {
    onnx::from_file(path, &ImportOptions::default()).unwrap()
}

fn options(lane_bits: u32, accuracy: f64) -> QuantizeOptions {
    QuantizeOptions {
        lane_bits,
        accuracy,
        ..QuantizeOptions::default()
    }
}

fn class(row: &FloatTensor) -> usize {
    let row: Vec<f32> = row.iter().copied().collect();
    (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

/// Images in [0, 1] and their digits.
fn digits(models: &Path) -> (Vec<Vec<FloatTensor>>, Vec<usize>) {
    let path = models.join("../data/mnist_test.npz");
    let mut archive = NpzArchive::open(&path).unwrap();
    let names: Vec<String> = archive.array_names().map(str::to_string).collect();
    let mut read = |prefix: &[&str]| -> Vec<u8> {
        let name = names
            .iter()
            .find(|name| prefix.iter().any(|prefix| name.starts_with(prefix)))
            .unwrap();
        let file = archive.by_name(name).unwrap().unwrap();
        match file.dtype() {
            npyz::DType::Plain(kind) if kind.size_field() == 8 => {
                let values: Vec<i64> = file.into_vec().unwrap();
                values.into_iter().map(|x| x as u8).collect()
            }
            _ => file.into_vec().unwrap(),
        }
    };
    let (pixels, labels) = (read(&["im", "x"]), read(&["la", "y"]));
    let images = pixels
        .chunks(784)
        .map(|image| {
            let values = image.iter().map(|&p| f32::from(p) / 255.0).collect();
            vec![tensor(&[1, 1, 28, 28], values)]
        })
        .collect();
    (images, labels.into_iter().map(usize::from).collect())
}

/// Runs the integer model on all digits: rows that agree with the float model, and the worst
/// error relative to the range of the float outputs.
fn compare(graph: &FloatGraph, model: &Quantized, inputs: &[Vec<FloatTensor>]) -> (usize, f64) {
    let (mut agreeing, mut worst) = (0, 0.0f32);
    let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
    for input in inputs {
        let expected = graph.run(input).unwrap().remove(0);
        let quantized = quantize_inputs(&model.graph, input, false).unwrap();
        let trace = execute(&model.graph, &model.params, &quantized).unwrap();
        let found = dequantize_outputs(&model.graph, &trace).remove(0);
        agreeing += usize::from(class(&expected) == class(&found));
        for (a, b) in expected.iter().zip(&found) {
            worst = worst.max((a - b).abs());
            (min, max) = (min.min(*a), max.max(*a));
        }
    }
    (agreeing, f64::from(worst / (max - min)))
}

#[test]
fn digits_are_classified_as_by_the_float_models() {
    let Some(models) = models() else { return };
    let (images, labels) = digits(&models);
    for (name, expected_right) in [("mnist_lenet5", 970), ("mnist_mlp", 927)] {
        let graph = load(&models.join(format!("{name}.onnx")));
        let right = images
            .iter()
            .zip(&labels)
            .filter(|(image, label)| class(&graph.run(image).unwrap()[0]) == **label)
            .count();
        for lane_bits in [12, 10] {
            let model = quantize(&graph, &images[..200], &options(lane_bits, 2e-3)).unwrap();
            let (agreeing, worst) = compare(&graph, &model, &images);
            println!(
                "{name}, {lane_bits} bits: float {right} of {} right, integer agrees on {agreeing}, worst error {worst:.2e}",
                images.len()
            );
            println!("{}", model.report);
            assert_eq!(right, expected_right);
            assert!(agreeing >= 995, "{agreeing}");
            assert!(worst < 2.5e-3, "{worst}");
        }
    }
}

#[test]
fn lenet_needs_one_limb_only() {
    let Some(models) = models() else { return };
    let (images, _) = digits(&models);
    let graph = load(&models.join("mnist_lenet5.onnx"));
    let model = quantize(&graph, &images[..200], &options(12, 2e-3)).unwrap();
    for node in &model.graph.nodes {
        match &node.op {
            Op::Max(Max { shift, limbs, .. }) => {
                assert!(
                    matches!(shift, Shift::Uniform(shift) if *shift <= 12),
                    "{shift:?}"
                );
                assert_eq!(*limbs, 1);
            }
            Op::Rescale(Rescale { limbs, .. }) | Op::Input(Input { limbs }) => assert_eq!(*limbs, 1),
            _ => {}
        }
    }
}

#[test]
fn breast_cancer_model_is_accurate() {
    let Some(models) = models() else { return };
    let graph = load(&models.join("breast_cancer_mlp.onnx"));
    let mut archive = NpzArchive::open(models.join("../data/breast_cancer_test.npz")).unwrap();
    let names: Vec<String> = archive.array_names().map(str::to_string).collect();
    let name = names
        .iter()
        .find(|name| name.starts_with('f') || name.starts_with('x'))
        .unwrap();
    let values: Vec<f32> = archive.by_name(name).unwrap().unwrap().into_vec().unwrap();
    let inputs: Vec<Vec<FloatTensor>> = values
        .chunks(30)
        .map(|row| vec![tensor(&[1, 30], row.to_vec())])
        .collect();
    for lane_bits in [12, 10] {
        let model = quantize(&graph, &inputs, &options(lane_bits, 2e-3)).unwrap();
        println!("breast_cancer_mlp, {lane_bits} bits\n{}", model.report);
        assert!(model.report.worst_error <= 2e-3);
    }
}

#[test]
fn public_models_are_accurate() {
    let Some(models) = models() else { return };
    let mut folders: Vec<_> = std::fs::read_dir(&models)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("network.onnx").is_file())
        .collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let graph = load(&folder.join("network.onnx"));
        let json = std::fs::read_to_string(folder.join("input.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let mut normal = Normal::new(7);
        let mut inputs = vec![Vec::new(); 20];
        for (index, port) in graph.inputs.iter().enumerate() {
            let shape = &graph.node(port.node).shape;
            let given = tensor(shape, numbers(&json["input_data"][index]));
            for (i, input) in inputs.iter_mut().enumerate() {
                input.push(if i == 0 {
                    given.clone()
                } else {
                    normal.tensor(shape)
                });
            }
        }
        let found = graph.run(&inputs[0]).unwrap();
        assert_close(
            &name,
            &found,
            &run_tract(&folder.join("network.onnx"), &inputs[0]),
        );
        for lane_bits in [12, 10] {
            for accuracy in [1e-2, 2e-3] {
                let start = std::time::Instant::now();
                let model = quantize(&graph, &inputs, &options(lane_bits, accuracy))
                    .unwrap_or_else(|error| panic!("{name}, {lane_bits} bits: {error}"));
                println!(
                    "{name}, {lane_bits} bits, target {accuracy}: worst {:.2e}, mean {:.2e}, {:?}",
                    model.report.worst_error,
                    model.report.mean_error,
                    start.elapsed()
                );
                assert!(model.report.worst_error <= accuracy);
            }
        }
    }
}
