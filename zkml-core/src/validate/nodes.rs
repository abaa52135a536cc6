//! Checks of nodes, one by one, and of what they cost together.

use super::{MAX_SCALE, MAX_TOTAL_ELEMENTS, MAX_WORK};
use crate::{
    error::{Error, Result},
    graph::{Graph, Node},
    ops::{self, Op, Param},
};

impl Graph {
    /// All nodes, each with what stands before it, and the size and work of all.
    pub(super) fn check_nodes(&self) -> Result<()> {
        let mut elements = 0usize;
        let mut work = 0u128;
        for (index, node) in self.nodes.iter().enumerate() {
            let at = |reason: String| Error::InvalidNode {
                index,
                node: node.name.clone(),
                op: node.op.name(),
                reason,
            };
            self.check_node(index, node).map_err(|error| match error {
                Error::Shape { reason, .. } => at(reason),
                other => other,
            })?;
            // Counts are at most 2^28 for each of 2^16 nodes.
            elements += node.len();
            work = work.saturating_add(self.work(node));
            if elements > MAX_TOTAL_ELEMENTS {
                return Err(at(format!(
                    "expected at most {MAX_TOTAL_ELEMENTS} elements in all tensors"
                )));
            }
            if work > MAX_WORK {
                return Err(at(format!(
                    "expected an execution of at most {MAX_WORK} steps, found {work}"
                )));
            }
        }
        Ok(())
    }

    fn check_node(&self, index: usize, node: &Node) -> Result<()> {
        let fail = |reason: String| {
            Err(Error::Shape {
                op: node.op.name(),
                reason,
            })
        };
        if let Some(id) = node.inputs.iter().find(|id| id.index() >= index) {
            return fail(format!(
                "expected inputs among the nodes before it, found {}",
                id.0
            ));
        }
        if node.scale.unsigned_abs() > MAX_SCALE {
            return fail(format!(
                "expected a scale within {MAX_SCALE}, found {}",
                node.scale
            ));
        }
        if let Op::Param(Param { param }) = &node.op {
            match self.params.get(param.index()) {
                None => {
                    return fail(format!(
                        "expected one of {} parameters, found {}",
                        self.params.len(),
                        param.0
                    ));
                }
                Some(spec) if spec.shape != node.shape => {
                    return fail(format!(
                        "expected its parameter's shape {:?}, found {:?}",
                        spec.shape, node.shape
                    ));
                }
                Some(_) => {}
            }
        }
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&id| &self.node(id).shape[..]).collect();
        let inferred = ops::infer_shape(&node.op, &shapes, &node.shape)?;
        if inferred != node.shape {
            return fail(format!("expected the shape {inferred:?}, found {:?}", node.shape));
        }
        node.op.operation().check_widths(self.lane_bits)
    }

    /// Elementary steps that evaluating a node takes.
    fn work(&self, node: &Node) -> u128 {
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&id| &self.node(id).shape[..]).collect();
        node.len() as u128 * node.op.operation().steps(&shapes) as u128
    }
}
