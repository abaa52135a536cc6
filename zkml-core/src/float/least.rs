//! The least value of each node over all inputs, in real arithmetic.

use super::{FloatGraph, FloatOp};

/// A number that no value of each node is below; minus infinity where none is known.
pub(crate) fn least(graph: &FloatGraph) -> Vec<f64> {
    let mut least: Vec<f64> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let of = |input: usize| least[node.inputs[input].0];
        let bound = match &node.op {
            FloatOp::Input { .. } | FloatOp::Neg | FloatOp::Sub => f64::NEG_INFINITY,
            FloatOp::Constant(values) => values.iter().fold(f64::INFINITY, |m, &x| m.min(f64::from(x))),
            FloatOp::Reshape { .. }
            | FloatOp::Broadcast { .. }
            | FloatOp::Transpose { .. }
            | FloatOp::Slice { .. }
            | FloatOp::Gather { .. }
            | FloatOp::MaxPool { .. }
            | FloatOp::ReduceMean { .. } => of(0),
            FloatOp::Concat { .. } => (0..node.inputs.len()).map(of).fold(f64::INFINITY, f64::min),
            FloatOp::Pad { value, .. } => of(0).min(f64::from(*value)),
            // Padding counts as 0.
            FloatOp::AveragePool { .. } => of(0).min(0.0),
            FloatOp::Add => of(0) + of(1),
            FloatOp::Mul if node.inputs[0] == node.inputs[1] => 0.0,
            FloatOp::Mul | FloatOp::MatMul | FloatOp::Conv { .. } => match of(0) >= 0.0 && of(1) >= 0.0 {
                true => 0.0,
                false => f64::NEG_INFINITY,
            },
            FloatOp::ReduceSum { .. } if of(0) >= 0.0 => of(0),
            FloatOp::ReduceSum { .. } => f64::NEG_INFINITY,
            FloatOp::ReduceSumSquare { .. } | FloatOp::Softmax { .. } | FloatOp::ArgMax { .. } => 0.0,
            FloatOp::Relu => of(0).max(0.0),
            FloatOp::LeakyRelu { alpha } if of(0) >= 0.0 || *alpha <= 0.0 => of(0).max(0.0),
            FloatOp::LeakyRelu { alpha } => f64::from(*alpha) * of(0),
            FloatOp::Clip { lo, hi } => of(0).max(f64::from(*lo)).min(f64::from(*hi)),
            FloatOp::Function(function) => function.least(of(0)),
        };
        // Infinite constants can add up to nothing that is known.
        least.push(if bound.is_nan() { f64::NEG_INFINITY } else { bound });
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::float::{FloatId, FloatTensor, Function};
    use ndarray::IxDyn;

    #[test]
    fn bounds_follow_the_operations() {
        let mut graph = FloatGraph::default();
        let mut push = |op: FloatOp, inputs: &[FloatId]| graph.push("node", op, inputs.to_vec()).unwrap();
        let constant = |x: f32| FloatOp::Constant(FloatTensor::from_elem(IxDyn(&[2]), x).into());
        let x = push(FloatOp::Input { shape: vec![2] }, &[]);
        let square = push(FloatOp::Mul, &[x, x]);
        let third = push(constant(0.25), &[]);
        let shifted = push(FloatOp::Add, &[square, third]);
        let inverse = push(FloatOp::Function(&Function::RSQRT), &[shifted]);
        let tanh = push(FloatOp::Function(&Function::TANH), &[x]);
        let product = push(FloatOp::Mul, &[tanh, shifted]);
        let relu = push(FloatOp::Relu, &[product]);
        let squares = push(FloatOp::ReduceSumSquare { axes: vec![0] }, &[product]);
        let root = push(FloatOp::Function(&Function::SQRT), &[shifted]);
        let least = least(&graph);
        let of = |id: FloatId| least[id.0];
        assert_eq!(
            [of(square), of(shifted), of(inverse), of(tanh)],
            [0.0, 0.25, 0.0, -1.0]
        );
        assert_eq!([of(relu), of(squares), of(root)], [0.0, 0.0, 0.5]);
        assert_eq!([of(x), of(product)], [f64::NEG_INFINITY; 2]);
    }
}
