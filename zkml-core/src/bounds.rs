//! Interval arithmetic through the graph.
//!
//! Sources and materialised tensors start from every value that their width can represent,
//! which is what the circuit proves of them; linear operations add up from there. So every
//! accumulator that a valid execution or a valid proof can hold lies within these bounds.

use crate::{
    error::{Error, Result},
    graph::{Graph, Node, Op},
    ops::range::Range,
    shape::MAX_ELEMENTS,
};

/// Accumulators and intermediate products are less than this in absolute value.
const LIMIT: i128 = 1 << 62;

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
        let inputs: Vec<Interval> = node.inputs.iter().map(|id| self.nodes[id.index()]).collect();
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&id| &graph.node(id).shape[..]).collect();
        let bound = node_bounds(graph, node, &inputs, &shapes).and_then(Interval::limited);
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

/// An inclusive range. Operations on limited intervals cannot overflow 128 bits: products of
/// two have 124 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    lo: i128,
    hi: i128,
}

/// An interval beyond the limit.
struct Overflow(Interval);

impl Interval {
    fn limited(self) -> Result<Self, Overflow> {
        if self.lo > -LIMIT && self.hi < LIMIT {
            Ok(self)
        } else {
            Err(Overflow(self))
        }
    }

    fn plus(self, other: Self) -> Result<Self, Overflow> {
        Interval {
            lo: self.lo + other.lo,
            hi: self.hi + other.hi,
        }
        .limited()
    }

    fn times(self, other: Self) -> Result<Self, Overflow> {
        let corners = [
            self.lo * other.lo,
            self.lo * other.hi,
            self.hi * other.lo,
            self.hi * other.hi,
        ];
        let lo = corners.into_iter().fold(corners[0], i128::min);
        let hi = corners.into_iter().fold(corners[0], i128::max);
        Interval { lo, hi }.limited()
    }

    /// The sum of `count` values of this interval. Partial sums lie between 0 and an end.
    fn summed(self, count: usize) -> Result<Self, Overflow> {
        // At most 2^62 * 2^28.
        let count = count.min(MAX_ELEMENTS) as i128;
        Interval {
            lo: self.lo * count,
            hi: self.hi * count,
        }
        .limited()
    }

    fn joined(self, other: Self) -> Self {
        Interval {
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
        }
    }

    /// The part within `other`; `other` itself if they are disjoint, where no execution is valid.
    fn within(self, other: Self) -> Self {
        let part = Interval {
            lo: self.lo.max(other.lo),
            hi: self.hi.min(other.hi),
        };
        if part.lo <= part.hi { part } else { other }
    }
}

impl From<i64> for Interval {
    fn from(value: i64) -> Self {
        Interval {
            lo: value.into(),
            hi: value.into(),
        }
    }
}

impl From<Range> for Interval {
    fn from(Range { lo, hi }: Range) -> Self {
        Interval {
            lo: lo.into(),
            hi: hi.into(),
        }
    }
}

const ZERO: Interval = Interval { lo: 0, hi: 0 };

