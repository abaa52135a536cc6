//! The float executor.

use super::{FloatGraph, FloatId, FloatOp, FloatTensor, ops};
use crate::error::{Error, Result};
use std::sync::Arc;

/// The values of all nodes of a graph on one set of inputs.
#[derive(Clone, Debug)]
pub struct FloatRun {
    values: Vec<Arc<FloatTensor>>,
}

impl FloatRun {
    /// The value of a node.
    pub fn value(&self, id: FloatId) -> &FloatTensor {
        &self.values[id.0]
    }
}

impl FloatGraph {
    /// Runs the network and keeps every node's value.
    ///
    /// # Errors
    ///
    /// [`Error::InputCount`], [`Error::InputShape`] or [`Error::NotFinite`] for inputs that do not fit.
    pub fn run_all(&self, inputs: &[FloatTensor]) -> Result<FloatRun> {
        if inputs.len() != self.inputs.len() {
            return Err(Error::InputCount {
                expected: self.inputs.len(),
                found: inputs.len(),
            });
        }
        for (port, tensor) in self.inputs.iter().zip(inputs) {
            let expected = &self.node(port.node).shape;
            if tensor.shape() != &expected[..] {
                return Err(Error::InputShape {
                    name: port.name.clone(),
                    expected: expected.clone(),
                    found: tensor.shape().to_vec(),
                });
            }
            if let Some(&value) = tensor.iter().find(|x| !x.is_finite()) {
                return Err(Error::NotFinite {
                    value: f64::from(value),
                });
            }
        }
        let mut values: Vec<Arc<FloatTensor>> = Vec::with_capacity(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            let value = match &node.op {
                FloatOp::Constant(value) => value.clone(),
                FloatOp::Input { .. } => {
                    let position = self.inputs.iter().position(|port| port.node == FloatId(index));
                    let position = position.ok_or_else(|| Error::Model {
                        node: node.name.clone(),
                        op: "Input".into(),
                        reason: "the graph does not list it among its inputs".into(),
                    })?;
                    Arc::new(inputs[position].as_standard_layout().into_owned())
                }
                op => {
                    let args: Vec<&FloatTensor> = node.inputs.iter().map(|id| &*values[id.0]).collect();
                    Arc::new(ops::eval(op, &args, &node.shape))
                }
            };
            values.push(value);
        }
        Ok(FloatRun { values })
    }

    /// Runs the network and returns its outputs.
    ///
    /// # Errors
    ///
    /// As [`FloatGraph::run_all`].
    pub fn run(&self, inputs: &[FloatTensor]) -> Result<Vec<FloatTensor>> {
        let run = self.run_all(inputs)?;
        Ok(self
            .outputs
            .iter()
            .map(|port| run.value(port.node).clone())
            .collect())
    }
}
