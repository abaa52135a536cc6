//! Functions of one variable and layer normalisation as integers: domains, noise, and accuracy over several orders of
//! magnitude.

mod common;

use common::{Normal, tensor};
use std::sync::Arc;
use zkml_core::{
    error::Error,
    execute::execute,
    float::{FloatGraph, FloatId, FloatOp, FloatPort, FloatTensor, Function},
    quantize::{QuantizeOptions, Quantized, dequantize_outputs, quantize, quantize_inputs},
    reach::escapes,
};

/// A graph of one input, whose last node is the output.
fn graph(shape: &[usize], ops: impl FnOnce(&mut FloatGraph, FloatId) -> FloatId) -> FloatGraph {
    let mut graph = FloatGraph::default();
    let shape = shape.to_vec();
    let x = graph.push("x", FloatOp::Input { shape }, vec![]).unwrap();
    let y = ops(&mut graph, x);
    let port = |name: &str, node| FloatPort {
        name: name.into(),
        node,
    };
    (graph.inputs, graph.outputs) = (vec![port("x", x)], vec![port("y", y)]);
    graph
}

fn sqrt(graph: &mut FloatGraph, x: FloatId) -> FloatId {
    let op = FloatOp::Function(&Function::SQRT);
    graph.push("root", op, vec![x]).unwrap()
}

fn options(accuracy: f64, saturate: bool) -> QuantizeOptions {
    QuantizeOptions {
        accuracy,
        saturate,
        accept_error: true,
        ..QuantizeOptions::default()
    }
}

fn run(quantized: &Quantized, input: &FloatTensor, saturate: bool) -> Result<FloatTensor, Error> {
    let inputs = quantize_inputs(&quantized.graph, std::slice::from_ref(input), saturate)?;
    let trace = execute(&quantized.graph, &quantized.params, &inputs)?;
    Ok(dequantize_outputs(&quantized.graph, &trace).remove(0))
}

/// Values from 0 to `most`, in both halves of the exponent.
fn ramp(most: f32) -> FloatTensor {
    tensor(&[64], (0..64).map(|i| most * (i as f32 / 63.0).powi(3)).collect())
}

#[test]
fn roots_are_accurate_from_zero_on() {
    for most in [4.0, 5000.0, 3e-3] {
        let graph = graph(&[64], |graph, x| {
            let x = graph.push("relu", FloatOp::Relu, vec![x]).unwrap();
            sqrt(graph, x)
        });
        for (saturate, accuracy) in [(false, 2e-3), (true, 2e-3), (false, 5e-4)] {
            let quantized = quantize(&graph, &[vec![ramp(most)]], &options(accuracy, saturate)).unwrap();
            assert!(
                quantized.report.worst_error <= accuracy,
                "{most} {}",
                quantized.report
            );
            let zeros = run(&quantized, &tensor(&[64], vec![-most; 64]), saturate).unwrap();
            assert!(zeros.iter().all(|&y| y == 0.0), "{zeros}");
            assert!(!saturate || escapes(&quantized.graph, &quantized.params).unwrap().is_empty());
        }
    }
}

#[test]
fn roots_of_negative_numbers_are_refused() {
    let graph = graph(&[64], sqrt);
    for (saturate, accuracy) in [(false, 1e-1), (false, 1e-3), (true, 1e-1), (true, 1e-3)] {
        let quantized = quantize(&graph, &[vec![ramp(4.0)]], &options(accuracy, saturate)).unwrap();
        // The analysis knows that an input can be refused, and at which operation.
        let escapes = escapes(&quantized.graph, &quantized.params).unwrap();
        assert!(
            escapes
                .iter()
                .any(|escape| escape.name == "root" && escape.reached.0 < 0)
        );
        let of = |x: f32| run(&quantized, &tensor(&[64], vec![x; 64]), saturate);
        for x in [-0.1, -1.0, -4.0] {
            assert!(
                matches!(of(x), Err(Error::OutOfRange(_))),
                "sqrt({x}) {saturate} {accuracy}"
            );
        }
        // Less than the error of any rounding here.
        assert!(of(-1e-7).unwrap().iter().all(|&y| y == 0.0));
        // ONNX says NaN, which calibration refuses.
        let calibration = vec![vec![tensor(&[64], vec![-1.0; 64])]];
        assert!(matches!(
            quantize(&graph, &calibration, &options(accuracy, saturate)),
            Err(Error::Quantize { reason }) if reason.contains("yields NaN")
        ));
    }
}

