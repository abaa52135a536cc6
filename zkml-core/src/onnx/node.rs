//! The node that is being imported, as its importer sees it.

use super::{
    attributes::Attributes,
    ints::MAX_INTS,
    value::{Ints, Value},
};
use crate::{
    error::{Error, Result},
    float::{FloatGraph, FloatId, FloatOp, FloatTensor},
};
use ndarray::IxDyn;
use std::sync::Arc;

/// One ONNX node with its inputs resolved.
pub(super) struct Node<'a> {
    pub(super) name: String,
    pub(super) op: String,
    pub(super) opset: i64,
    pub(super) attributes: Attributes<'a>,
    /// `None` for an optional input that is left out.
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) graph: &'a mut FloatGraph,
}

impl Node<'_> {
    /// An error about this node.
    pub(super) fn error(&self, reason: impl Into<String>) -> Error {
        Error::Model {
            node: self.name.clone(),
            op: self.op.clone(),
            reason: reason.into(),
        }
    }

    pub(super) fn has(&self, index: usize) -> bool {
        self.inputs.get(index).is_some_and(Option::is_some)
    }

    pub(super) fn value(&self, index: usize) -> Result<Value> {
        self.inputs
            .get(index)
            .cloned()
            .flatten()
            .ok_or_else(|| self.error(format!("input {index} is missing")))
    }

    /// An input as a node of the float graph.
    pub(super) fn tensor(&mut self, index: usize) -> Result<FloatId> {
        match self.value(index)? {
            Value::Node(id) => Ok(id),
            Value::Ints(ints) => {
                let name = self.name.clone();
                self.graph.constant(&name, ints.mapv(|i| i as f32))
            }
        }
    }

    /// An input that must be constant integers.
    pub(super) fn ints(&self, index: usize) -> Result<Ints> {
        match self.value(index)? {
            Value::Ints(ints) => Ok(ints),
            Value::Node(_) => Err(self.error(format!(
                "input {index} must be constant integers, but it is computed from the model's inputs or is not of an integer type"
            ))),
        }
    }

    /// An input that must be a list of constant integers.
    pub(super) fn int_list(&self, index: usize) -> Result<Vec<i64>> {
        let ints = self.ints(index)?;
        if ints.ndim() > 1 {
            return Err(self.error(format!(
                "input {index} must be a list of integers, found shape {:?}",
                ints.shape()
            )));
        }
        Ok(ints.iter().copied().collect())
    }

    /// The value of an input that must be constant.
    pub(super) fn constant(&mut self, index: usize) -> Result<Arc<FloatTensor>> {
        let id = self.tensor(index)?;
        self.graph.constant_value(id).cloned().ok_or_else(|| {
            self.error(format!(
                "input {index} must be constant, but it is computed from the model's inputs"
            ))
        })
    }

    /// The value of an input that must be one constant number.
    pub(super) fn scalar(&mut self, index: usize) -> Result<f32> {
        let value = self.constant(index)?;
        match value.first() {
            Some(&x) if value.len() == 1 => Ok(x),
            _ => Err(self.error(format!(
                "input {index} must be one number, found shape {:?}",
                value.shape()
            ))),
        }
    }

    /// Shape of a node of the float graph.
    pub(super) fn shape(&self, id: FloatId) -> Vec<usize> {
        self.graph.node(id).shape.clone()
    }

    /// Shape of a value.
    pub(super) fn shape_of(&self, value: &Value) -> Vec<usize> {
        match value {
            Value::Ints(ints) => ints.shape().to_vec(),
            Value::Node(id) => self.shape(*id),
        }
    }

    /// Appends a float operation under this node's name.
    pub(super) fn push(&mut self, op: FloatOp, inputs: &[FloatId]) -> Result<FloatId> {
        self.graph.push(&self.name, op, inputs.to_vec())
    }

    /// Appends a constant under this node's name.
    pub(super) fn push_constant(&mut self, value: FloatTensor) -> Result<FloatId> {
        self.graph.constant(&self.name, value)
    }

    /// Appends a constant number under this node's name.
    pub(super) fn push_number(&mut self, value: f32) -> Result<FloatId> {
        self.push_constant(FloatTensor::from_elem(IxDyn(&[]), value))
    }

    /// Appends a reshape, unless it changes nothing.
    pub(super) fn reshape(&mut self, id: FloatId, shape: Vec<usize>) -> Result<FloatId> {
        if self.graph.node(id).shape == shape {
            Ok(id)
        } else {
            self.push(FloatOp::Reshape { shape }, &[id])
        }
    }

    /// An axis that may count from the end.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let absolute = if axis < 0 {
            axis.checked_add(rank as i64)
        } else {
            Some(axis)
        };
        absolute
            .and_then(|axis| usize::try_from(axis).ok())
            .filter(|&axis| axis < rank)
            .ok_or_else(|| self.error(format!("axis {axis} does not fit a tensor of rank {rank}")))
    }

    /// Distinct axes, ascending.
    pub(super) fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>> {
        let mut result: Vec<usize> = axes
            .iter()
            .map(|&axis| self.axis(axis, rank))
            .collect::<Result<_>>()?;
        result.sort_unstable();
        if result.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.error(format!("the axes {axes:?} repeat")));
        }
        Ok(result)
    }

    /// Axes from an attribute (older operator sets) or an input (newer ones).
    pub(super) fn axes_option(&self, input: usize) -> Result<Option<Vec<i64>>> {
        if let Some(axes) = self.attributes.ints("axes")? {
            return Ok(Some(axes.to_vec()));
        }
        if self.has(input) {
            return Ok(Some(self.int_list(input)?));
        }
        Ok(None)
    }

    /// Constant integers as a value, within the size limit.
    pub(super) fn ints_value(&self, ints: Ints) -> Result<Value> {
        if ints.len() > MAX_INTS {
            return Err(self.error(format!(
                "a constant of {} integers is beyond the limit of {MAX_INTS}",
                ints.len()
            )));
        }
        Ok(Value::Ints(ints))
    }
}
