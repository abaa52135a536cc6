//! Functions of one variable by table.

use super::prelude::*;
use crate::{
    fixed_point::dequantize,
    float::{Domain, Function, Tabulation},
    ops::{Clip, Lut},
    quantize::tables::{Sampled, table},
};

/// Largest interpolation error of a table, in steps of a result of one limb.
const TOLERANCE: f64 = 0.5;

impl Lowerer<'_> {
    pub(super) fn function(&mut self, x: FloatId, function: &Function) -> Result<Value> {
        match function.tabulation {
            Tabulation::Range { largest, arguments } => {
                let range = self.range(x);
                let largest = largest(self.range(self.current).magnitude());
                self.whole(x, function, largest, arguments(range.min, range.max))
            }
            Tabulation::PowersOfFour { doubles } => self.powers_of_four(x, function, doubles),
        }
    }

    /// A table over the whole range of the operand, or over the arguments that are `interesting`.
    fn whole(
        &mut self,
        x: FloatId,
        function: &Function,
        largest: f64,
        interesting: (f64, f64),
    ) -> Result<Value> {
        let operand = self.operand(x)?;
        let limbs = self.limbs(self.current);
        let result_scale = scale_with_headroom(largest, self.bits(limbs) - 1);
        let eval = |x: f64| function.eval(x);
        let (lo, bits) = if operand.width.signed {
            let bits = self.bits(operand.width.limbs);
            (-(1i64 << (bits - 1)), bits)
        } else {
            (0, self.bits(operand.width.limbs))
        };
        let mut sampled = Sampled {
            name: &function.name.to_lowercase(),
            function: &eval,
            scale: operand.scale,
            lo,
            bits,
            result_scale,
            limbs,
        };
        let tolerance = TOLERANCE * 2f64.powi((self.bits(limbs) - self.bits(1)) as i32);
        let lane_bits = self.graph.lane_bits;
        if function.domain != Domain::All {
            let defined = self.setting.plan.least[x.0];
            let defined = function.domain.holds_from(defined).then_some(defined);
            let (node, lo, bits) = self.positive(&operand, defined, interesting.1)?;
            sampled.lo = lo;
            sampled.bits = bits;
            let (lut, _) = table(&sampled, lane_bits)
                .ok_or_else(|| self.error("its arguments need too large a table"))?;
            return self.lookup(lut, node, result_scale);
        }
        let whole = table(&sampled, lane_bits).filter(|(_, error)| *error <= tolerance);
        let (lut, argument) = match whole {
            Some((lut, _)) => (lut, operand.node),
            None => {
                // The range of the operand is far larger than where the function does anything.
                let (node, lo, bits) = self.restricted(&operand, interesting)?;
                sampled.lo = lo;
                sampled.bits = bits;
                let (lut, _) = table(&sampled, lane_bits)
                    .ok_or_else(|| self.error("its arguments need too large a table"))?;
                (lut, node)
            }
        };
        self.lookup(lut, argument, result_scale)
    }

    /// Clips an operand to where a function is interesting; smallest argument and bits of the domain.
    fn restricted(&mut self, operand: &Value, interesting: (f64, f64)) -> Result<(NodeId, i64, u32)> {
        let limbs = operand.width.signed_limbs();
        let (least, most) = self.graph.signed_range(limbs);
        let step = dequantize(1, operand.scale);
        let lo = (interesting.0 / step).floor().clamp(least as f64, most as f64) as i64;
        let hi = (interesting.1 / step).ceil().clamp(least as f64, most as f64) as i64;
        let bits = 64 - (hi.abs_diff(lo)).leading_zeros();
        let shape = self.graph.node(operand.node).shape.clone();
        let op = Op::Clip(Clip { lo, hi, limbs });
        let node = self.emit(op, &[operand.node], &shape, operand.scale)?;
        Ok((node, lo, bits.max(1)))
    }

    /// The argument of a function that is only defined above 0; smallest argument and bits of the domain. Where the float
    /// graph shows that no argument is below `defined`, smaller integers are noise of the quantisation, and count as
    /// that; elsewhere integers below 1 are outside the table, and refused.
    fn positive(&mut self, operand: &Value, defined: Option<f64>, most: f64) -> Result<(NodeId, i64, u32)> {
        let limbs = operand.width.signed_limbs();
        let (least, greatest) = self.graph.signed_range(limbs);
        let step = dequantize(1, operand.scale);
        let lo = defined.map_or(1.0, |number| {
            (number / step).floor().clamp(1.0, (greatest - 1) as f64)
        }) as i64;
        let hi = (most / step).ceil().clamp((lo + 1) as f64, greatest as f64) as i64;
        let bits = 64 - hi.abs_diff(lo).leading_zeros();
        let clip = Clip {
            lo: defined.map_or(least, |_| lo),
            hi,
            limbs,
        };
        let shape = self.graph.node(operand.node).shape.clone();
        let node = self.emit(Op::Clip(clip), &[operand.node], &shape, operand.scale)?;
        Ok((node, lo, bits))
    }

    /// Looks a materialised argument up; the result is the current node's.
    pub(super) fn lookup(&mut self, lut: Lut, argument: NodeId, scale: i32) -> Result<Value> {
        let width = Width {
            limbs: lut.limbs,
            signed: true,
        };
        let nonnegative = lut
            .values
            .iter()
            .zip(&lut.slopes)
            .all(|(&value, &slope)| value >= 0 && value + slope >= 0);
        let shape = self.graph.node(argument).shape.clone();
        let node = self.emit(Op::Lut(lut), &[argument], &shape, scale)?;
        self.origins.insert(node, self.current);
        Ok(Value::cells(node, scale, width).known_nonnegative(nonnegative))
    }
}
