//! Softmax: `e^(x - max) / sum e^(x - max)` along an axis.
//!
//! The distances from the maximum are clipped where the exponential underflows to 0; the
//! largest exponential is exactly 1. Each result is the rounded quotient of integers, so that
//! `n` results add up to 1 within `n / 2` steps of the result's scale.

use super::prelude::*;
use crate::{
    ops::{Broadcast, Clip, Div, MaxWindows, ReduceSum, Rescale, Shift},
    quantize::tables::{Sampled, table},
};

/// Beyond this distance from the maximum the exponential is below any result's precision.
const UNDERFLOW: f64 = 20.0;

impl Lowerer<'_> {
    pub(super) fn softmax(&mut self, x: FloatId, axis: usize) -> Result<Value> {
        let id = self.current;
        let shape = self.shape(id);
        let count: usize = shape.iter().product();
        let x = self.operand(x)?;
        let max = self.max_of_cells(MaxWindows::Axis(axis), &x, false, id)?;
        self.origins.remove(&max.node);
        let max = self.emit(Op::Broadcast(Broadcast), &[max.node], &shape, x.scale)?;
        let distance = self.combine(&[(max, 1), (x.node, -1)], 0, x.scale)?;

        // Clipped distances are signed, but not negative.
        let most = self.bits(x.width.limbs) - 1;
        let reach = (UNDERFLOW.log2() + f64::from(x.scale)).ceil();
        let bits = (reach.max(1.0) as u32).min(most);
        let clip = Op::Clip(Clip {
            lo: 0,
            hi: (1 << bits) - 1,
            limbs: x.width.limbs,
        });
        let clipped = self.emit(clip, &[distance], &shape, x.scale)?;

        let exp_limbs = if self.is_wide(Item::Exponentials(id), count) {
            2
        } else {
            1
        };
        let exp_scale = self.bits(exp_limbs) as i32 - 2;
        let function = |x: f64| (-x).exp();
        let sampled = Sampled {
            name: "exp",
            function: &function,
            scale: x.scale,
            lo: 0,
            bits,
            result_scale: exp_scale,
            limbs: exp_limbs,
        };
        let (lut, _) = table(&sampled, self.graph.lane_bits)
            .ok_or_else(|| self.error("its arguments need too large a table"))?;
        let exponentials = self.emit(Op::Lut(lut), &[clipped], &shape, exp_scale)?;

        let sum = self.emit(
            Op::ReduceSum(ReduceSum { axes: vec![axis] }),
            &[exponentials],
            &[],
            exp_scale,
        )?;
        // Interpolated values exceed 1 by no more than a step each.
        let sum_bits = exp_scale as u32 + 1 + shape[axis].ilog2() + 1;
        let sum_limbs = sum_bits.div_ceil(self.graph.lane_bits) as u8;
        let rescale = Op::Rescale(Rescale {
            shift: Shift::Uniform(0),
            limbs: sum_limbs,
            relu: true,
            saturation: None,
        });
        let sum_shape = self.graph.node(sum).shape.clone();
        let sum = self.emit(rescale, &[sum], &sum_shape, exp_scale)?;
        let sum = self.emit(Op::Broadcast(Broadcast), &[sum], &shape, exp_scale)?;

        let limbs = self.limbs(id);
        let shift = self.bits(limbs) - 1;
        let quotient = Op::Div(Div {
            shift,
            limbs,
            operand_limbs: [exp_limbs, sum_limbs],
        });
        let node = self.emit(quotient, &[exponentials, sum], &shape, shift as i32)?;
        self.origins.insert(node, id);
        let width = Width { limbs, signed: false };
        Ok(Value::cells(node, shift as i32, width))
    }
}
