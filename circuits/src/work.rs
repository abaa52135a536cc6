//! What laying out a circuit takes, told from its graph alone.
//!
//! The layout of a linear operation is written out as linear combinations of cells, and combinations of
//! combinations grow: a graph of a few hundred bytes can state more of them than a machine holds. Code that lays out a
//! stranger's graph bounds that before.

use crate::Error;
use zkml_core::graph::{Graph, Node, Op};
use zkml_core::ops::{Conv, Kind};

/// Most terms of the linear combinations of all nodes together; each takes some 20 bytes.
pub const MAX_LAYOUT_TERMS: u128 = 1 << 26;

/// Most elementary steps of a layout: half a minute at worst.
pub const MAX_LAYOUT_STEPS: u128 = 1 << 34;

/// An upper bound of what the layout of a graph takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Terms of the linear combinations that are kept.
    pub terms: u128,
    /// Terms that are looked at.
    pub steps: u128,
}

/// Checks that laying out a graph takes bounded time and memory. Graphs of models that a machine can prove are far below
/// the bounds.
///
/// # Errors
/// Those of graph validation; [`Error::TooMuchWork`].
pub fn check_layout_work(graph: &Graph) -> Result<(), Error> {
    graph.validate()?;
    let work = work(graph);
    for (what, found, limit) in [
        ("terms", work.terms, MAX_LAYOUT_TERMS),
        ("steps", work.steps, MAX_LAYOUT_STEPS),
    ] {
        if found > limit {
            return Err(Error::TooMuchWork { what, limit, found });
        }
    }
    Ok(())
}

/// The work of a valid graph.
pub(crate) fn work(graph: &Graph) -> Work {
    let mut total = Work::default();
    // Most terms of one element of each node.
    let mut terms: Vec<u128> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let (each, steps) = of_node(graph, node, &terms);
        total.terms = total
            .terms
            .saturating_add(each.saturating_mul(node.len() as u128));
        total.steps = total.steps.saturating_add(steps);
        terms.push(each);
    }
    total
}

/// Terms of an element of a node, and steps of its layout.
fn of_node(graph: &Graph, node: &Node, terms: &[u128]) -> (u128, u128) {
    let elements = node.len() as u128;
    let inputs = || node.inputs.iter().map(|id| (graph.node(*id), terms[id.index()]));
    let first = || inputs().next();
    let widest = inputs().map(|(_, t)| t).max().unwrap_or(1).max(1);
    let read = || {
        inputs().fold(0u128, |sum, (input, t)| {
            sum.saturating_add((input.len() as u128).saturating_mul(t))
        })
    };
    match node.op.kind() {
        Kind::Source => (1, elements),
        Kind::View(_) => (widest, elements.saturating_mul(widest)),
        Kind::Combination => {
            let each = inputs().fold(0u128, |sum, (_, t)| sum.saturating_add(t)).max(1);
            // A term is looked for among those before it.
            (each, elements.saturating_mul(each).saturating_mul(each))
        }
        Kind::Sum(sets) => {
            let set = first().map_or(1, |(input, _)| sets.size(&input.shape));
            let each = widest.saturating_mul(set as u128);
            (each, elements.saturating_mul(each))
        }
        Kind::Bilinear => (1, elements.saturating_add(bilinear(graph, node, read()))),
        Kind::Materialising => {
            let shapes: Vec<&[usize]> = inputs().map(|(input, _)| &input.shape[..]).collect();
            let set = node.op.steps(&shapes) as u128;
            let steps = elements.saturating_mul(set).saturating_mul(widest);
            (1, read().saturating_add(steps))
        }
    }
}

/// Steps of a product whose operands have `read` terms.
fn bilinear(graph: &Graph, node: &Node, read: u128) -> u128 {
    let Op::Conv(Conv { window, .. }) = &node.op else {
        return read;
    };
    // Each row of the input meets as many kernel rows, and the product along the width has more terms than outputs.
    let input = node.inputs.first().map(|&id| graph.node(id));
    let width = input.and_then(|x| x.shape.last()).copied().unwrap_or(1);
    let [_, kernel_width] = window.kernel;
    let reach = kernel_width.saturating_mul(window.dilations[1]);
    let spare = [width, reach, window.pads_begin[1], window.pads_end[1]];
    let spare = spare.iter().fold(0u128, |sum, &x| sum.saturating_add(x as u128));
    let rows = node.shape.iter().rev().skip(1).fold(1u128, times);
    read.saturating_mul(window.kernel[0] as u128)
        .saturating_add(rows.saturating_mul(spare))
}

fn times(product: u128, factor: &usize) -> u128 {
    product.saturating_mul(*factor as u128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::soundness::common::samples::all;
    use zkml_core::graph::{NodeId, Port};
    use zkml_core::ops::{Broadcast, Input, LinComb, ReduceSum};

    /// One input of a single element, and the operations that follow, each on the node before.
    fn chain(ops: &[(Op, &[usize], usize)]) -> Graph {
        let node = |op: Op, inputs: Vec<NodeId>, shape: &[usize]| Node {
            name: String::new(),
            op,
            inputs,
            shape: shape.to_vec(),
            scale: 0,
        };
        let mut nodes = vec![node(Op::Input(Input { limbs: 1 }), vec![], &[1, 1])];
        for (op, shape, arity) in ops {
            let last = NodeId(nodes.len() as u32 - 1);
            nodes.push(node(op.clone(), vec![last; *arity], shape));
        }
        let coefficient_column = Port {
            name: "x".to_owned(),
            node: NodeId(0),
            labels: vec![],
        };
        Graph {
            lane_bits: 8,
            nodes,
            params: vec![],
            inputs: vec![coefficient_column.clone()],
            outputs: vec![coefficient_column],
        }
    }

    #[test]
    fn the_samples_are_far_below_the_bounds() {
        for sample in all() {
            let work = work(&sample.builder.graph);
            check_layout_work(&sample.builder.graph).unwrap();
            assert!(
                work.terms > 0 && work.terms < MAX_LAYOUT_TERMS >> 8,
                "{}: {work:?}",
                sample.name
            );
            assert!(work.steps < MAX_LAYOUT_STEPS >> 8, "{}: {work:?}", sample.name);
        }
    }

    #[test]
    fn small_graphs_that_write_out_much_are_refused() {
        let wide = [1 << 10, 1 << 10];
        let sums = chain(&[
            (Op::Broadcast(Broadcast), &wide, 1),
            (Op::ReduceSum(ReduceSum { axes: vec![1] }), &[1 << 10, 1], 1),
            (Op::Broadcast(Broadcast), &wide, 1),
        ]);
        assert!(matches!(
            check_layout_work(&sums),
            Err(Error::TooMuchWork { what: "terms", .. })
        ));
        // A sum of many terms, to which one is added: each is looked for among all.
        let long = chain(&[
            (Op::Broadcast(Broadcast), &[1, 1 << 18], 1),
            (Op::ReduceSum(ReduceSum { axes: vec![1] }), &[1, 1], 1),
            (
                Op::LinComb(LinComb {
                    coefficients: vec![1],
                    constant: 0,
                }),
                &[1, 1],
                1,
            ),
        ]);
        assert!(matches!(
            check_layout_work(&long),
            Err(Error::TooMuchWork { what: "steps", .. })
        ));
    }
}
