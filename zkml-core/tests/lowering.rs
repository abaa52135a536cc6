//! What circuits rely on in the integer graphs of all small models, whatever the widths.

mod common;

use common::{Normal, op_models};
use zkml_core::{
    error::Error,
    execute::execute,
    float::FloatTensor,
    graph::{Graph, NodeId, Op},
    quantize::{QuantizeOptions, quantize, quantize_inputs},
    reach::escapes,
};

/// How many products are in a value that no rescale has rounded yet.
fn products(graph: &Graph) -> Vec<usize> {
    let mut products: Vec<usize> = Vec::new();
    for node in &graph.nodes {
        let inputs: usize = node.inputs.iter().map(|id| products[id.index()]).sum();
        products.push(match &node.op {
            Op::MatMul(_) | Op::Conv(_) => 1,
            op if op.is_linear() => inputs,
            _ => 0,
        });
    }
    products
}

fn is_view(op: &Op) -> bool {
    matches!(
        op,
        Op::Reshape(_)
            | Op::Transpose(_)
            | Op::Slice(_)
            | Op::Concat(_)
            | Op::Pad(_)
            | Op::Broadcast(_)
            | Op::Gather(_)
    )
}

/// Whether a value only rearranges materialised elements.
fn is_operand(graph: &Graph, id: NodeId) -> bool {
    let node = graph.node(id);
    !node.op.is_linear() || (is_view(&node.op) && node.inputs.iter().all(|&id| is_operand(graph, id)))
}

fn check(name: &str, graph: &Graph) {
    graph.validate().unwrap();
    let products = products(graph);
    let mut readers = vec![0; graph.nodes.len()];
    for node in &graph.nodes {
        for id in &node.inputs {
            readers[id.index()] += 1;
            let unrounded = products[id.index()];
            assert!(unrounded <= 1, "{name}: {} reads {unrounded} products", node.name);
            if unrounded == 1 {
                assert!(
                    matches!(
                        node.op,
                        Op::LinComb(_) | Op::Reshape(_) | Op::Rescale(_) | Op::Max(_)
                    ),
                    "{name}: {} reads a product that is not rounded",
                    node.op.name()
                );
            }
        }
        if !matches!(node.op, Op::LinComb(_)) && node.op.is_linear() && !is_view(&node.op) {
            for &id in node
                .inputs
                .iter()
                .filter(|_| matches!(node.op, Op::MatMul(_) | Op::Conv(_)))
            {
                assert!(
                    is_operand(graph, id),
                    "{name}: an operand of {} is no tensor",
                    node.name
                );
            }
        }
    }
    for (index, &products) in products.iter().enumerate() {
        assert!(
            products == 0 || readers[index] == 1,
            "{name}: node {index} has {} readers",
            readers[index]
        );
        assert!(products <= 1, "{name}: node {index} sums {products} products");
    }
    for port in &graph.outputs {
        let op = &graph.node(port.node).op;
        assert!(
            !op.is_linear() && !matches!(op, Op::Input(_) | Op::Param(_)),
            "{name}"
        );
    }
}

#[test]
fn integer_graphs_keep_the_rules() {
    for model in op_models() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|sample| sample.0.clone()).collect();
        for (lane_bits, accuracy, saturate) in [
            (12, 1e-2, false),
            (10, 1e-3, false),
            (16, 1e-2, true),
            (12, 1e-4, true),
        ] {
            let options = QuantizeOptions {
                lane_bits,
                accuracy,
                saturate,
                accept_error: true,
                input_range: None,
                few_gates: false,
            };
            let quantized = quantize(&model.graph, &calibration, &options).unwrap();
            check(&model.name, &quantized.graph);
        }
    }
}

#[test]
fn values_out_of_range_fail_or_saturate() {
    let mut failures = 0;
    for model in op_models() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|sample| sample.0.clone()).collect();
        let large: Vec<FloatTensor> = calibration[0].iter().map(|tensor| tensor * 50.0).collect();
        for saturate in [false, true] {
            let options = QuantizeOptions {
                accuracy: 1e-2,
                saturate,
                ..QuantizeOptions::default()
            };
            let quantized = quantize(&model.graph, &calibration, &options).unwrap();
            let inputs = quantize_inputs(&quantized.graph, &large, saturate).unwrap();
            match execute(&quantized.graph, &quantized.params, &inputs) {
                Ok(_) => {}
                Err(Error::OutOfRange(_)) if !saturate => failures += 1,
                Err(error) => panic!("{} (saturate {saturate}): {error}", model.name),
            }
        }
    }
    assert!(
        failures > 60,
        "only {failures} models refuse inputs far out of range"
    );
}

#[test]
fn saturating_models_have_an_output_for_every_input() {
    let mut refusing = vec![];
    for model in op_models() {
        let calibration: Vec<Vec<FloatTensor>> =
            model.samples.iter().map(|sample| sample.0.clone()).collect();
        // Narrow limbs and coarse targets leave room for clamps beside every remainder.
        for (lane_bits, accuracy) in [(12, 1e-2), (10, 1e-3)] {
            let options = QuantizeOptions {
                lane_bits,
                accuracy,
                saturate: true,
                accept_error: true,
                input_range: None,
                few_gates: false,
            };
            let quantized = quantize(&model.graph, &calibration, &options).unwrap();
            let escapes = escapes(&quantized.graph, &quantized.params).unwrap();
            assert_eq!(quantized.report.escapes, escapes.len());
            if model.refuses {
                assert!(!escapes.is_empty(), "{}", model.name);
                continue;
            }
            for escape in escapes {
                refusing.push(format!("{} ({lane_bits} bits): {escape:?}", model.name));
            }
        }
    }
    assert!(refusing.is_empty(), "{}", refusing.join("\n"));
}

#[test]
fn calibration_decides_the_search_not_the_order_of_inputs() {
    let models = op_models();
    let model = models.iter().find(|model| model.name == "net_residual").unwrap();
    let mut normal = Normal::new(3);
    let shape = &model.graph.node(model.graph.inputs[0].node).shape;
    let mut calibration: Vec<Vec<FloatTensor>> = (0..40).map(|_| vec![normal.tensor(shape)]).collect();
    for _ in 0..2 {
        let quantized = quantize(&model.graph, &calibration, &QuantizeOptions::default()).unwrap();
        assert!(quantized.report.worst_error <= 2e-3);
        calibration.reverse();
    }
}

#[test]
fn a_target_out_of_reach_names_the_error_that_was_reached() {
    let models = op_models();
    let model = models.iter().find(|model| model.name == "softmax").unwrap();
    let calibration: Vec<Vec<FloatTensor>> = model.samples.iter().map(|sample| sample.0.clone()).collect();
    let mut options = QuantizeOptions {
        accuracy: 1e-12,
        ..QuantizeOptions::default()
    };
    let Err(Error::Accuracy { achieved, target }) = quantize(&model.graph, &calibration, &options) else {
        panic!("an error of 1e-12 was reached")
    };
    assert!(
        target == 1e-12 && achieved > 1e-12 && achieved < 1e-4,
        "{achieved}"
    );
    options.accept_error = true;
    assert_eq!(
        quantize(&model.graph, &calibration, &options)
            .unwrap()
            .report
            .worst_error,
        achieved
    );
}
