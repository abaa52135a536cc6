//! Mul: elementwise product, shifted right with rounding.

use super::{
    check::{check_limbs, check_shift, same},
    operation::prelude::*,
    range::{Of, Range},
};
use crate::{reach::interval::extremes, rounding::shift_round};

/// Elementwise product of two tensors of the node's shape, shifted right with rounding; signed.
/// The left operand lies in the signed range of `operand_limbs[0]` limbs, the right one of
/// `operand_limbs[1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mul {
    /// The shift.
    pub shift: u32,
    /// Width of the result.
    pub limbs: u8,
    /// Widths of the operands.
    pub operand_limbs: [u8; 2],
}

impl Mul {
    fn operands(&self, lane_bits: u32) -> [Range; 2] {
        self.operand_limbs
            .map(|limbs| Range::signed_limbs(limbs, lane_bits))
    }
}

impl Operation for Mul {
    fn name(&self) -> &'static str {
        "Mul"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        check_shift(self.name(), self.shift)?;
        same(self.name(), inputs)
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        let [left, right] = self.operand_limbs;
        check_limbs(self.name(), &[self.limbs, left, right], lane_bits)
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange {
            shift: Some(self.shift),
            ..ResultRange::signed(self.limbs)
        })
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let operands = self.operands(lane_bits);
        let result = Range::signed_limbs(self.limbs, lane_bits);
        let pairs = inputs[0].data().iter().zip(inputs[1].data()).enumerate();
        let results = pairs.map(|(flat, (&a, &b))| {
            let a = operands[0].check(a, "left operand", Of::Input(0), flat)?;
            let b = operands[1].check(b, "right operand", Of::Input(1), flat)?;
            result.check(shift_round(a * b, self.shift), "product", Of::Output, flat)
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, inputs: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        let [left, right] = self.operands(lane_bits).map(Interval::from);
        inputs[0].within(left).times(inputs[1].within(right))?;
        Ok(Range::signed_limbs(self.limbs, lane_bits).into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let [left, right] = self.operands(lane_bits);
        let result = Range::signed_limbs(self.limbs, lane_bits);
        let (a, b) = (inputs[0].within(left), inputs[1].within(right));
        let square = std::ptr::eq(inputs[0], inputs[1]);
        let product = |((al, ah), (bl, bh)): ((i64, i64), (i64, i64))| {
            let corners = [al * bl, al * bh, ah * bl, ah * bh];
            let (lo, hi) = extremes(corners.into_iter().map(|x| (x, x)));
            let lo = match square && al <= 0 && ah >= 0 {
                true => 0,
                false if square => (al * al).min(ah * ah),
                false => lo,
            };
            (shift_round(lo, self.shift), shift_round(hi, self.shift))
        };
        let before = Intervals::collect(out, a.ends().zip(b.ends()).map(product));
        Outcome::of(before.within(result))
            .checked("left operand", inputs[0].extremes(), left)
            .checked("right operand", inputs[1].extremes(), right)
            .checked("product", before.extremes(), result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{takes, try_eval},
    };
    use proptest::prelude::*;

    #[test]
    fn refuses_shapes_that_differ() {
        assert!(!takes(
            Mul {
                shift: 0,
                limbs: 1,
                operand_limbs: [1; 2]
            },
            &[&[2], &[3]],
            &[]
        ));
        assert!(!takes(
            Mul {
                shift: 63,
                limbs: 1,
                operand_limbs: [1; 2]
            },
            &[&[2], &[2]],
            &[]
        ));
    }

    proptest! {
        #[test]
        fn matches_the_definition(a in -200i64..200, b in -40_000i64..40_000, shift in 0u32..16) {
            let op = Op::Mul(Mul { shift, limbs: 1, operand_limbs: [1, 2] });
            let product = ((a * b) as f64 / f64::from(1 << shift) + 0.5).floor() as i64;
            let valid = (-128..128).contains(&a) && (-32768..32768).contains(&b) && (-128..128).contains(&product);
            let found = try_eval(&op, &[(&[1], &[a]), (&[1], &[b])], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![product]));
        }
    }
}
