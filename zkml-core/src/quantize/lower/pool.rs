//! Pooling.

use super::prelude::*;
use crate::ops::{Divisor, Max, MaxWindows, Shift, SumPool, Window2d};

impl Lowerer<'_> {
    /// The scale of a pooling that rounds the accumulator itself: maxima and the distances
    /// within a window have a bit of headroom.
    pub(super) fn pool_scale(&self, pool: FloatId, limbs: u8) -> i32 {
        let range = self.range(pool);
        let relu = self.setting.plan.poolings[pool.0]
            .as_ref()
            .is_some_and(|pooling| pooling.relu);
        let bits = self.bits(limbs);
        let maxima = scale_with_headroom(range.peak, bits - u32::from(!relu));
        maxima.min(scale_with_headroom(range.spread, bits))
    }

    pub(super) fn max_pool(&mut self, input: FloatId, window: &Window2d) -> Result<Value> {
        let id = self.current;
        let windows = MaxWindows::Pool(window.clone());
        let Some(pooling) = self.setting.plan.poolings[id.0].clone() else {
            // Windows that overlap would round an element more than once.
            let x = self.operand(input)?;
            return self.max_of_cells(windows, &x, false, id);
        };
        let value = self.value(pooling.source)?;
        let value = self.sole(pooling.source, value)?;
        let relu = pooling.relu && !value.nonnegative;
        let accumulator = matches!(value.kind, Kind::Linear | Kind::Bilinear);
        if !accumulator {
            return self.max_of_cells(windows, &value, relu, pooling.result);
        }
        let limbs = self.limbs(id);
        let scale = self.pool_scale(id, limbs).min(value.scale);
        let (scale, saturation) = self.max_rounding(id, &value, &windows, scale, limbs, relu)?;
        let shift = self.shift(&value, scale)?;
        let op = Op::Max(Max {
            windows,
            shift,
            limbs,
            relu,
            saturation,
        });
        let node = self.emit(op, &[value.node], &[], scale)?;
        self.origins.insert(node, pooling.result);
        let width = Width { limbs, signed: !relu };
        Ok(Value::cells(node, scale, width).known_nonnegative(relu || value.nonnegative))
    }

    /// The maximum of materialised elements, which needs no rounding.
    pub(super) fn max_of_cells(
        &mut self,
        windows: MaxWindows,
        x: &Value,
        relu: bool,
        result: FloatId,
    ) -> Result<Value> {
        // Unsigned elements have unsigned maxima.
        let relu = relu || !x.width.signed;
        let op = Op::Max(Max {
            windows,
            shift: Shift::Uniform(0),
            limbs: x.width.limbs,
            relu,
            saturation: None,
        });
        let node = self.emit(op, &[x.node], &[], x.scale)?;
        self.origins.insert(node, result);
        let width = Width {
            limbs: x.width.limbs,
            signed: !relu,
        };
        Ok(Value::cells(node, x.scale, width).known_nonnegative(relu || x.nonnegative))
    }

    pub(super) fn average_pool(&mut self, x: FloatId, window: &Window2d, divisor: &Divisor) -> Result<Value> {
        let x = self.viewable(x)?;
        let node = self.emit(
            Op::SumPool(SumPool {
                window: window.clone(),
            }),
            &[x.node],
            &[],
            x.scale,
        )?;
        let sum = Value::linear(node, x.scale, x.nonnegative);
        self.divided(sum, divisor)
    }
}
