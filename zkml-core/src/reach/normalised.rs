//! What intervals do not see of a softmax, and of a sum of squares.
//!
//! The distances `max(x) - x` along an axis are not negative, and one of them is 0. So one of the exponentials is
//! that of 0, their sum is no less, and no exponential is larger than the sum. The product of a row and the same
//! elements as a column is not negative.

use super::{Known, interval::Intervals, outcome::Outcome};
use crate::{
    graph::{Graph, Node, NodeId, Op},
    ops::{Broadcast, Clip, Div, LinComb, Max, MaxWindows, ReduceSum, Rescale, Shift, range::Range},
};

/// Every slice along an axis has an element with this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attained {
    axis: usize,
    value: i64,
}

/// What some element of each slice of a node is.
pub(super) fn attained(graph: &Graph, node: &Node, known: &[Known]) -> Option<Attained> {
    let before = || known[node.inputs[0].index()].attained;
    match &node.op {
        Op::LinComb(_) => distance_axis(graph, node, known).map(|axis| Attained { axis, value: 0 }),
        Op::Clip(Clip { lo, hi, .. }) => before().map(|a| Attained {
            value: a.value.clamp(*lo, *hi),
            ..a
        }),
        Op::Lut(table) => {
            let domain = table.domain();
            before().filter(|a| domain.contains(a.value)).map(|a| Attained {
                value: table.value(a.value),
                ..a
            })
        }
        _ => None,
    }
}

/// Uses what is known beyond intervals.
pub(super) fn tighten(graph: &Graph, node: &Node, known: &[Known], outcome: &mut Outcome) {
    match &node.op {
        Op::LinComb(_) if distance_axis(graph, node, known).is_some() => {
            let (_, most) = outcome.values.extremes();
            outcome.values = outcome.values.within(Range {
                lo: 0,
                hi: most.max(0),
            });
        }
        Op::ReduceSum(ReduceSum { axes }) => {
            let terms = &known[node.inputs[0].index()];
            if let Some(attained) = terms.attained.filter(|a| axes[..] == [a.axis])
                && terms.values.extremes().0 >= 0
            {
                raise(&mut outcome.values, attained.value);
            }
        }
        Op::MatMul(_) if is_sum_of_squares(graph, node) => {
            let (_, most) = outcome.values.extremes();
            outcome.values = outcome.values.within(Range { lo: 0, hi: most });
        }
        Op::Div(Div { shift, limbs, .. }) if is_share(graph, node, known) => {
            // n <= d, so that n 2^shift / d <= 2^shift.
            let most = Range::unsigned(u32::from(*limbs) * graph.lane_bits).hi;
            if let Some(whole) = 1i64.checked_shl(*shift).filter(|&whole| whole <= most) {
                outcome.values = outcome.values.within(Range { lo: 0, hi: whole });
                outcome.escaped.retain(|escaped| escaped.quantity != "quotient");
            }
        }
        _ => {}
    }
}

fn raise(values: &mut Intervals, least: i64) {
    *values = Intervals::collect(
        values.lo.shape(),
        values.ends().map(|(lo, hi)| (lo.max(least), hi.max(least))),
    );
}

/// The axis of `max(x) - x`, if that is what a node is.
fn distance_axis(graph: &Graph, node: &Node, known: &[Known]) -> Option<usize> {
    let Op::LinComb(LinComb {
        coefficients,
        constant: 0,
    }) = &node.op
    else {
        return None;
    };
    let ([1, -1], [largest, x]) = (&coefficients[..], &node.inputs[..]) else {
        return None;
    };
    let spread = graph.node(*largest);
    let max = match spread.op {
        Op::Broadcast(Broadcast) => graph.node(spread.inputs[0]),
        _ => spread,
    };
    match &max.op {
        Op::Max(Max {
            windows: MaxWindows::Axis(axis),
            shift: Shift::Uniform(0),
            relu,
            saturation: None,
            ..
        }) if max.inputs[..] == [*x] => {
            let unchanged = !relu || known[x.index()].values.extremes().0 >= 0;
            // Of the same rank, so that the broadcast repeats the maximum along the axis.
            let repeated = max.shape.len() == node.shape.len();
            (unchanged && repeated).then_some(*axis)
        }
        _ => None,
    }
}

/// Whether a product is of rows and the same elements as columns.
fn is_sum_of_squares(graph: &Graph, node: &Node) -> bool {
    let [row, column] = [0, 1].map(|index| graph.node(node.inputs[index]));
    let shapes = matches!((&row.shape[..], &column.shape[..]), ([a, 1, m], [b, n, 1]) if a == b && m == n);
    let views = [row, column].map(|view| matches!(view.op, Op::Reshape(_)));
    shapes && views == [true; 2] && row.inputs == column.inputs
}

/// Whether a division is of the terms of a sum, none of them negative, by that sum.
fn is_share(graph: &Graph, node: &Node, known: &[Known]) -> bool {
    let [terms, mut sum] = node.inputs[..] else {
        return false;
    };
    if known[terms.index()].values.extremes().0 < 0 {
        return false;
    }
    let rank = node.shape.len();
    loop {
        let before: NodeId = match &graph.node(sum).op {
            // A sum that is executed is not changed by these.
            Op::Rescale(Rescale {
                shift: Shift::Uniform(0),
                saturation: None,
                ..
            })
            | Op::Broadcast(Broadcast) => graph.node(sum).inputs[0],
            Op::ReduceSum(_) => return graph.node(sum).inputs[0] == terms,
            _ => return false,
        };
        if graph.node(before).shape.len() != rank {
            return false;
        }
        sum = before;
    }
}
