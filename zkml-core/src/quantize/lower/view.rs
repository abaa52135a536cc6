//! Operations that only move elements.

use super::prelude::*;
use crate::{
    fixed_point::quantize_value,
    float::FloatOp,
    ops::{Broadcast, Concat, Gather, Pad, Reshape, Slice, Transpose},
};

/// The same elements, which were materialised or not before.
fn moved(value: Value) -> Value {
    Value {
        kind: if value.kind == Kind::Cells {
            Kind::View
        } else {
            value.kind
        },
        ..value
    }
}

impl Lowerer<'_> {
    /// The accumulator of a product may be reshaped.
    pub(super) fn reshape(&mut self, x: FloatId) -> Result<Value> {
        let value = self.linear(x)?;
        let shape = self.shape(self.current);
        let node = self.emit(Op::Reshape(Reshape), &[value.node], &shape, value.scale)?;
        Ok(moved(Value { node, ..value }))
    }

    pub(super) fn broadcast(&mut self, x: FloatId, shape: &[usize]) -> Result<Value> {
        let value = self.viewable(x)?;
        self.broadcast_value(value, shape)
    }

    pub(super) fn broadcast_value(&mut self, value: Value, shape: &[usize]) -> Result<Value> {
        let node = self.emit(Op::Broadcast(Broadcast), &[value.node], shape, value.scale)?;
        Ok(moved(Value { node, ..value }))
    }

    /// Transpose, slice, gather and pad.
    pub(super) fn view(&mut self, op: &FloatOp, x: FloatId) -> Result<Value> {
        let mut value = self.viewable(x)?;
        let shape = self.shape(self.current);
        let op = match op.clone() {
            FloatOp::Transpose { perm } => Op::Transpose(Transpose { perm }),
            FloatOp::Slice { starts, steps, .. } => Op::Slice(Slice { starts, steps }),
            FloatOp::Gather { axis, indices } => Op::Gather(Gather { axis, indices }),
            FloatOp::Pad {
                before,
                after,
                value: constant,
            } => {
                let constant = quantize_value(f64::from(constant), value.scale)?;
                value.nonnegative &= constant >= 0;
                // A constant beyond the elements' range would need a range of its own.
                if constant != 0 {
                    value.kind = Kind::Linear;
                }
                Op::Pad(Pad {
                    before,
                    after,
                    value: constant,
                })
            }
            other => return Err(self.error(format!("{} is no view", other.name()))),
        };
        let node = self.emit(op, &[value.node], &shape, value.scale)?;
        Ok(moved(Value { node, ..value }))
    }

    /// Inputs at a common scale, one after the other.
    pub(super) fn concat(&mut self, inputs: &[FloatId], axis: usize) -> Result<Value> {
        let values = inputs
            .iter()
            .map(|&input| self.viewable(input))
            .collect::<Result<Vec<_>>>()?;
        let scale = values.iter().map(|value| value.scale).max().unwrap_or(0);
        let view = values
            .iter()
            .all(|value| value.scale == scale && matches!(value.kind, Kind::Cells | Kind::View));
        let mut nodes = Vec::with_capacity(values.len());
        for value in &values {
            nodes.push(self.refined(value, scale)?);
        }
        let node = self.emit(Op::Concat(Concat { axis }), &nodes, &[], scale)?;
        let nonnegative = values.iter().all(|value| value.nonnegative);
        let mut result = Value::linear(node, scale, nonnegative);
        if view {
            result.kind = Kind::View;
            result.width = values
                .iter()
                .map(|value| value.width)
                .reduce(|a, b| a.joined(b))
                .unwrap_or(result.width);
        }
        Ok(result)
    }
}
