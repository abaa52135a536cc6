//! Div: `n 2^shift / d` rounded half up, elementwise, of unsigned operands.

use super::{
    check::{check_limbs, check_shift, same},
    operation::prelude::*,
    range::{Of, Range},
};
use crate::rounding::div_round;

/// `floor((2 n 2^shift + d) / (2 d))`, that is `n 2^shift / d` rounded half up, elementwise.
/// Inputs: numerator, unsigned of `operand_limbs[0]` limbs; denominator, unsigned of
/// `operand_limbs[1]` limbs and at least 1. The result is unsigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Div {
    /// Scale factor of the numerator.
    pub shift: u32,
    /// Width of the result.
    pub limbs: u8,
    /// Widths of the operands.
    pub operand_limbs: [u8; 2],
}

impl Div {
    /// The numerators and the denominators.
    fn operands(&self, lane_bits: u32) -> [Range; 2] {
        let [numerators, denominators] = self
            .operand_limbs
            .map(|limbs| Range::unsigned_limbs(limbs, lane_bits));
        [
            numerators,
            Range {
                lo: 1,
                ..denominators
            },
        ]
    }
}

impl Operation for Div {
    fn name(&self) -> &'static str {
        "Div"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        check_shift(self.name(), self.shift)?;
        same(self.name(), inputs)
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        let [numerator, denominator] = self.operand_limbs;
        check_limbs(self.name(), &[self.limbs, numerator, denominator], lane_bits)
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange {
            unsigned: true,
            ..ResultRange::signed(self.limbs)
        })
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let [numerators, denominators] = self.operands(lane_bits);
        let result = Range::unsigned_limbs(self.limbs, lane_bits);
        let pairs = inputs[0].data().iter().zip(inputs[1].data()).enumerate();
        let results = pairs.map(|(flat, (&n, &d))| {
            let n = numerators.check(n, "numerator", Of::Input(0), flat)?;
            let d = denominators.check(d, "denominator", Of::Input(1), flat)?;
            result.check(div_round(n << self.shift, d), "quotient", Of::Output, flat)
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, inputs: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        let numerators = Range::unsigned_limbs(self.operand_limbs[0], lane_bits);
        inputs[0]
            .within(numerators.into())
            .times((1i64 << self.shift).into())?;
        Ok(Range::unsigned_limbs(self.limbs, lane_bits).into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let [numerators, denominators] = self.operands(lane_bits);
        let result = Range::unsigned_limbs(self.limbs, lane_bits);
        let (n, d) = (inputs[0].within(numerators), inputs[1].within(denominators));
        let quotient = |((nl, nh), (dl, dh)): ((i64, i64), (i64, i64))| {
            (div_round(nl << self.shift, dh), div_round(nh << self.shift, dl))
        };
        let before = Intervals::collect(out, n.ends().zip(d.ends()).map(quotient));
        Outcome::of(before.within(result))
            .checked("numerator", inputs[0].extremes(), numerators)
            .checked("denominator", inputs[1].extremes(), denominators)
            .checked("quotient", before.extremes(), result)
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
            Div {
                shift: 0,
                limbs: 1,
                operand_limbs: [1; 2]
            },
            &[&[2], &[3]],
            &[]
        ));
        assert!(!takes(
            Div {
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
        fn matches_the_definition(n in -10i64..300, d in -10i64..70_000, shift in 0u32..16) {
            let op = Op::Div(Div { shift, limbs: 1, operand_limbs: [1, 2] });
            let operands = (0..256).contains(&n) && (1..65536).contains(&d);
            let expected = operands
                .then(|| (2 * n * (1 << shift) + d).div_euclid(2 * d))
                .filter(|quotient| (0..256).contains(quotient));
            let found = try_eval(&op, &[(&[1], &[n]), (&[1], &[d])], &[1]);
            prop_assert_eq!(found.ok(), expected.map(|quotient| vec![quotient]));
        }
    }
}