/// A sum of weighted rectified values, whose float value is never negative and whose integers are not known to be.
#[test]
fn noise_below_zero_is_not_refused() {
    let graph = graph(&[8, 4], |graph, x| {
        let x = graph.push("relu", FloatOp::Relu, vec![x]).unwrap();
        let x = graph
            .push("tanh", FloatOp::Function(&Function::TANH), vec![x])
            .unwrap();
        let w = FloatOp::Constant(Arc::new(tensor(
            &[4, 2],
            vec![0.0, 0.3, 1e-6, 0.9, 0.2, 0.0, 0.7, 1e-5],
        )));
        let w = graph.push("w", w, vec![]).unwrap();
        let product = graph.push("product", FloatOp::MatMul, vec![x, w]).unwrap();
        sqrt(graph, product)
    });
    let mut normal = Normal::new(5);
    let calibration: Vec<Vec<FloatTensor>> = (0..8).map(|_| vec![normal.tensor(&[8, 4])]).collect();
    for (saturate, accuracy) in [(false, 5e-2), (false, 1e-3), (true, 5e-2), (true, 1e-3)] {
        let quantized = quantize(&graph, &calibration, &options(accuracy, saturate)).unwrap();
        for _ in 0..200 {
            let input = normal.tensor(&[8, 4]).mapv(|x| (0.3 * x).min(1.0));
            let found = run(&quantized, &input, saturate).unwrap();
            let expected = graph.run(&[input]).unwrap().remove(0);
            let worst = (&found - &expected).iter().fold(0.0f32, |m, e| m.max(e.abs()));
            assert!(worst < 0.1, "{worst}");
        }
        assert!(!saturate || quantized.report.escapes == 0, "{}", quantized.report);
    }
}

/// `d / sqrt(sum d^2 + n epsilon) sqrt(n)` of the last axis, as the importer of LayerNormalization builds it.
fn layer_norm(rows: usize, n: usize) -> FloatGraph {
    graph(&[rows, n], |graph, x| {
        let mut push = |op: FloatOp, inputs: &[FloatId]| graph.push("norm", op, inputs.to_vec()).unwrap();
        let number = |x: f32| FloatOp::Constant(Arc::new(tensor(&[], vec![x])));
        let mean = push(FloatOp::ReduceMean { axes: vec![1] }, &[x]);
        let distance = push(FloatOp::Sub, &[x, mean]);
        let squares = push(FloatOp::ReduceSumSquare { axes: vec![1] }, &[distance]);
        let epsilon = push(number(1e-5 * n as f32), &[]);
        let squares = push(FloatOp::Add, &[squares, epsilon]);
        let inverse = push(FloatOp::Function(&Function::RSQRT), &[squares]);
        let unit = push(FloatOp::Mul, &[distance, inverse]);
        let root = push(number((n as f32).sqrt()), &[]);
        push(FloatOp::Mul, &[unit, root])
    })
}

/// Rows of very different standard deviations, and one of equal elements.
fn uneven_rows(deviations: &[f32], saturate: bool) {
    let (rows, n) = (deviations.len(), 48);
    let graph = layer_norm(rows, n);
    let mut normal = Normal::new(9);
    let mut sample = || {
        let mut x = normal.tensor(&[rows, n]);
        for (mut row, deviation) in x.outer_iter_mut().zip(deviations) {
            row.mapv_inplace(|x| x * deviation + 0.5);
        }
        x
    };
    let calibration: Vec<Vec<FloatTensor>> = (0..6).map(|_| vec![sample()]).collect();
    let quantized = quantize(&graph, &calibration, &options(2e-3, saturate)).unwrap();
    assert!(quantized.report.worst_error <= 2e-3, "{}", quantized.report);
    assert!(!saturate || quantized.report.escapes == 0);
    for _ in 0..10 {
        let x = sample();
        let found = run(&quantized, &x, saturate).unwrap();
        let expected = graph.run(&[x]).unwrap().remove(0);
        for ((found, expected), deviation) in found.outer_iter().zip(expected.outer_iter()).zip(deviations) {
            let worst = (&found - &expected).iter().fold(0.0f32, |m, e| m.max(e.abs()));
            assert!(worst < 0.02, "deviation {deviation}: {worst}");
        }
    }
}

