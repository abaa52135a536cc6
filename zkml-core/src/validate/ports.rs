//! Checks of the lists of inputs and outputs.

use super::invalid;
use crate::{
    error::Result,
    graph::{Graph, Op, Port},
};

impl Graph {
    /// Every input is named once.
    pub(super) fn check_inputs(&self) -> Result<()> {
        let mut named = vec![false; self.nodes.len()];
        for port in &self.inputs {
            match self.nodes.get(port.node.index()).map(|node| &node.op) {
                Some(Op::Input(_)) if !named[port.node.index()] => named[port.node.index()] = true,
                Some(Op::Input(_)) => {
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
            .find(|(node, named)| matches!(node.op, Op::Input(_)) && !**named);
        match unnamed {
            Some((node, _)) => invalid(format!(
                "node `{}` is an input that the list of inputs leaves out",
                node.name
            )),
            None => Ok(()),
        }
    }

    /// An output is a tensor whose range is checked.
    pub(super) fn check_output(&self, port: &Port) -> Result<()> {
        match self.nodes.get(port.node.index()) {
            None => invalid(format!(
                "output `{}` names node {}, which does not exist",
                port.name, port.node.0
            )),
            Some(node) if node.op.is_linear() || matches!(node.op, Op::Param(_)) => invalid(format!(
                "output `{}` names node `{}` ({}), expected an input or an operation that range-checks its result",
                port.name,
                node.name,
                node.op.name()
            )),
            Some(_) => Ok(()),
        }
    }
}
