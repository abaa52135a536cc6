//! Rounding a value into cells.

use super::prelude::*;
use crate::ops::{Rescale, Shift};

/// Largest shift of a rescale.
const MAX_SHIFT: i32 = 62;

impl Lowerer<'_> {
    /// The value of a node as materialised cells; rounded at most once.
    pub(super) fn cells(&mut self, id: FloatId) -> Result<Value> {
        if let Some(cells) = &self.cells[id.0] {
            return Ok(cells.clone());
        }
        let value = self.value(id)?;
        if value.kind == Kind::Cells {
            return Ok(value);
        }
        let magnitude = self.range(id).magnitude();
        // The rounding belongs to the node whose value it rounds, not to the one that reads it.
        let reader = std::mem::replace(&mut self.current, id);
        let cells = self.rescaled(id, &value, magnitude, false);
        self.current = reader;
        let cells = cells?;
        self.cells[id.0] = Some(cells.clone());
        Ok(cells)
    }

    /// Rescales an accumulator to the value of float node `id`. `magnitude` is the largest
    /// calibrated absolute value before the rectifier.
    pub(super) fn rescaled(
        &mut self,
        id: FloatId,
        value: &Value,
        magnitude: f64,
        relu: bool,
    ) -> Result<Value> {
        let limbs = self.limbs(id);
        let sign = u32::from(!relu);
        let fit = |limbs: u8| scale_with_headroom(magnitude, self.bits(limbs) - sign);
        // An accumulator that is coarser than its cells could be keeps its scale.
        let scale = fit(limbs).min(value.scale);
        let limbs = (1..limbs).find(|&fewer| fit(fewer) >= scale).unwrap_or(limbs);
        let last = self.setting.plan.reader[id.0].is_none();
        let cells = self.rounded(id, value, scale, limbs, relu, last)?;
        self.origins.insert(cells.node, id);
        Ok(cells.known_nonnegative(relu || value.nonnegative))
    }

    /// The accumulator of float node `id`, rounded to a scale. `last` says that no operation reads the result.
    pub(super) fn rounded(
        &mut self,
        id: FloatId,
        value: &Value,
        scale: i32,
        limbs: u8,
        relu: bool,
        last: bool,
    ) -> Result<Value> {
        let shape = self.graph.node(value.node).shape.clone();
        let rounding = self.rounding(id, value, scale, limbs, relu, last)?;
        let op = Op::Rescale(Rescale {
            shift: self.shift(value, rounding.scale)?,
            limbs: rounding.limbs,
            relu,
            saturation: rounding.saturation,
        });
        let node = self.emit(op, &[value.node], &shape, rounding.scale)?;
        if rounding.limbs > limbs {
            self.widened.insert(node);
        }
        let width = Width {
            limbs: rounding.limbs,
            signed: !relu,
        };
        Ok(Value::cells(node, rounding.scale, width))
    }

    /// Width of the cells of a float node.
    pub(super) fn limbs(&mut self, id: FloatId) -> u8 {
        let cost = self.setting.graph.node(id).len();
        if self.is_wide(Item::Activation(id), cost) {
            2
        } else {
            1
        }
    }

    /// Materialised cells of float node `id`, rounded to fewer limbs where they have more than `most` bits without
    /// their sign.
    pub(super) fn narrowed(&mut self, id: FloatId, mut value: Value, most: u32) -> Result<Value> {
        while value.width.limbs > 1 && self.bits(value.width.limbs) - u32::from(value.width.signed) > most {
            let limbs = value.width.limbs - 1;
            let scale = scale_with_headroom(self.range(id).magnitude(), self.bits(limbs) - 1);
            value = self.rounded(id, &value, scale.min(value.scale), limbs, false, false)?;
        }
        Ok(value)
    }

    /// The shift that brings a value to a scale.
    pub(super) fn shift(&self, value: &Value, scale: i32) -> Result<Shift> {
        let shift = value.scale - scale;
        let largest = value
            .deltas
            .as_ref()
            .and_then(|deltas| deltas.bits.iter().max())
            .map_or(0, |&bits| bits as i32);
        if shift < 0 || shift + largest > MAX_SHIFT {
            return Err(self.error(format!("a rescale by 2^{} is needed", shift + largest)));
        }
        let shift = shift as u32;
        Ok(match &value.deltas {
            None => Shift::Uniform(shift),
            Some(deltas) => Shift::PerAxis {
                axis: deltas.axis,
                shifts: deltas.bits.iter().map(|&bits| bits + shift).collect(),
            },
        })
    }

    /// Appends an operation with a signed result that has no clamp of its own. Where its result can leave the width,
    /// a wider one, whose result is clamped to the width unless no operation reads it.
    pub(super) fn clamped(
        &mut self,
        make: impl Fn(u8) -> Op,
        inputs: &[NodeId],
        shape: &[usize],
        scale: i32,
        limbs: u8,
    ) -> Result<Value> {
        let wide = self.total_limbs(&make, inputs, shape, scale, limbs);
        let node = self.emit(make(wide), inputs, shape, scale)?;
        let width = Width {
            limbs: wide,
            signed: true,
        };
        let value = Value::cells(node, scale, width);
        if wide == limbs {
            return Ok(value);
        }
        if self.setting.plan.reader[self.current.0].is_none() {
            self.widened.insert(node);
            return Ok(value);
        }
        self.rounded(self.current, &value, scale, limbs, false, false)
    }
}