#[test]
fn variances_may_span_six_orders_of_magnitude() {
    uneven_rows(&[0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0], false);
}

/// Less, because the argument of the root must hold every input in range.
#[test]
fn variances_of_saturating_models_may_span_five_orders_of_magnitude() {
    uneven_rows(&[0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0], true);
}

fn unary(function: &'static Function) -> FloatGraph {
    graph(&[64], |graph, x| {
        graph.push("f", FloatOp::Function(function), vec![x]).unwrap()
    })
}

/// Arguments that no calibration sample has, over the whole calibrated range.
#[test]
fn tables_follow_their_functions_between_samples() {
    for (function, most) in [
        (&Function::ASINH, 9.0),
        (&Function::ATAN, 9.0),
        (&Function::COS, 12.0),
        (&Function::COSH, 3.0),
        (&Function::ERF, 9.0),
        (&Function::EXPM1_NEGATIVE, 9.0),
        (&Function::GELU, 9.0),
        (&Function::GELU_TANH, 9.0),
        (&Function::MISH, 9.0),
        (&Function::SILU, 9.0),
        (&Function::SIN, 12.0),
        (&Function::SINH, 3.0),
        (&Function::SOFTPLUS, 9.0),
        (&Function::SOFTSIGN, 9.0),
    ] {
        let samples = |offset: f32| {
            tensor(
                &[64],
                (0..64)
                    .map(|i| most * ((i as f32 + offset) / 32.0 - 1.0))
                    .collect(),
            )
        };
        let graph = unary(function);
        for saturate in [false, true] {
            let quantized = quantize(&graph, &[vec![samples(0.0)]], &options(2e-3, saturate)).unwrap();
            assert!(
                quantized.report.worst_error <= 2e-3,
                "{} {}",
                function.name,
                quantized.report
            );
            for offset in [0.1, 0.37, 0.5, 0.81] {
                let input = samples(offset);
                let found = run(&quantized, &input, saturate).unwrap();
                let largest = graph.run(&[samples(0.0)]).unwrap()[0]
                    .iter()
                    .fold(0.0f32, |m, y| m.max(y.abs()));
                for (&x, &y) in input.iter().zip(&found) {
                    let expected = function.eval(f64::from(x)) as f32;
                    assert!(
                        (y - expected).abs() <= 1e-2 * largest,
                        "{}({x}): {y}",
                        function.name
                    );
                }
            }
        }
    }
}

#[test]
fn logarithms_of_numbers_that_are_not_positive_are_refused() {
    let graph = unary(&Function::LOG);
    let calibration = tensor(&[64], (0..64).map(|i| 0.25 + i as f32 / 16.0).collect());
    for saturate in [false, true] {
        let quantized = quantize(&graph, &[vec![calibration.clone()]], &options(2e-3, saturate)).unwrap();
        assert!(quantized.report.worst_error <= 2e-3, "{}", quantized.report);
        let escapes = escapes(&quantized.graph, &quantized.params).unwrap();
        assert!(
            escapes
                .iter()
                .any(|escape| escape.name == "f" && escape.reached.0 <= 0)
        );
        for x in [0.0, -0.1, -4.0] {
            let refused = run(&quantized, &tensor(&[64], vec![x; 64]), saturate);
            assert!(matches!(refused, Err(Error::OutOfRange(_))), "log({x})");
        }
        let undefined = vec![vec![tensor(&[64], vec![-1.0; 64])]];
        assert!(matches!(
            quantize(&graph, &undefined, &options(2e-3, saturate)),
            Err(Error::Quantize { reason }) if reason.contains("yields NaN")
        ));
    }
}
