//! Results that no input can drive out of their range.
//!
//! Interval arithmetic over all inputs in range, with the model's own parameters, tells how far a value can go. A
//! value that fits its width stays as it is. One that does not is clamped in the cells of its own rounding
//! ([`Saturation`]), or gets a wider range where that takes fewer cells: for outputs, which no product reads. Or it has
//! so coarse a scale that everything fits: the search for widths tries that first, and clamps where the accuracy
//! target asks for a finer one.

use super::prelude::*;
use crate::{
    bounds::Bounds,
    graph::Node,
    ops::{
        Clamp, ClampRanges, Clip, DivConst, MaxSaturation, MaxWindows, Mul, Saturation, Shift, maxima,
        range::{MAX_LIMBS, valid_limbs},
    },
    reach::{Reach, interval::extremes},
    rounding::shift_round,
    tensor::IntTensor,
};

/// Most bits that a rounded value has beside its remainder in a circuit.
const MAX_FORM_BITS: u32 = 62;

/// Most bits by which a result is coarser than asked for, so that it fits its width.
pub(super) const MOST_COARSER: i32 = 8;

/// Most elements of a window whose maximum a circuit takes at once.
const MAX_FAN_IN: usize = 4;

/// How far the values of the nodes so far can go.
#[derive(Debug, Default)]
pub(super) struct Limits {
    bounds: Bounds,
    pub(super) reach: Reach,
    /// Whether a quantity may leave its range.
    pub(super) may_refuse: bool,
}

/// How an accumulator is rounded.
pub(super) struct Rounding {
    pub scale: i32,
    pub limbs: u8,
    pub saturation: Option<Saturation>,
}