/// The bounds of a node. The graph's structure is checked.
fn node_bounds(
    graph: &Graph,
    node: &Node,
    inputs: &[Interval],
    shapes: &[&[usize]],
) -> Result<Interval, Overflow> {
    let bits = |limbs: u8| u32::from(limbs) * graph.lane_bits;
    let signed = |limbs: u8| Interval::from(Range::signed(bits(limbs)));
    let unsigned = |limbs: u8| Interval::from(Range::unsigned(bits(limbs)));
    let result = |limbs: u8, relu: bool| if relu { unsigned(limbs) } else { signed(limbs) };
    Ok(match &node.op {
        Op::Input { limbs } => signed(*limbs),
        Op::Param { param } => signed(graph.params[param.index()].limbs),
        Op::Reshape | Op::Transpose { .. } | Op::Slice { .. } | Op::Broadcast | Op::Gather { .. } => {
            inputs[0]
        }
        Op::Concat { .. } => inputs.iter().copied().fold(inputs[0], Interval::joined),
        Op::Pad { value, .. } => inputs[0].joined((*value).into()),
        Op::LinComb {
            coefficients,
            constant,
        } => {
            let mut sum = Interval::from(*constant).limited()?;
            for (&coefficient, &input) in coefficients.iter().zip(inputs) {
                sum = sum.plus(input.times(coefficient.into())?)?;
            }
            sum
        }
        Op::ReduceSum { axes } => inputs[0].summed(axes.iter().map(|&axis| shapes[0][axis]).product())?,
        // Padding counts as 0 and makes windows smaller.
        Op::SumPool(window) => inputs[0]
            .joined(ZERO)
            .summed(window.kernel[0].saturating_mul(window.kernel[1]))?,
        Op::MatMul => inputs[0]
            .times(inputs[1])?
            .summed(shapes[0][shapes[0].len() - 1])?,
        Op::Conv { .. } => inputs[0]
            .times(inputs[1])?
            .joined(ZERO)
            .summed(shapes[1][1..].iter().product())?,
        Op::Rescale { limbs, relu, .. } | Op::Max { limbs, relu, .. } => result(*limbs, *relu),
        Op::Clip { lo, hi, .. } => Range { lo: *lo, hi: *hi }.into(),
        Op::Mul {
            limbs, operand_limbs, ..
        } => {
            let [left, right] = operand_limbs.map(signed);
            inputs[0].within(left).times(inputs[1].within(right))?;
            signed(*limbs)
        }
        Op::DivConst { limbs, .. } => signed(*limbs),
        Op::Div {
            shift,
            limbs,
            operand_limbs,
        } => {
            inputs[0]
                .within(unsigned(operand_limbs[0]))
                .times((1i64 << shift).into())?;
            unsigned(*limbs)
        }
        Op::Lut(table) => signed(table.limbs),
        Op::ArgMax { axis, .. } => Interval {
            lo: 0,
            hi: shapes[0][*axis] as i128 - 1,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::{Shift, Window2d},
        testing::GraphBuilder,
    };

    #[test]
    fn linear_operations_add_up() {
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 4], 1);
        let w = builder.param(&[4, 2], 1);
        let product = builder.node(Op::MatMul, &[x, w], &[1, 2]);
        let sum = builder.node(Op::ReduceSum { axes: vec![1] }, &[x], &[1, 1]);
        let pad = builder.node(
            Op::Pad {
                before: vec![0, 1],
                after: vec![0, 0],
                value: 300,
            },
            &[x],
            &[1, 5],
        );
        let comb = builder.node(
            Op::LinComb {
                coefficients: vec![-2, 1],
                constant: 5,
            },
            &[x, x],
            &[1, 4],
        );
        let rescaled = builder.node(
            Op::Rescale {
                shift: Shift::Uniform(3),
                limbs: 2,
                relu: true,
                saturation: None,
            },
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
            Op::Rescale {
                shift: Shift::Uniform(0),
                limbs: 1,
                relu: true,
                saturation: None,
            },
            &[x],
            &[1, 1, 3, 3],
        );
        let shifted = builder.node(
            Op::LinComb {
                coefficients: vec![1],
                constant: 10,
            },
            &[relu],
            &[1, 1, 3, 3],
        );
        let pooled = builder.node(Op::SumPool(window), &[shifted], &[1, 1, 3, 3]);
        let out = builder.node(
            Op::Rescale {
                shift: Shift::Uniform(4),
                limbs: 1,
                relu: false,
                saturation: None,
            },
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
        let product = builder.node(Op::MatMul, &[x, w], &[1, 2]);
        builder.graph.nodes[product.index()].name = "dense".into();
        let out = builder.node(
            Op::Rescale {
                shift: Shift::Uniform(40),
                limbs: 3,
                relu: false,
                saturation: None,
            },
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
        let op = Op::LinComb {
            coefficients: vec![1 << 50, -(1 << 50)],
            constant: 0,
        };
        let sum = builder.node(op, &[x, x], &[1]);
        let out = builder.node(
            Op::Rescale {
                shift: Shift::Uniform(62),
                limbs: 1,
                relu: false,
                saturation: None,
            },
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
            let op = Op::Div {
                shift,
                limbs: 3,
                operand_limbs: [2, 1],
            };
            let y = builder.node(
                Op::Rescale {
                    shift: Shift::Uniform(0),
                    limbs: 2,
                    relu: true,
                    saturation: None,
                },
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
            let op = Op::Mul {
                shift: 40,
                limbs: 1,
                operand_limbs: [limbs; 2],
            };
            let out = builder.node(op, &[x, x], &[1]);
            builder.output(out);
            assert_eq!(bounds(&builder.graph).is_ok(), fits, "{limbs}");
        }
    }
}
