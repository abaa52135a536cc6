//! Interval arithmetic through the graph.
//!
//! Sources and materialised tensors start from every value that their width can represent,
//! which is what the circuit proves of them; linear operations add up from there. So every
//! accumulator that a valid execution or a valid proof can hold lies within these bounds.

pub(crate) mod interval;

use crate::{
    error::{Error, Result},
    graph::{Graph, Node},
    ops::range::Range,
};
use interval::{Interval, Overflow};

/// Smallest and largest value that each node can have, in the order of [`Graph::nodes`].
///
/// All of them, and all partial sums and products on the way, are less than `2^62` in absolute
/// value, so that 64-bit arithmetic is exact.
///
/// # Errors
///
/// [`Error::AccumulatorOverflow`] names the node that can exceed `2^62`; the errors of
/// [`Graph::validate`] if the graph is malformed.
pub fn bounds(graph: &Graph) -> Result<Vec<(i64, i64)>> {
    graph.validate_structure()?;
    let mut bounds = Bounds::default();
    for node in &graph.nodes {
        bounds.push(graph, node)?;
    }
    // Limited to 62 bits, both ends fit.
    Ok(bounds
        .nodes
        .into_iter()
        .map(|bound| (bound.lo as i64, bound.hi as i64))
        .collect())
}

/// The bounds of a graph's nodes, which are pushed in their order.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    nodes: Vec<Interval>,
}

impl Bounds {
    /// Adds the next node, whose structure is checked.
    ///
    /// # Errors
    ///
    /// [`Error::AccumulatorOverflow`].
    pub(crate) fn push(&mut self, graph: &Graph, node: &Node) -> Result<()> {
        let inputs: Vec<Interval> = match graph.source_limbs(node) {
            Some(limbs) => vec![Range::signed_limbs(limbs, graph.lane_bits).into()],
            None => node.inputs.iter().map(|id| self.nodes[id.index()]).collect(),
        };
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&id| &graph.node(id).shape[..]).collect();
        let operation = node.op.operation();
        let bound = operation
            .bounds(graph.lane_bits, &inputs, &shapes)
            .and_then(Interval::limited);
        self.nodes.push(
            bound.map_err(|Overflow(Interval { lo, hi })| Error::AccumulatorOverflow {
                node: node.name.clone(),
                op: node.op.name(),
                lo,
                hi,
            })?,
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ops::{Div, LinComb, MatMul, Mul, Op, Pad, ReduceSum, Rescale, Shift, SumPool, Window2d},
        testing::GraphBuilder,
    };

    #[test]
    fn linear_operations_add_up() {
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 4], 1);
        let w = builder.param(&[4, 2], 1);
        let product = builder.node(Op::MatMul(MatMul), &[x, w], &[1, 2]);
        let sum = builder.node(Op::ReduceSum(ReduceSum { axes: vec![1] }), &[x], &[1, 1]);
        let pad = builder.node(
            Op::Pad(Pad {
                before: vec![0, 1],
                after: vec![0, 0],
                value: 300,
            }),
            &[x],
            &[1, 5],
        );
        let comb = builder.node(
            Op::LinComb(LinComb {
                coefficients: vec![-2, 1],
                constant: 5,
            }),
            &[x, x],
            &[1, 4],
        );
        let rescaled = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(3),
                limbs: 2,
                relu: true,
                saturation: None,
            }),
            &[product],
            &[1, 2],
        );
        builder.output(rescaled);
        let bounds = bounds(&builder.graph).unwrap();
        assert_eq!(bounds[product.index()], (-4 * 128 * 127, 4 * 128 * 128));
        assert_eq!(bounds[sum.index()], (-4 * 128, 4 * 127));
        assert_eq!(bounds[pad.index()], (-128, 300));
        assert_eq!(bounds[comb.index()], (-2 * 127 - 128 + 5, 256 + 127 + 5));
        assert_eq!(bounds[rescaled.index()], (0, 65535));
    }

    #[test]
    fn padding_counts_as_zero() {
        let window = Window2d {
            kernel: [2; 2],
            strides: [1; 2],
            pads_begin: [1; 2],
            pads_end: [0; 2],
            dilations: [1; 2],
        };
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 1, 3, 3], 1);
        let relu = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(0),
                limbs: 1,
                relu: true,
                saturation: None,
            }),
            &[x],
            &[1, 1, 3, 3],
        );
        let shifted = builder.node(
            Op::LinComb(LinComb {
                coefficients: vec![1],
                constant: 10,
            }),
            &[relu],
            &[1, 1, 3, 3],
        );
        let pooled = builder.node(Op::SumPool(SumPool { window }), &[shifted], &[1, 1, 3, 3]);
        let out = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(4),
                limbs: 1,
                relu: false,
                saturation: None,
            }),
            &[pooled],
            &[1, 1, 3, 3],
        );
        builder.output(out);
        assert_eq!(bounds(&builder.graph).unwrap()[pooled.index()], (0, 4 * 265));
    }

    #[test]
    fn overflow_names_the_node() {
        let mut builder = GraphBuilder::new(16);
        let x = builder.input(&[1, 4], 2);
        let w = builder.param(&[4, 2], 2);
        let product = builder.node(Op::MatMul(MatMul), &[x, w], &[1, 2]);
        builder.graph.nodes[product.index()].name = "dense".into();
        let out = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(40),
                limbs: 3,
                relu: false,
                saturation: None,
            }),
            &[product],
            &[1, 2],
        );
        builder.output(out);
        let error = bounds(&builder.graph).unwrap_err();
        assert!(
            matches!(&error, Error::AccumulatorOverflow { node, .. } if node == "dense"),
            "{error}"
        );
    }

    #[test]
    fn partial_sums_are_limited_too() {
        let mut builder = GraphBuilder::new(16);
        let x = builder.input(&[1], 1);
        let op = Op::LinComb(LinComb {
            coefficients: vec![1 << 50, -(1 << 50)],
            constant: 0,
        });
        let sum = builder.node(op, &[x, x], &[1]);
        let out = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(62),
                limbs: 1,
                relu: false,
                saturation: None,
            }),
            &[sum],
            &[1],
        );
        builder.output(out);
        assert!(matches!(
            bounds(&builder.graph),
            Err(Error::AccumulatorOverflow { .. })
        ));
    }

    #[test]
    fn products_of_operands_are_limited() {
        for (shift, fits) in [(30, true), (31, false)] {
            let mut builder = GraphBuilder::new(16);
            let x = builder.input(&[1], 2);
            let op = Op::Div(Div {
                shift,
                limbs: 3,
                operand_limbs: [2, 1],
            });
            let y = builder.node(
                Op::Rescale(Rescale {
                    shift: Shift::Uniform(0),
                    limbs: 2,
                    relu: true,
                    saturation: None,
                }),
                &[x],
                &[1],
            );
            let out = builder.node(op, &[y, x], &[1]);
            builder.output(out);
            assert_eq!(bounds(&builder.graph).is_ok(), fits, "{shift}");
        }
        for (limbs, fits) in [(1, true), (2, true), (3, false)] {
            let mut builder = GraphBuilder::new(15);
            let x = builder.input(&[1], limbs);
            let op = Op::Mul(Mul {
                shift: 40,
                limbs: 1,
                operand_limbs: [limbs; 2],
            });
            let out = builder.node(op, &[x, x], &[1]);
            builder.output(out);
            assert_eq!(bounds(&builder.graph).is_ok(), fits, "{limbs}");
        }
    }
}
