//! Checks of graphs and parameters from untrusted files.
//!
//! A graph that passes can be executed and compiled without panics, overflow or unbounded
//! memory, whatever its inputs.

use crate::{
    bounds::bounds,
    error::{Error, Result},
    graph::{Graph, Node, Op, Params, Port},
    ops::{self, range},
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

    fn check_nodes(&self) -> Result<()> {
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
        if let Op::Param { param } = &node.op {
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
        ops::check_widths(&node.op, self.lane_bits)
    }

    /// Elementary steps that evaluating a node takes.
    fn work(&self, node: &Node) -> u128 {
        let shape = |input: usize| &self.node(node.inputs[input]).shape[..];
        let each: usize = match &node.op {
            Op::MatMul => shape(0)[shape(0).len() - 1],
            Op::Conv { .. } => shape(1)[1..].iter().product(),
            Op::LinComb { coefficients, .. } => coefficients.len(),
            op if node.inputs.is_empty() => ops::set_size(op, &[]),
            op => ops::set_size(op, shape(0)),
        };
        node.len() as u128 * each as u128
    }

    fn check_inputs(&self) -> Result<()> {
        let mut named = vec![false; self.nodes.len()];
        for port in &self.inputs {
            match self.nodes.get(port.node.index()).map(|node| &node.op) {
                Some(Op::Input { .. }) if !named[port.node.index()] => named[port.node.index()] = true,
                Some(Op::Input { .. }) => {
                    return invalid(format!(
                        "input `{}` names node {}, as does another input",
                        port.name, port.node.0
                    ));
                }
                _ => {
                    return invalid(format!(
                        "input `{}` names node {}, which is no input",
                        port.name, port.node.0
                    ));
                }
            }
        }
        let unnamed = self
            .nodes
            .iter()
            .zip(&named)
            .find(|(node, named)| matches!(node.op, Op::Input { .. }) && !**named);
        match unnamed {
            Some((node, _)) => invalid(format!(
                "node `{}` is an input that the list of inputs leaves out",
                node.name
            )),
            None => Ok(()),
        }
    }

    fn check_output(&self, port: &Port) -> Result<()> {
        match self.nodes.get(port.node.index()) {
            None => invalid(format!(
                "output `{}` names node {}, which does not exist",
                port.name, port.node.0
            )),
            Some(node) if node.op.is_linear() || matches!(node.op, Op::Param { .. }) => invalid(format!(
                "output `{}` names node `{}` ({}), expected an input or an operation that range-checks its result",
                port.name,
                node.name,
                node.op.name()
            )),
            Some(_) => Ok(()),
        }
    }
}

impl Params {
    /// Checks number, lengths and ranges against a validated graph.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParams`] names the parameter that does not fit.
    pub fn validate(&self, graph: &Graph) -> Result<()> {
        let fail = |reason| Err(Error::InvalidParams { reason });
        if self.tensors.len() != graph.params.len() {
            return fail(format!(
                "expected {} tensors, found {}",
                graph.params.len(),
                self.tensors.len()
            ));
        }
        for (spec, values) in graph.params.iter().zip(&self.tensors) {
            if element_count(&spec.shape) != Some(values.len()) {
                let (name, shape, len) = (&spec.name, &spec.shape, values.len());
                return fail(format!(
                    "`{name}`: expected as many values as the shape {shape:?} has, found {len}"
                ));
            }
            if !range::valid_limbs(spec.limbs, graph.lane_bits) {
                return fail(format!(
                    "`{}`: {}",
                    spec.name,
                    range::invalid_limbs(spec.limbs, graph.lane_bits)
                ));
            }
            let range = range::Range::signed(u32::from(spec.limbs) * graph.lane_bits);
            if let Some(value) = values.iter().find(|&&value| !range.contains(value)) {
                let (name, lo, hi) = (&spec.name, range.lo, range.hi);
                return fail(format!(
                    "`{name}`: expected values in [{lo}, {hi}], found {value}"
                ));
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
        graph::{NodeId, ParamId, Shift},
        testing::GraphBuilder,
    };

    /// Input 0, parameter 1, product 2, rescaled output 3.
    fn valid() -> Graph {
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 2], 1);
        let w = builder.param(&[2, 3], 1);
        let product = builder.node(Op::MatMul, &[x, w], &[1, 3]);
        let out = builder.node(
            Op::Rescale {
                shift: Shift::Uniform(4),
                limbs: 1,
                relu: true,
            },
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
            |g| g.nodes[1].op = Op::Param { param: ParamId(1) },
            |g| g.nodes[1].shape = vec![3, 2],
            |g| g.nodes[0].op = Op::Input { limbs: 0 },
            |g| g.nodes[0].op = Op::Input { limbs: 255 },
            |g| g.nodes[0].scale = i32::MIN,
            |g| {
                g.nodes[3].op = Op::Rescale {
                    shift: Shift::Uniform(63),
                    limbs: 1,
                    relu: true,
                }
            },
            |g| {
                g.nodes[3].op = Op::Clip {
                    lo: 0,
                    hi: 128,
                    limbs: 1,
                }
            },
            |g| {
                g.nodes[3].op = Op::Mul {
                    shift: 0,
                    limbs: 1,
                    operand_limbs: [1, 0],
                }
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
            builder.node(Op::Broadcast, &[x], &[1 << 28]);
        }
        builder.output(x);
        assert!(matches!(
            builder.graph.validate(),
            Err(Error::InvalidNode { index: 4, .. })
        ));
        let mut builder = GraphBuilder::new(4);
        let x = builder.input(&[1, 1], 1);
        let column = builder.node(Op::Broadcast, &[x], &[1 << 14, 1 << 14]);
        builder.node(Op::MatMul, &[column, column], &[1 << 14, 1 << 14]);
        builder.output(x);
        assert!(matches!(
            builder.graph.validate(),
            Err(Error::InvalidNode { index: 2, .. })
        ));
    }

    #[test]
    fn params_must_fit() {
        let graph = valid();
        let params = |values: &[i64]| Params {
            tensors: vec![values.to_vec()],
        };
        params(&[-128, 127, 0, 0, 0, 0]).validate(&graph).unwrap();
        for bad in [
            params(&[0; 5]),
            params(&[128; 6]),
            params(&[-129; 6]),
            Params { tensors: vec![] },
        ] {
            assert!(matches!(bad.validate(&graph), Err(Error::InvalidParams { .. })));
        }
    }
}
