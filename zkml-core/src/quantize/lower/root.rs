//! The square root and its reciprocal, by one table for all powers of four.
//!
//! Let `f(4 x) = 2^p f(x)` with `p = 1` or `p = -1`. Integer arguments from `T = 2^t` on fall into pieces
//! `[T c^k, T c^(k+1)]` with `c = 4^j`. On each, `f(x) = 2^(p j k) F(a_k)`, where `a_k = x / c^k` lies in `[T, T c]` and
//! `F` is a table over that range. With the argument clipped to each piece before it is divided,
//!
//! `f(x) = F(a_0) + sum_{k >= 1} 2^(p j k) (F(a_k) - F(T))`:
//!
//! the terms of the pieces above `x` are 0, and those of the pieces below add up to the ends of their pieces, exactly,
//! because the table holds `F(T)` and `F(T c) = 2^(p j) F(T)` without rounding. So the result has the same relative
//! accuracy everywhere. A square root has a further piece `[0, T]`, with each integer in a table.
//!
//! `F` does not depend on the model: all nodes share its rows.

use super::prelude::*;
use crate::{
    fixed_point::dequantize,
    float::Function,
    ops::{Clip, Lut, Rescale, Shift, range::MAX_LIMBS},
    quantize::{
        tables::{Sampled, build},
        widths::scale_within,
    },
};

/// An argument: an integer `x < 2^bits` that stands for `x 2^-scale`.
struct Argument {
    node: NodeId,
    scale: i32,
    bits: u32,
    /// The least integer that an argument of the domain is rounded to, or is clamped to.
    least: i64,
}

/// The pieces for one width of a limb.
#[derive(Clone, Copy)]
struct Pieces {
    lane_bits: u32,
    doubles: bool,
}

impl Pieces {
    /// `t` of the first threshold `T = 2^t`: arguments from there on are precise to a thousandth, and no more, so that
    /// few bits are lost below.
    fn first(self) -> u32 {
        9.min(self.lane_bits - 1)
    }

    /// `j`: a piece spans a factor of `4^j`.
    fn span(self) -> u32 {
        3.min(self.lane_bits / 4)
    }

    /// 1 where a scale differs from `t` by an odd number, and the root of the step is no power of two.
    fn excess(self, scale: i32) -> i32 {
        (scale - self.first() as i32).rem_euclid(2)
    }

    /// Bits of the index of the table over `[T, T c]`.
    fn index_bits(self) -> u32 {
        11.min(self.lane_bits)
    }

    /// How many pieces from `T` on hold arguments of `bits` bits.
    fn count(self, bits: u32) -> u32 {
        bits.saturating_sub(self.first()).div_ceil(2 * self.span()).max(1)
    }

    /// The end of piece `k`, and the start of the next one.
    fn threshold(self, k: u32) -> i64 {
        1 << (self.first() + 2 * self.span() * k)
    }

    /// A factor of the terms of piece `k`, of `count` pieces.
    fn weight(self, k: u32, count: u32) -> i64 {
        1 << (self.span() * if self.doubles { k } else { count - 1 - k })
    }
}