impl Lowerer<'_> {
    /// Takes the last node of the graph into account.
    pub(super) fn limit_last(&mut self, param: Option<&IntTensor>) -> Result<()> {
        let (Some(limits), Some(node)) = (&mut self.limits, self.graph.nodes.last()) else {
            return Ok(());
        };
        node.op.operation().check_widths(self.graph.lane_bits)?;
        limits.bounds.push(&self.graph, node)?;
        limits.may_refuse |= !limits.reach.push(&self.graph, node, param).is_empty();
        Ok(())
    }

    /// An input clamped to the range that is declared for it.
    pub(super) fn declared(&mut self, input: Value) -> Result<Value> {
        let (Some(_), Some((lo, hi))) = (&self.limits, self.setting.options.input_range) else {
            return Ok(input);
        };
        let limbs = input.width.limbs;
        let [lo, hi] = [lo, hi].map(|x| self.limit(x, input.scale, limbs));
        if (lo, hi) == self.graph.signed_range(limbs) {
            return Ok(input);
        }
        let shape = self.graph.node(input.node).shape.clone();
        let node = self.emit(
            Op::Clip(Clip { lo, hi, limbs }),
            &[input.node],
            &shape,
            input.scale,
        )?;
        Ok(Value::cells(node, input.scale, input.width).known_nonnegative(lo >= 0))
    }

    /// Scale, width and clamp of the accumulator of float node `id`, rounded to `limbs` limbs. `last` says that no
    /// operation reads the result.
    pub(super) fn rounding(
        &mut self,
        id: FloatId,
        value: &Value,
        scale: i32,
        limbs: u8,
        relu: bool,
        last: bool,
    ) -> Result<Rounding> {
        let plain = Rounding {
            scale,
            limbs,
            saturation: None,
        };
        let Some(limits) = &self.limits else {
            return Ok(plain);
        };
        let clamp = |limbs| Clamp::none(limbs, relu).ranges(self.graph.lane_bits);
        let accumulator = limits.reach.of(value.node);
        let reached = |scale| -> Result<_> {
            let shift = self.shift(value, scale)?;
            Ok((shift.reach(accumulator).extremes(), shift))
        };
        let (range, shift) = reached(scale)?;
        if clamp(limbs).takes(range) {
            return Ok(plain);
        }
        let wider = limbs + 1;
        if last
            && !relu
            && valid_limbs(wider, self.graph.lane_bits)
            && clamp(wider).takes(range)
            && self.fits_circuit(&[wider], 0, &shift)
        {
            // One limb more is no more than the distances above and below.
            return Ok(Rounding {
                limbs: wider,
                ..plain
            });
        }
        let clamped = self
            .saturation(&clamp(limbs), range)
            .filter(|s| self.fits_circuit(&[limbs, s.below, s.above], 1, &shift));
        let mut coarser = None;
        for scale in (1..=MOST_COARSER).map(|bits| scale - bits) {
            let (range, shift) = reached(scale)?;
            if clamp(limbs).takes(range) && self.fits_circuit(&[limbs], 0, &shift) {
                coarser = Some((Rounding { scale, ..plain }, self.remainder(&shift)));
                break;
            }
        }
        let Some(saturation) = clamped else {
            return Ok(coarser.map_or(plain, |(rounding, _)| rounding));
        };
        let clamped = Rounding {
            saturation: Some(saturation),
            ..plain
        };
        let Some((coarser, coarser_remainder)) = coarser else {
            return Ok(clamped);
        };
        let negative = if relu { limbs } else { 0 };
        let cells = usize::from(saturation.above + saturation.below) + self.remainder(&shift);
        let without = usize::from(negative) + coarser_remainder;
        // A clamp that takes no more cells is better: it keeps the scale.
        let cost = self.setting.graph.node(id).len() * cells.saturating_sub(without);
        Ok(match cost == 0 || self.is_wide(Item::Clamp(id), cost) {
            true => clamped,
            false => coarser,
        })
    }

    /// Scale and clamp of the maxima of an accumulator, which are the value of float node `id`.
    pub(super) fn max_rounding(
        &mut self,
        id: FloatId,
        value: &Value,
        windows: &MaxWindows,
        scale: i32,
        limbs: u8,
        relu: bool,
    ) -> Result<(i32, Option<MaxSaturation>)> {
        let Some(limits) = &self.limits else {
            return Ok((scale, None));
        };
        let out = self.shape(id);
        let accumulator = limits.reach.of(value.node);
        let plain = Clamp::none(limbs, relu).ranges(self.graph.lane_bits);
        let elements = windows.sets().size(&self.graph.node(value.node).shape);
        let (mut clamped, mut coarser) = (None, None);
        for scale in (0..=MOST_COARSER).map(|bits| scale - bits) {
            let shift = self.shift(value, scale)?;
            let (maxima, distance) = maxima(windows.sets(), &shift, accumulator, &out);
            let reached = maxima.extremes();
            let Some(spread) = self.limbs_of(distance).map(|spread| spread.max(1)) else {
                continue;
            };
            let remainder = self.remainder(&shift);
            if plain.takes(reached) && spread <= limbs {
                let cells =
                    usize::from(if relu { limbs } else { 0 }) + elements * (usize::from(limbs) + remainder);
                coarser = Some((scale, cells));
                break;
            }
            let Some(maximum) = self.saturation(&plain, reached) else {
                continue;
            };
            let widths = [limbs, maximum.below, maximum.above, spread];
            let fits = match elements {
                0..=MAX_FAN_IN => self.fits_circuit(&widths, 2, &shift),
                // Maxima of parts of a large window have a limb more than any of these.
                _ => self.fits_circuit(&widths.map(|limbs| limbs + 1), 0, &shift),
            };
            if fits && clamped.is_none() {
                let cells =
                    usize::from(maximum.above + maximum.below) + elements * (usize::from(spread) + remainder);
                clamped = Some((scale, MaxSaturation { maximum, spread }, cells));
            }
        }
        let ((fine, saturation, cells), (coarser, without)) = match (clamped, coarser) {
            (Some(clamped), Some(coarser)) => (clamped, coarser),
            (Some((scale, saturation, _)), None) => return Ok((scale, Some(saturation))),
            (None, coarser) => return Ok((coarser.map_or(scale, |(scale, _)| scale), None)),
        };
        // A clamp that takes no more cells is better: it keeps the scale.
        let cost = self.setting.graph.node(id).len() * cells.saturating_sub(without);
        Ok(match cost == 0 || self.is_wide(Item::Clamp(id), cost) {
            true => (fine, Some(saturation)),
            false => (coarser, None),
        })
    }

    /// By how many bits a product with these weights has to be coarser than `scale`, so that it fits a width without a
    /// clamp; 0 if no few do.
    pub(super) fn coarser(
        &self,
        product: &Node,
        weights: &IntTensor,
        scale: i32,
        limbs: u8,
        relu: bool,
        maximum: bool,
    ) -> i32 {
        let Some(limits) = &self.limits else {
            return 0;
        };
        let reached = limits.reach.product(&self.graph, product, weights);
        // A window lies in one channel of an image.
        let channel = product
            .shape
            .get(2..)
            .map_or(1, |image| image.iter().product::<usize>());
        let ends: Vec<(i64, i64)> = reached.ends().collect();
        let ends: Vec<(i64, i64)> = ends
            .chunks(channel)
            .map(|c| extremes(c.iter().copied()))
            .collect();
        let plain = Clamp::none(limbs, relu).ranges(self.graph.lane_bits);
        let fits = |bits: &i32| {
            let shift = (product.scale - scale + bits).clamp(0, 62) as u32;
            ends.iter().all(|&(least, most)| {
                let (lo, hi) = (shift_round(least, shift), shift_round(most, shift));
                let spread = self.limbs_of(hi - lo).is_some_and(|spread| spread <= limbs);
                plain.takes((lo, hi)) && (spread || !maximum)
            })
        };
        (0..=MOST_COARSER).find(fits).unwrap_or(0)
    }

    /// Limbs of the remainder of a shift.
    fn remainder(&self, shift: &Shift) -> usize {
        shift.largest().div_ceil(self.graph.lane_bits) as usize
    }

    /// The distances by which values in `reached` can lie outside the range of a width; none if they are too large.
    fn saturation(
        &self,
        ClampRanges { result, .. }: &ClampRanges,
        reached: (i64, i64),
    ) -> Option<Saturation> {
        Some(Saturation {
            below: self.limbs_of(result.lo - reached.0)?,
            above: self.limbs_of(reached.1 - result.hi)?,
        })
    }

    /// Limbs of a distance; 0 if it is not positive, none if no width holds it.
    fn limbs_of(&self, distance: i64) -> Option<u8> {
        let bits = 64 - distance.max(0).leading_zeros();
        let limbs = bits.div_ceil(self.graph.lane_bits);
        (limbs == 0 || limbs <= MAX_LIMBS.into() && valid_limbs(limbs as u8, self.graph.lane_bits))
            .then_some(limbs as u8)
    }

    /// Whether a circuit can hold values of these widths, with so many more bits, beside the remainder of a shift.
    pub(super) fn fits_circuit(&self, limbs: &[u8], extra: u32, shift: &Shift) -> bool {
        let bits = self.graph.lane_bits;
        let widest = limbs
            .iter()
            .map(|&limbs| u32::from(limbs) * bits)
            .max()
            .unwrap_or(0);
        widest + extra + shift.largest().next_multiple_of(bits) <= MAX_FORM_BITS
    }

    /// The least width, from `limbs` on, at which an operation takes every value that can reach it; `limbs` where
    /// there is none.
    pub(super) fn total_limbs(
        &self,
        make: impl Fn(u8) -> Op,
        inputs: &[NodeId],
        shape: &[usize],
        scale: i32,
        limbs: u8,
    ) -> u8 {
        let Some(limits) = &self.limits else {
            return limbs;
        };
        let bits = self.graph.lane_bits;
        let fits_circuit = |op: &Op, limbs: u8| match op {
            Op::Mul(Mul { shift, .. }) => self.fits_circuit(&[limbs], 0, &Shift::Uniform(*shift)),
            Op::DivConst(DivConst { divisor, .. }) => {
                u32::from(limbs) * bits + 1 + u64::from(divisor.largest()).ilog2() < MAX_FORM_BITS
            }
            _ => u32::from(limbs) * bits < MAX_FORM_BITS,
        };
        let takes_all = |limbs: &u8| {
            let node = Node {
                name: String::new(),
                op: make(*limbs),
                inputs: inputs.to_vec(),
                shape: shape.to_vec(),
                scale,
            };
            node.op.operation().check_widths(bits).is_ok()
                && fits_circuit(&node.op, *limbs)
                && !limits.reach.would_escape(&self.graph, &node)
        };
        (limbs..=MAX_LIMBS).find(takes_all).unwrap_or(limbs)
    }
}
