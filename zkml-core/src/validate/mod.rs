//! Checks of graphs and parameters from untrusted files.
//!
//! A graph that passes can be executed and compiled without panics, overflow or unbounded
//! memory, whatever its inputs.

mod nodes;
mod params;
mod ports;

use crate::{
    bounds::bounds,
    error::{Error, Result},
    graph::Graph,
    ops::range,
    shape::element_count,
};

/// Largest number of nodes.
pub const MAX_NODES: usize = 1 << 16;

/// Largest number of elements of all tensors together.
pub const MAX_TOTAL_ELEMENTS: usize = 1 << 30;

/// Largest number of elementary steps (multiplications, additions) of an execution.
pub const MAX_WORK: u128 = 1 << 40;

/// Largest absolute value of a scale.
pub const MAX_SCALE: u32 = 256;

impl Graph {
    /// Checks everything that a corrupt or hostile file could contain.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidNode`] or [`Error::InvalidGraph`] says what is wrong and where,
    /// [`Error::AccumulatorOverflow`] which node can exceed 62 bits.
    pub fn validate(&self) -> Result<()> {
        bounds(self).map(drop)
    }

    /// All of [`Graph::validate`] but the bounds of values.
    pub(crate) fn validate_structure(&self) -> Result<()> {
        if !(4..=16).contains(&self.lane_bits) {
            return invalid(format!(
                "expected limbs of 4 to 16 bits, found {}",
                self.lane_bits
            ));
        }
        if self.nodes.len() > MAX_NODES {
            return invalid(format!(
                "expected at most {MAX_NODES} nodes, found {}",
                self.nodes.len()
            ));
        }
        self.check_params()?;
        self.check_nodes()?;
        self.check_inputs()?;
        self.outputs.iter().try_for_each(|port| self.check_output(port))?;
        if self.outputs.is_empty() {
            return invalid("expected at least one output, found none".into());
        }
        Ok(())
    }

    fn check_params(&self) -> Result<()> {
        for spec in &self.params {
            if element_count(&spec.shape).is_none() {
                return invalid(format!(
                    "parameter `{}` has the invalid shape {:?}",
                    spec.name, spec.shape
                ));
            }
            if !range::valid_limbs(spec.limbs, self.lane_bits) {
                let reason = range::invalid_limbs(spec.limbs, self.lane_bits);
                return invalid(format!("parameter `{}`: {reason}", spec.name));
            }
        }
        Ok(())
    }
}

fn invalid(reason: String) -> Result<()> {
    Err(Error::InvalidGraph { reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::{NodeId, Op, ParamId},
        ops::{Broadcast, Clip, Input, MatMul, Mul, Param, Rescale, Shift},
        testing::GraphBuilder,
    };

    /// Input 0, parameter 1, product 2, rescaled output 3.
    pub(super) fn valid() -> Graph {
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 2], 1);
        let w = builder.param(&[2, 3], 1);
        let product = builder.node(Op::MatMul(MatMul), &[x, w], &[1, 3]);
        let out = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(4),
                limbs: 1,
                relu: true,
                saturation: None,
            }),
            &[product],
            &[1, 3],
        );
        builder.output(out);
        builder.graph
    }

    fn check(change: impl FnOnce(&mut Graph)) -> Result<()> {
        let mut graph = valid();
        change(&mut graph);
        graph.validate()
    }

    #[test]
    fn accepts_a_valid_graph() {
        check(|_| {}).unwrap();
        check(|g| g.outputs[0].node = NodeId(0)).unwrap();
    }

    #[test]
    fn refuses_malformed_graphs() {
        let changes: [fn(&mut Graph); 13] = [
            |g| g.lane_bits = 3,
            |g| g.lane_bits = 17,
            |g| g.lane_bits = u32::MAX,
            |g| g.params[0].shape = vec![0],
            |g| g.params[0].limbs = 0,
            |g| g.params[0].limbs = 4,
            |g| g.inputs.clear(),
            |g| g.inputs.push(g.inputs[0].clone()),
            |g| g.inputs[0].node = NodeId(1),
            |g| g.inputs[0].node = NodeId(u32::MAX),
            |g| g.outputs.clear(),
            |g| g.outputs[0].node = NodeId(2),
            |g| g.outputs[0].node = NodeId(4),
        ];
        for (i, change) in changes.into_iter().enumerate() {
            assert!(
                matches!(check(change), Err(Error::InvalidGraph { .. })),
                "change {i}"
            );
        }
        assert!(matches!(
            check(|g| g.outputs[0].node = NodeId(1)),
            Err(Error::InvalidGraph { .. })
        ));
    }

    #[test]
    fn refuses_malformed_nodes() {
        let changes: [fn(&mut Graph); 13] = [
            |g| g.nodes[2].inputs[1] = NodeId(2),
            |g| g.nodes[2].inputs[1] = NodeId(u32::MAX),
            |g| g.nodes[2].inputs.truncate(1),
            |g| g.nodes[2].shape = vec![3],
            |g| g.nodes[2].shape = vec![usize::MAX; 2],
            |g| g.nodes[1].op = Op::Param(Param { param: ParamId(1) }),
            |g| g.nodes[1].shape = vec![3, 2],
            |g| g.nodes[0].op = Op::Input(Input { limbs: 0 }),
            |g| g.nodes[0].op = Op::Input(Input { limbs: 255 }),
            |g| g.nodes[0].scale = i32::MIN,
            |g| {
                g.nodes[3].op = Op::Rescale(Rescale {
                    shift: Shift::Uniform(63),
                    limbs: 1,
                    relu: true,
                    saturation: None,
                })
            },
            |g| {
                g.nodes[3].op = Op::Clip(Clip {
                    lo: 0,
                    hi: 128,
                    limbs: 1,
                })
            },
            |g| {
                g.nodes[3].op = Op::Mul(Mul {
                    shift: 0,
                    limbs: 1,
                    operand_limbs: [1, 0],
                })
            },
        ];
        for (i, change) in changes.into_iter().enumerate() {
            assert!(
                matches!(check(change), Err(Error::InvalidNode { .. })),
                "change {i}"
            );
        }
    }

    #[test]
    fn bounds_size_and_work() {
        let many = |g: &mut Graph| g.nodes = vec![g.nodes[0].clone(); MAX_NODES + 1];
        assert!(matches!(check(many), Err(Error::InvalidGraph { .. })));
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1], 1);
        for _ in 0..5 {
            builder.node(Op::Broadcast(Broadcast), &[x], &[1 << 28]);
        }
        builder.output(x);
        assert!(matches!(
            builder.graph.validate(),
            Err(Error::InvalidNode { index: 4, .. })
        ));
        let mut builder = GraphBuilder::new(4);
        let x = builder.input(&[1, 1], 1);
        let column = builder.node(Op::Broadcast(Broadcast), &[x], &[1 << 14, 1 << 14]);
        builder.node(Op::MatMul(MatMul), &[column, column], &[1 << 14, 1 << 14]);
        builder.output(x);
        assert!(matches!(
            builder.graph.validate(),
            Err(Error::InvalidNode { index: 2, .. })
        ));
    }
}
