//! Sums and means along axes, and the position of the maximum.

use super::prelude::*;
use crate::ops::{ArgMax, DivConst, Divisor, MatMul, ReduceSum, Reshape, Transpose};

/// Largest divisor of a division.
const MAX_DIVISOR: u64 = 1 << 31;

/// Bits of a sum of squares, which leaves one for a constant term.
const SUM_BITS: u32 = 61;

impl Lowerer<'_> {
    pub(super) fn reduce_sum(&mut self, x: FloatId, axes: &[usize]) -> Result<Value> {
        let x = self.viewable(x)?;
        let op = Op::ReduceSum(ReduceSum { axes: axes.to_vec() });
        let node = self.emit(op, &[x.node], &[], x.scale)?;
        Ok(Value::linear(node, x.scale, x.nonnegative))
    }

    /// The sum of squares: each slice along the axes times itself, as a product of matrices that rounds nothing.
    pub(super) fn reduce_sum_square(&mut self, x: FloatId, axes: &[usize]) -> Result<Value> {
        let shape = self.shape(x);
        let (mut perm, count) = (
            axes.to_vec(),
            axes.iter().map(|&axis| shape[axis]).product::<usize>(),
        );
        let operand = self.operand(x)?;
        let operand = self.narrowed(x, operand, (SUM_BITS - count.next_power_of_two().ilog2()) / 2)?;
        let mut node = operand.node;
        perm.splice(0..0, (0..shape.len()).filter(|axis| !axes.contains(axis)));
        if !perm.is_sorted() {
            node = self.emit(Op::Transpose(Transpose { perm }), &[node], &[], operand.scale)?;
        }
        let rows = shape.iter().product::<usize>() / count;
        let left = self.emit(Op::Reshape(Reshape), &[node], &[rows, 1, count], operand.scale)?;
        let right = self.emit(Op::Reshape(Reshape), &[node], &[rows, count, 1], operand.scale)?;
        let scale = 2 * operand.scale;
        let product = self.emit(Op::MatMul(MatMul), &[left, right], &[], scale)?;
        let shape = self.shape(self.current);
        let node = self.emit(Op::Reshape(Reshape), &[product], &shape, scale)?;
        Ok(Value {
            kind: Kind::Bilinear,
            ..Value::linear(node, scale, true)
        })
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
        let make = |limbs| {
            Op::DivConst(DivConst {
                divisor: divisor.clone(),
                limbs,
            })
        };
        let quotient = self.clamped(make, &[numerator], &shape, scale, limbs)?;
        self.origins.insert(quotient.node, id);
        Ok(quotient.known_nonnegative(sum.nonnegative))
    }

    pub(super) fn arg_max(&mut self, x: FloatId, axis: usize) -> Result<Value> {
        let x = self.operand(x)?;
        let op = Op::ArgMax(ArgMax {
            axis,
            limbs: x.width.limbs,
        });
        let node = self.emit(op, &[x.node], &[], 0)?;
        self.origins.insert(node, self.current);
        // Indices are not range-checked: a signed width that holds any length of an axis.
        let width = Width {
            limbs: 29u32.div_ceil(self.graph.lane_bits) as u8,
            signed: true,
        };
        Ok(Value::cells(node, 0, width).known_nonnegative(true))
    }
}
