//! Sums and means along axes, and the position of the maximum.

use super::{
    Lowerer,
    value::{Value, Width},
};
use crate::{
    error::Result,
    float::FloatId,
    graph::{Divisor, Op},
    quantize::widths::scale_with_headroom,
};

/// Largest divisor of a division.
const MAX_DIVISOR: u64 = 1 << 31;

impl Lowerer<'_> {
    pub(super) fn reduce_sum(&mut self, x: FloatId, axes: &[usize]) -> Result<Value> {
        let x = self.viewable(x)?;
        let op = Op::ReduceSum { axes: axes.to_vec() };
        let node = self.emit(op, &[x.node], &[], x.scale)?;
        Ok(Value::linear(node, x.scale, x.nonnegative))
    }

    pub(super) fn reduce_mean(&mut self, x: FloatId, axes: &[usize]) -> Result<Value> {
        let shape = self.shape(x);
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        let sum = self.reduce_sum(x, axes)?;
        let count = u32::try_from(count).map_err(|_| self.error(format!("a mean of {count} elements")))?;
        self.divided(sum, &Divisor::Uniform(count))
    }

    /// A sum divided by constants; a power of two only changes the scale.
    pub(super) fn divided(&mut self, mut sum: Value, divisor: &Divisor) -> Result<Value> {
        if let Divisor::Uniform(count) = divisor
            && count.is_power_of_two()
        {
            sum.scale += count.trailing_zeros() as i32;
            return Ok(sum);
        }
        let id = self.current;
        let limbs = self.limbs(id);
        let wanted = scale_with_headroom(self.range(id).magnitude(), self.bits(limbs) - 1);
        let largest = divisor.largest();
        // A coarser result needs larger divisors, a finer one a larger numerator.
        let room = (MAX_DIVISOR / u64::from(largest).max(1)).max(1).ilog2() as i32;
        let coarser = (sum.scale - wanted).clamp(0, room) as u32;
        let scale = if coarser > 0 {
            sum.scale - coarser as i32
        } else {
            wanted.min(sum.scale + 24)
        };
        let numerator = if coarser > 0 {
            sum.node
        } else {
            self.refined(&sum, scale)?
        };
        let shape = self.shape(id);
        let divisor = match divisor {
            Divisor::Uniform(count) => Divisor::Uniform(count << coarser),
            Divisor::PerElement(counts) => {
                let images = shape.iter().product::<usize>() / counts.len();
                let one: Vec<u32> = counts.iter().map(|count| count << coarser).collect();
                Divisor::PerElement(one.repeat(images))
            }
        };
        let make = |limbs| Op::DivConst {
            divisor: divisor.clone(),
            limbs,
        };
        let quotient = self.clamped(make, &[numerator], &shape, scale, limbs)?;
        self.origins.insert(quotient.node, id);
        Ok(Value {
            nonnegative: sum.nonnegative,
            ..quotient
        })
    }

    pub(super) fn arg_max(&mut self, x: FloatId, axis: usize) -> Result<Value> {
        let x = self.operand(x)?;
        let op = Op::ArgMax {
            axis,
            limbs: x.width.limbs,
        };
        let node = self.emit(op, &[x.node], &[], 0)?;
        self.origins.insert(node, self.current);
        // Indices are not range-checked: a signed width that holds any length of an axis.
        let width = Width {
            limbs: 29u32.div_ceil(self.graph.lane_bits) as u8,
            signed: true,
        };
        Ok(Value {
            nonnegative: true,
            ..Value::cells(node, 0, width)
        })
    }
}
