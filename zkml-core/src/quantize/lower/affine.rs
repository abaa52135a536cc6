//! Sums, differences and products with constants: exact, until something needs cells.

use super::{prelude::*, value::Deltas};
use crate::{
    fixed_point::quantize_value,
    float::FloatTensor,
    ops::{Broadcast, LinComb, Mul},
    quantize::widths::scale_within,
    tensor::IntTensor,
};
use ndarray::IxDyn;

/// Most bits of a constant term: more than any result keeps.
const TERM_BITS: u32 = 24;

/// Bits of an integer factor that stands for a real one.
const FACTOR_BITS: u32 = 14;

/// Bits of a product of two tensors, without its sign.
const PRODUCT_BITS: u32 = 61;

impl Lowerer<'_> {
    /// A linear combination of nodes of the same shape and scale.
    pub(super) fn combine(&mut self, terms: &[(NodeId, i64)], constant: i64, scale: i32) -> Result<NodeId> {
        let nodes: Vec<NodeId> = terms.iter().map(|term| term.0).collect();
        let coefficients = terms.iter().map(|term| term.1).collect();
        let op = Op::LinComb(LinComb {
            coefficients,
            constant,
        });
        self.emit(op, &nodes, &[], scale)
    }

    /// A value multiplied by a power of two so that it has a larger scale.
    pub(super) fn refined(&mut self, value: &Value, scale: i32) -> Result<NodeId> {
        let factor = self.power(scale - value.scale)?;
        if factor == 1 {
            return Ok(value.node);
        }
        self.combine(&[(value.node, factor)], 0, scale)
    }

    fn power(&self, exponent: i32) -> Result<i64> {
        if !(0..=48).contains(&exponent) {
            return Err(self.error(format!("scales that differ by 2^{exponent} cannot be aligned")));
        }
        Ok(1 << exponent)
    }

    /// `a + sign * b`.
    pub(super) fn sum(&mut self, a: FloatId, b: FloatId, sign: i64) -> Result<Value> {
        if self.constant(b).is_some() {
            return self.sum_constant(a, 1, b, sign);
        }
        if self.constant(a).is_some() {
            return self.sum_constant(b, sign, a, 1);
        }
        let shape = self.shape(self.current);
        let mut left = self.aligned(a, &shape)?;
        let right = self.aligned(b, &shape)?;
        if left.kind == Kind::Bilinear && right.kind == Kind::Bilinear {
            left = self.cells(a)?;
        }
        let scale = left.scale.max(right.scale);
        let terms = [
            (left.node, self.power(scale - left.scale)?),
            (right.node, sign * self.power(scale - right.scale)?),
        ];
        let node = self.combine(&terms, 0, scale)?;
        let mut value = Value::linear(node, scale, sign > 0 && left.nonnegative && right.nonnegative);
        if left.kind == Kind::Bilinear || right.kind == Kind::Bilinear {
            value.kind = Kind::Bilinear;
        }
        Ok(value)
    }

    /// A value for a sum of this shape.
    fn aligned(&mut self, id: FloatId, shape: &[usize]) -> Result<Value> {
        if self.shape(id) == shape {
            return self.linear(id);
        }
        let value = self.viewable(id)?;
        self.broadcast_value(value, shape)
    }

    /// `x_sign * x + constant_sign * constant`.
    fn sum_constant(&mut self, x: FloatId, x_sign: i64, constant: FloatId, sign: i64) -> Result<Value> {
        let shape = self.shape(self.current);
        let mut value = if self.shape(x) == shape {
            let value = self.value(x)?;
            self.sole(x, value)?
        } else {
            self.aligned(x, &shape)?
        };
        let name = self.constant_name(constant);
        let terms = self
            .constant(constant)
            .map(|c| c.mapv(|c| c * sign as f32))
            .ok_or_else(|| self.error("it has no value"))?;
        let magnitude = terms.iter().fold(0.0f64, |m, &c| m.max(f64::from(c.abs())));
        let spread = value
            .deltas
            .as_ref()
            .and_then(|deltas| deltas.bits.iter().max().copied())
            .unwrap_or(0);
        // As fine as the accumulator, or as the result deserves where that is coarse; but no
        // finer than the widest parameter.
        let output = self.range(self.current).magnitude().max(magnitude);
        let deserved = scale_within(output, self.graph.lane_bits + 4);
        let widest = TERM_BITS.max(self.bits(1)).min(self.bits(3).min(48)) - 1;
        let term_scale = value
            .scale
            .max(deserved)
            .min(scale_within(magnitude, widest - 1) - spread as i32)
            .min(value.scale + 40);
        let scale = value.scale.max(term_scale);
        let grown = self.power(scale - value.scale)?;
        let coefficient = self.power(scale - term_scale)?;
        value.nonnegative = x_sign > 0 && value.nonnegative && terms.iter().all(|&c| c >= 0.0);

        let first = terms.first().copied().unwrap_or(0.0);
        let node = if value.deltas.is_none() && terms.iter().all(|&c| c == first) {
            let constant = coefficient * quantize_value(f64::from(first), term_scale)?;
            self.combine(&[(value.node, grown * x_sign)], constant, scale)?
        } else {
            let values = self.terms(&terms, term_scale, value.deltas.as_ref(), shape.len())?;
            let term_shape = values.shape().to_vec();
            let mut term = self.param(&name, values, term_scale)?;
            if term_shape != shape {
                term = self.emit(Op::Broadcast(Broadcast), &[term], &shape, term_scale)?;
            }
            self.combine(&[(value.node, grown * x_sign), (term, coefficient)], 0, scale)?
        };
        if matches!(value.kind, Kind::Cells | Kind::View) {
            value.kind = Kind::Linear;
        }
        value.node = node;
        value.scale = scale;
        Ok(value)
    }

    /// Constant terms as integers, each at the scale of its channel.
    fn terms(
        &self,
        terms: &FloatTensor,
        scale: i32,
        deltas: Option<&Deltas>,
        rank: usize,
    ) -> Result<IntTensor> {
        let mut shape = vec![1; rank.saturating_sub(terms.ndim())];
        shape.extend(terms.shape());
        if let Some(deltas) = deltas {
            shape[deltas.axis] = deltas.bits.len();
        }
        let fail = || self.error(format!("constant terms of shape {:?} do not fit", terms.shape()));
        let all = terms.broadcast(IxDyn(&shape)).ok_or_else(fail)?;
        let values = all
            .indexed_iter()
            .map(|(index, &c)| {
                let delta = deltas.map_or(0, |deltas| deltas.bits[index[deltas.axis]] as i32);
                quantize_value(f64::from(c), scale + delta)
            })
            .collect::<Result<_>>()?;
        IntTensor::new(shape, values)
    }

    pub(super) fn negate(&mut self, x: FloatId) -> Result<Value> {
        let value = self.linear(x)?;
        self.scaled(value, -1.0)
    }

    /// A value times a real number: a power of two changes the scale, others become an integer factor.
    fn scaled(&mut self, mut value: Value, factor: f64) -> Result<Value> {
        if factor == 0.0 {
            let node = self.combine(&[(value.node, 0)], 0, value.scale)?;
            return Ok(Value::linear(node, value.scale, true));
        }
        let exponent = factor.abs().log2();
        let (coefficient, extra) = if exponent.fract() == 0.0 {
            (factor.signum() as i64, -(exponent as i32))
        } else {
            let extra = FACTOR_BITS as i32 - 1 - exponent.floor() as i32;
            (quantize_value(factor, extra)?, extra)
        };
        let scale = value.scale + extra;
        if !(-128..=128).contains(&scale) {
            return Err(self.error(format!("a factor of {factor} is too far from 1")));
        }
        if coefficient != 1 {
            value.node = self.combine(&[(value.node, coefficient)], 0, scale)?;
            value.nonnegative &= factor > 0.0;
            if value.kind != Kind::Bilinear {
                value.kind = Kind::Linear;
            }
        }
        value.scale = scale;
        Ok(value)
    }

    pub(super) fn multiply(&mut self, a: FloatId, b: FloatId) -> Result<Value> {
        for (constant, x) in [(b, a), (a, b)] {
            if self.constant(x).is_some() {
                continue;
            }
            let Some(values) = self.constant(constant) else {
                continue;
            };
            let shape = self.shape(self.current);
            if let (Some(&factor), 1) = (values.first(), values.len())
                && self.shape(x) == shape
            {
                let value = self.linear(x)?;
                return self.scaled(value, f64::from(factor));
            }
            if self.shape(x) == shape && per_channel(values.shape(), &shape) {
                return self.channel_product(x, constant);
            }
        }
        self.product_of_cells(a, b)
    }

    /// A factor of a product, materialised.
    fn factor(&mut self, id: FloatId) -> Result<Value> {
        let Some(constant) = self.constant(id) else {
            return self.operand(id);
        };
        let wide = self.is_wide(Item::Weights(self.current), constant.len());
        self.constant_cells(id, if wide { 2 } else { 1 })
    }

    /// The product of two tensors, element by element.
    fn product_of_cells(&mut self, a: FloatId, b: FloatId) -> Result<Value> {
        let shape = self.shape(self.current);
        let mut operands = Vec::with_capacity(2);
        for id in [a, b] {
            let value = self.factor(id)?;
            operands.push(if self.shape(id) == shape {
                value
            } else {
                self.broadcast_value(value, &shape)?
            });
        }
        let bits = |value: &Value| self.bits(value.width.limbs) - u32::from(value.width.signed);
        if operands.iter().map(bits).sum::<u32>() > PRODUCT_BITS {
            operands[0] = self.narrowed(a, operands[0].clone(), PRODUCT_BITS / 2)?;
            operands[1] = match a == b {
                true => operands[0].clone(),
                false => self.narrowed(b, operands[1].clone(), PRODUCT_BITS / 2)?,
            };
        }
        let limbs = self.limbs(self.current);
        let total = operands[0].scale + operands[1].scale;
        let fit = scale_with_headroom(self.range(self.current).magnitude(), self.bits(limbs) - 1);
        let scale = fit.min(total);
        let shift = u32::try_from(total - scale)
            .ok()
            .filter(|&shift| shift <= 62)
            .ok_or_else(|| self.error("its result is too small for its operands' scales"))?;
        let operand_limbs = [operands[0].width.signed_limbs(), operands[1].width.signed_limbs()];
        let make = |limbs| {
            Op::Mul(Mul {
                shift,
                limbs,
                operand_limbs,
            })
        };
        let nodes = [operands[0].node, operands[1].node];
        let product = self.clamped(make, &nodes, &shape, scale, limbs)?;
        self.origins.insert(product.node, self.current);
        Ok(product.known_nonnegative(operands.iter().all(|value| value.nonnegative) || a == b))
    }
}

/// Whether a constant has one factor for each channel of an image.
fn per_channel(constant: &[usize], image: &[usize]) -> bool {
    image.len() == 4 && matches!(*constant, [c, 1, 1] | [1, c, 1, 1] if c == image[1])
}
