//! Rescale: right shift with rounding, and optionally the rectifier after it.

use super::{
    check::{check_limbs, one},
    clamp::{Clamp, Saturation},
    operation::prelude::*,
    range::Of,
    shift::Shift,
};
use crate::rounding::shift_round;

/// Right shift with rounding, and optionally the rectifier after it.
///
/// The result is signed with `relu = false`, unsigned with `relu = true`. Without `saturation` the shifted
/// value must lie in the signed range, or in `(-2^(L b), 2^(L b))`. With it, the result is the value of its
/// range that is nearest to the shifted value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescale {
    /// The shift.
    pub shift: Shift,
    /// Width of the result.
    pub limbs: u8,
    /// Whether negative results become 0.
    pub relu: bool,
    /// How far the shifted value may lie outside the result's range.
    pub saturation: Option<Saturation>,
}

impl Rescale {
    /// A rescale without saturation.
    pub fn new(shift: Shift, limbs: u8, relu: bool) -> Self {
        Rescale {
            shift,
            limbs,
            relu,
            saturation: None,
        }
    }

    /// The clamp of the shifted value.
    pub fn clamp(&self) -> Clamp {
        Clamp {
            limbs: self.limbs,
            relu: self.relu,
            saturation: self.saturation,
        }
    }
}

impl Operation for Rescale {
    fn name(&self) -> &'static str {
        "Rescale"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(self.name(), inputs)?;
        self.shift.check(self.name(), input)?;
        Ok(input.to_vec())
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)?;
        self.saturation
            .map_or(Ok(()), |saturation| saturation.check(self.name(), lane_bits))
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange::rounded(&self.clamp(), &self.shift))
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let clamp = self.clamp().ranges(lane_bits);
        let shift_of = self.shift.at(out);
        let results = inputs[0].data().iter().enumerate().map(|(flat, &x)| {
            let shifted = shift_round(x, shift_of(flat));
            clamp.apply(shifted, "rescaled value", Of::Output, flat)
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(self.clamp().ranges(lane_bits).result.into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], _: &[usize]) -> Outcome {
        let clamp = self.clamp().ranges(lane_bits);
        let before = self.shift.reach(inputs[0]);
        Outcome::of(before.within(clamp.result)).checked("rescaled value", before.extremes(), clamp.accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::range::Range,
        ops::testing::{eval, takes, try_eval},
    };
    use proptest::prelude::*;

    fn rescale(shift: u32, relu: bool) -> Op {
        Op::Rescale(Rescale {
            shift: Shift::Uniform(shift),
            limbs: 1,
            relu,
            saturation: None,
        })
    }

    #[test]
    fn signed_range_is_exact() {
        assert_eq!(
            eval(&rescale(1, false), &[(&[2], &[-257, 254])], &[2]),
            [-128, 127]
        );
        assert_eq!(
            try_eval(&rescale(1, false), &[(&[2], &[0, 255])], &[2])
                .unwrap_err()
                .value,
            128
        );
        assert_eq!(
            try_eval(&rescale(1, false), &[(&[2], &[-258, 0])], &[2])
                .unwrap_err()
                .value,
            -129
        );
    }

    #[test]
    fn rectified_range_is_exact() {
        assert_eq!(
            eval(&rescale(0, true), &[(&[3], &[-255, -1, 255])], &[3]),
            [0, 0, 255]
        );
        let fault = try_eval(&rescale(0, true), &[(&[3], &[1, 2, 256])], &[3]).unwrap_err();
        assert_eq!(
            (fault.value, fault.element, fault.range),
            (256, 2, Range { lo: -255, hi: 255 })
        );
        assert!(try_eval(&rescale(0, true), &[(&[1], &[-256])], &[1]).is_err());
    }

    #[test]
    fn shifts_vary_along_an_axis() {
        let shift = Shift::PerAxis {
            axis: 1,
            shifts: vec![0, 1, 2],
        };
        let op = Op::Rescale(Rescale {
            shift,
            limbs: 1,
            relu: false,
            saturation: None,
        });
        let out = eval(&op, &[(&[1, 3, 2], &[4, 5, 4, 5, 4, 6])], &[1, 3, 2]);
        assert_eq!(out, [4, 5, 2, 3, 1, 2]);
    }

    #[test]
    fn refuses_malformed_shifts() {
        assert!(!takes(rescale(63, false), &[&[1]], &[]));
        assert!(!takes(
            Rescale::new(
                Shift::PerAxis {
                    axis: 1,
                    shifts: vec![1]
                },
                1,
                false
            ),
            &[&[1]],
            &[]
        ));
        assert!(!takes(
            Rescale::new(
                Shift::PerAxis {
                    axis: 0,
                    shifts: vec![1]
                },
                1,
                false
            ),
            &[&[2]],
            &[]
        ));
        assert!(!takes(
            Rescale::new(
                Shift::PerAxis {
                    axis: 0,
                    shifts: vec![1, 99]
                },
                1,
                false
            ),
            &[&[2]],
            &[]
        ));
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -100_000i64..100_000, shift in 0u32..12, relu: bool) {
            let v = (x as f64 / f64::from(1 << shift) + 0.5).floor() as i64;
            let expected = match relu {
                false => (-128..128).contains(&v).then_some(v),
                true => (v.abs() < 256).then_some(v.max(0)),
            };
            prop_assert_eq!(try_eval(&rescale(shift, relu), &[(&[], &[x])], &[]).ok(), expected.map(|v| vec![v]));
        }
    }
}