impl Lowerer<'_> {
    pub(super) fn powers_of_four(&mut self, x: FloatId, function: &Function, doubles: bool) -> Result<Value> {
        let pieces = Pieces {
            lane_bits: self.graph.lane_bits,
            doubles,
        };
        let argument = match doubles {
            true => self.root_argument(x, function, pieces)?,
            false => self.reciprocal_argument(x, function, pieces)?,
        };
        if doubles && argument.bits <= self.graph.lane_bits {
            return self.single_table(&argument, function);
        }
        let count = pieces.count(argument.bits);
        // The table's values have two limbs, and the largest of them, F(T) or F(T c), a bit of headroom.
        let limbs = 2;
        let unit_bits = self.bits(limbs) - 2 - if doubles { pieces.span() } else { 0 };
        let unit = 1i64 << unit_bits;
        let table = |lo, bits, index_bits| {
            let sampled = Sampled {
                name: &function.name.to_lowercase(),
                function: &|x| function.eval(x),
                scale: pieces.first() as i32,
                lo,
                bits,
                result_scale: unit_bits as i32,
                limbs,
            };
            self.root_table(&sampled, index_bits)
        };
        // With both ends of the piece.
        let low = doubles
            .then(|| table(0, pieces.first() + 1, pieces.first() + 1))
            .transpose()?;
        let main = table(
            pieces.threshold(0),
            pieces.first() + 2 * pieces.span(),
            pieces.index_bits(),
        )?;
        let halves = (argument.scale - pieces.first() as i32) / 2;
        let scale = unit_bits as i32
            + match doubles {
                true => halves,
                false => (pieces.span() * (count - 1)) as i32 - halves,
            };
        let mut terms = Vec::new();
        if let Some(low) = low {
            let mut part = self.clip_argument(&argument, argument.least, pieces.threshold(0))?;
            if argument.least < 0 {
                part = self.nonnegative(part, 1, argument.scale)?;
            }
            terms.push((self.piece(low, part, scale)?, 1));
        }
        let mut constant = 0;
        for k in 0..count {
            let start = match (k, doubles) {
                (0, false) => argument.least,
                _ => pieces.threshold(k),
            };
            let end = pieces.threshold(k + 1).min((1 << argument.bits) - 1);
            let clipped = self.clip_argument(&argument, start, end)?;
            let part = self.divided_argument(clipped, 2 * pieces.span() * k, &argument, pieces)?;
            let weight = pieces.weight(k, count);
            terms.push((self.piece(main.clone(), part, scale)?, weight));
            if doubles || k > 0 {
                constant -= weight * unit;
            }
        }
        let node = self.combine(&terms, constant, scale)?;
        Ok(Value::linear(node, scale, true))
    }

    /// A table of every argument, where one limb holds them.
    fn single_table(&mut self, argument: &Argument, function: &Function) -> Result<Value> {
        let limbs = self.limbs(self.current);
        let largest = function.eval(dequantize(1 << argument.bits, argument.scale));
        let sampled = Sampled {
            name: &function.name.to_lowercase(),
            function: &|x| function.eval(x),
            scale: argument.scale,
            lo: 0,
            bits: argument.bits,
            result_scale: scale_within(largest, self.bits(limbs) - 1),
            limbs,
        };
        let table = self.root_table(&sampled, argument.bits)?;
        self.lookup(table, argument.node, sampled.result_scale)
    }

    fn piece(&mut self, table: Lut, argument: NodeId, scale: i32) -> Result<NodeId> {
        let shape = self.graph.node(argument).shape.clone();
        self.emit(Op::Lut(table), &[argument], &shape, scale)
    }

    fn root_table(&self, sampled: &Sampled<'_>, index_bits: u32) -> Result<Lut> {
        build(sampled, index_bits, self.graph.lane_bits)
            .map(|(table, _)| table)
            .ok_or_else(|| self.error("it is undefined at an argument of its table"))
    }

    /// Clips an argument to a piece.
    fn clip_argument(&mut self, argument: &Argument, lo: i64, hi: i64) -> Result<NodeId> {
        let limbs = (argument.bits + 1).div_ceil(self.graph.lane_bits) as u8;
        let lo = lo.max(self.graph.signed_range(limbs).0);
        let shape = self.graph.node(argument.node).shape.clone();
        self.emit(
            Op::Clip(Clip { lo, hi, limbs }),
            &[argument.node],
            &shape,
            argument.scale,
        )
    }

    /// A clipped argument divided by `2^shift`, rounded.
    fn divided_argument(
        &mut self,
        node: NodeId,
        shift: u32,
        argument: &Argument,
        pieces: Pieces,
    ) -> Result<NodeId> {
        if shift == 0 {
            return Ok(node);
        }
        let op = Op::Rescale(Rescale {
            shift: Shift::Uniform(shift),
            limbs: (pieces.first() + 2 * pieces.span() + 2).div_ceil(pieces.lane_bits) as u8,
            relu: false,
            saturation: None,
        });
        let shape = self.graph.node(node).shape.clone();
        self.emit(op, &[node], &shape, argument.scale - shift as i32)
    }

    /// Negative integers above `-2^(limbs b)` become 0, lower ones are refused.
    fn nonnegative(&mut self, node: NodeId, limbs: u8, scale: i32) -> Result<NodeId> {
        let op = Op::Rescale(Rescale {
            shift: Shift::Uniform(0),
            limbs,
            relu: true,
            saturation: None,
        });
        let shape = self.graph.node(node).shape.clone();
        self.emit(op, &[node], &shape, scale)
    }

    /// The argument of a square root. Where the float graph shows that it is not negative, a negative integer is noise
    /// of the quantisation, and becomes 0. Elsewhere a negative integer becomes 0 if its distance from 0, at the scale of
    /// two limbs, is less than a limb; others are refused.
    fn root_argument(&mut self, x: FloatId, function: &Function, pieces: Pieces) -> Result<Argument> {
        let value = self.value(x)?;
        let mut value = self.sole(x, value)?;
        let defined = function.domain.holds_from(self.setting.plan.least[x.0]) || !value.width.signed;
        if matches!(value.kind, Kind::Linear | Kind::Bilinear) {
            let limbs = self.limbs(x);
            let relu = defined && limbs == 1;
            let bits = self.bits(limbs) - u32::from(!relu);
            let mut scale = scale_with_headroom(self.range(x).magnitude(), bits).min(value.scale);
            if limbs > 1 {
                scale -= pieces.excess(scale);
            }
            value = self.rounded(x, &value, scale, limbs, relu, false)?;
            self.origins.insert(value.node, x);
        }
        let mut bits = self.bits(value.width.limbs) - u32::from(value.width.signed);
        let single = bits <= self.graph.lane_bits;
        if defined && single && self.may_be_negative(&value) {
            value.node = self.nonnegative(value.node, value.width.limbs, value.scale)?;
            bits = self.bits(value.width.limbs);
        }
        if !defined && single {
            bits += self.refine(&mut value, self.graph.lane_bits - 1)?;
        }
        if bits > self.graph.lane_bits {
            bits = self.even(&mut value, bits, pieces)?;
        }
        Ok(Argument {
            node: value.node,
            scale: value.scale,
            bits,
            least: if defined { 0 } else { i64::MIN },
        })
    }

    /// The argument of a reciprocal of a square root: so fine that the least argument reaches the first piece, as far
    /// as widths allow.
    fn reciprocal_argument(&mut self, x: FloatId, function: &Function, pieces: Pieces) -> Result<Argument> {
        let least = self.setting.plan.least[x.0];
        let defined = function.domain.holds_from(least);
        let value = self.value(x)?;
        let mut value = self.sole(x, value)?;
        if matches!(value.kind, Kind::Linear | Kind::Bilinear) {
            let wanted = match defined {
                // With a bit to spare for the rounding of the argument.
                true => pieces.first() as i32 - least.log2().floor() as i32 + 1,
                false => i32::MAX,
            };
            let most = self.range(x).magnitude();
            let scale = |limbs| {
                let scale = scale_with_headroom(most, self.bits(limbs) - 1)
                    .min(wanted)
                    .min(value.scale);
                scale - pieces.excess(scale)
            };
            let fits = |limbs| {
                self.shift(&value, scale(limbs))
                    .is_ok_and(|shift| self.fits_circuit(&[limbs], 1, &shift))
            };
            let (limbs, scale) = match scale(3) > scale(2) && fits(3) {
                true => (3, scale(3)),
                false => (2, scale(2)),
            };
            value = self.rounded(x, &value, scale, limbs, false, false)?;
            self.origins.insert(value.node, x);
        }
        let mut bits = self.bits(value.width.limbs) - u32::from(value.width.signed);
        if value.width.limbs == 1 {
            bits += self.refine(&mut value, self.graph.lane_bits)?;
        }
        let bits = self.even(&mut value, bits, pieces)?;
        let threshold = pieces.threshold(0);
        let reached = least * 2f64.powi(value.scale) >= threshold as f64;
        Ok(Argument {
            node: value.node,
            scale: value.scale,
            bits,
            // Smaller ones count as the least where no argument of the domain may be refused, and are refused elsewhere.
            least: match reached || (defined && self.limits.is_some()) {
                true => threshold,
                false => i64::MIN,
            },
        })
    }

    /// Multiplies an argument by a power of two.
    fn refine(&mut self, value: &mut Value, by: u32) -> Result<u32> {
        value.node = self.refined(value, value.scale + by as i32)?;
        value.scale += by as i32;
        Ok(by)
    }

    /// Makes the scale of an argument differ from `t` by an even number, so that the root of its step is a power of
    /// two. Returns how many bits of the argument the widest clip takes.
    fn even(&mut self, value: &mut Value, mut bits: u32, pieces: Pieces) -> Result<u32> {
        bits += self.refine(value, pieces.excess(value.scale) as u32)?;
        Ok(bits.min(self.bits(MAX_LIMBS) - 1))
    }

    /// Whether a value that stands for a number that is not negative can be a negative integer.
    fn may_be_negative(&self, value: &Value) -> bool {
        match &self.limits {
            Some(limits) => limits.reach.of(value.node).extremes().0 < 0,
            None => !value.nonnegative,
        }
    }
}
