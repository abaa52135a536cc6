//! Public tensors: their elements equal the instance columns.

use super::Lowering;
use super::hashed::HashedTensors;
use crate::Error;
use crate::linear_constraint::Coef;
use crate::mono::Mono;
use crate::options::{CircuitOptions, ParamVisibility, Visibility};
use serde::{Deserialize, Serialize};
use zkml_core::graph::{Graph, NodeId};

/// What a public tensor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PublicRole {
    /// The input with this index in [`Graph::inputs`].
    Input(u32),
    /// The output with this index in [`Graph::outputs`].
    Output(u32),
    /// The parameter tensor with this index.
    Param(u32),
}

/// A tensor whose elements are public values, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicTensor {
    /// Which tensor.
    pub role: PublicRole,
    /// Number of elements.
    pub len: u32,
    /// Public value `i` of the tensor is its element `order[i]`; in order if `None`.
    pub order: Option<Vec<u32>>,
}

/// Rows and columns of the public values.
pub(super) struct InstanceShape {
    pub columns: u16,
    pub rows: u32,
    pub values: u32,
}

/// The public tensors of a graph.
pub(super) fn tensors(graph: &Graph, options: &CircuitOptions) -> Vec<PublicTensor> {
    let len = |id: NodeId| graph.node(id).len() as u32;
    let mut tensors = vec![];
    if options.inputs == Visibility::Public {
        for (i, coefficient_column) in graph.inputs.iter().enumerate() {
            tensors.push(PublicTensor {
                role: PublicRole::Input(i as u32),
                len: len(coefficient_column.node),
                order: None,
            });
        }
    }
    if options.outputs == Visibility::Public {
        for (i, coefficient_column) in graph.outputs.iter().enumerate() {
            tensors.push(PublicTensor {
                role: PublicRole::Output(i as u32),
                len: len(coefficient_column.node),
                order: None,
            });
        }
    }
    if options.params == ParamVisibility::Public {
        for (i, param) in graph.params.iter().enumerate() {
            tensors.push(PublicTensor {
                role: PublicRole::Param(i as u32),
                len: param.len() as u32,
                order: None,
            });
        }
    }
    tensors
}

/// Few columns for few values: a column costs a verifier as much as many rows of one.
pub(super) fn instance_shape(tensors: &[PublicTensor], digests: usize) -> InstanceShape {
    const ROWS_PER_COLUMN: u32 = 256;
    const MOST_COLUMNS: u32 = 16;
    let values = tensors.iter().map(|t| t.len).sum::<u32>() + digests as u32;
    let columns = values.div_ceil(ROWS_PER_COLUMN).min(MOST_COLUMNS);
    InstanceShape {
        columns: columns as u16,
        rows: if columns == 0 { 0 } else { values.div_ceil(columns) },
        values,
    }
}

impl Lowering<'_> {
    /// Binds the public tensors, and the commitments to the hashed ones, to the instance columns:
    /// `sum_i v^i (element_i - public_i) = 0`.
    pub(super) fn bind_public(
        &mut self,
        mut tensors: Vec<PublicTensor>,
        hashed: &[HashedTensors],
        shape: &InstanceShape,
    ) -> Result<Vec<PublicTensor>, Error> {
        if shape.values == 0 {
            return Ok(tensors);
        }
        let mut linear_constraint = self.linear_constraints.start();
        let mut at = 0;
        for tensor in &mut tensors {
            let lins = match tensor.role {
                PublicRole::Input(i) => self.lins(self.graph.inputs[i as usize].node)?,
                PublicRole::Output(i) => self.lins(self.graph.outputs[i as usize].node)?,
                PublicRole::Param(i) => {
                    let lins = self.param_lins(i)?;
                    // In the order of the cells, so that neighbours have neighbouring weights.
                    if let Some((_, Some(gadgets))) = &self.placed[i as usize] {
                        let mut order = vec![0; gadgets.len()];
                        for (element, &gadget) in gadgets.iter().enumerate() {
                            order[gadget as usize] = element as u32;
                        }
                        tensor.order = Some(order);
                    }
                    lins
                }
            };
            for i in 0..tensor.len {
                let element = tensor.order.as_ref().map_or(i, |o| o[i as usize]);
                linear_constraint.add_lin(&self.regions, &lins[element as usize], Coef::mono(Mono::v(at), 1));
                at += 1;
            }
        }
        for (chain, h) in hashed.iter().enumerate() {
            let permutations = h.chain().permutations;
            self.linear_constraints
                .use_digest(&linear_constraint, chain as u32, permutations, Mono::v(at));
            at += 1;
        }
        for row in 0..shape.rows {
            self.linear_constraints
                .use_instance(&linear_constraint, shape.columns, row);
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)?;
        Ok(tensors)
    }
}
