//! Rectifiers and clipping.

use super::prelude::*;
use crate::{
    fixed_point::dequantize,
    ops::{Clip, Rescale, Shift},
};

/// Fraction bits of the slope of a leaky rectifier.
const SLOPE_BITS: u32 = 14;

impl Lowerer<'_> {
    pub(super) fn relu(&mut self, x: FloatId) -> Result<Value> {
        let value = self.value(x)?;
        let value = self.sole(x, value)?;
        if value.nonnegative {
            return Ok(value);
        }
        let magnitude = self.range(x).magnitude();
        self.rescaled(self.current, &value, magnitude, true)
    }

    /// `alpha x + (1 - alpha) relu(x)`.
    pub(super) fn leaky_relu(&mut self, x: FloatId, alpha: f32) -> Result<Value> {
        let x = self.operand(x)?;
        if x.nonnegative {
            return Ok(x);
        }
        let shape = self.graph.node(x.node).shape.clone();
        let op = Op::Rescale(Rescale {
            shift: Shift::Uniform(0),
            limbs: x.width.limbs,
            relu: true,
            saturation: None,
        });
        let relu = self.emit(op, &[x.node], &shape, x.scale)?;
        let one = 1i64 << SLOPE_BITS;
        let slope = (f64::from(alpha) * one as f64).round();
        if slope.abs() > (1u64 << 30) as f64 {
            return Err(self.error(format!("a slope of {alpha} is too large")));
        }
        let slope = slope as i64;
        let scale = x.scale + SLOPE_BITS as i32;
        let node = self.combine(&[(x.node, slope), (relu, one - slope)], 0, scale)?;
        Ok(Value::linear(node, scale, alpha <= 0.0))
    }

    pub(super) fn clip(&mut self, x: FloatId, lo: f32, hi: f32) -> Result<Value> {
        let value = self.value(x)?;
        let value = self.sole(x, value)?;
        let value = if matches!(value.kind, Kind::Cells | Kind::View) {
            value
        } else {
            // Twice the headroom, since the result is signed even where the operand is not.
            let magnitude = self.range(x).magnitude();
            let limbs = self.limbs(self.current);
            let fit = scale_with_headroom(magnitude, self.bits(limbs) - 1);
            self.rounded(x, &value, fit.min(value.scale), limbs, lo == 0.0, false)?
        };
        let limbs = value.width.limbs;
        let [lo, hi] = [lo, hi].map(|limit| self.limit(limit.into(), value.scale, limbs));
        let shape = self.graph.node(value.node).shape.clone();
        let make = |limbs| Op::Clip(Clip { lo, hi, limbs });
        let distances = self.total_limbs(make, &[value.node], &shape, value.scale, limbs);
        let node = self.emit(make(distances), &[value.node], &shape, value.scale)?;
        self.origins.insert(node, self.current);
        let width = Width { limbs, signed: true };
        Ok(Value::cells(node, value.scale, width).known_nonnegative(lo >= 0))
    }

    /// A limit at a scale, rounded half up, and the nearest value of the signed range where it lies outside.
    pub(super) fn limit(&self, limit: f64, scale: i32, limbs: u8) -> i64 {
        let (least, most) = self.graph.signed_range(limbs);
        let scaled = (limit / dequantize(1, scale) + 0.5).floor();
        scaled.clamp(least as f64, most as f64) as i64
    }
}
