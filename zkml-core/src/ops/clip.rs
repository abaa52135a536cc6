//! Clip: `min(max(x, lo), hi)`.

use super::{
    check::{check_limbs, mismatch, one},
    operation::prelude::*,
    range::{Of, Range},
};

/// `min(max(x, lo), hi)`, where `lo <= hi` lie in the signed range of `limbs` limbs.
///
/// With `p = max(x - lo, 0)`, `n = max(lo - x, 0)` and `w = (hi - lo) - p`:
/// `p < 2^(L b)`, `n < 2^(L b)` and `|w| < 2^(L b)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clip {
    /// Smallest result.
    pub lo: i64,
    /// Largest result.
    pub hi: i64,
    /// Width.
    pub limbs: u8,
}

impl Clip {
    /// The values that can be clipped.
    fn accepted(&self, lane_bits: u32) -> Range {
        // |x - lo| < 2^(L b) is all: then w > -2^(L b) because lo <= hi, and w < 2^(L b) because both
        // limits are signed.
        let distance = Range::unsigned_limbs(self.limbs, lane_bits).hi;
        Range {
            lo: self.lo - distance,
            hi: self.lo + distance,
        }
    }

    fn results(&self) -> Range {
        Range {
            lo: self.lo,
            hi: self.hi,
        }
    }
}

impl Operation for Clip {
    fn name(&self) -> &'static str {
        "Clip"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        one(self.name(), inputs).map(<[usize]>::to_vec)
    }

    /// Checks the limits against the width.
    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)?;
        let range = Range::signed_limbs(self.limbs, lane_bits);
        if self.lo <= self.hi && range.contains(self.lo) && range.contains(self.hi) {
            Ok(())
        } else {
            let reason = format!(
                "expected limits lo <= hi in [{}, {}], found {} and {}",
                range.lo, range.hi, self.lo, self.hi
            );
            Err(mismatch(self.name(), reason))
        }
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange {
            clamps: true,
            ..ResultRange::signed(self.limbs)
        })
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let range = self.accepted(lane_bits);
        let results = inputs[0].data().iter().enumerate().map(|(flat, &x)| {
            let x = range.check(x, "value to clip", Of::Input(0), flat)?;
            Ok(x.clamp(self.lo, self.hi))
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, _: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(self.results().into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], _: &[usize]) -> Outcome {
        Outcome::of(inputs[0].within(self.results())).checked(
            "value to clip",
            inputs[0].extremes(),
            self.accepted(lane_bits),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::Op, ops::testing::try_eval};
    use proptest::prelude::*;

    #[test]
    fn refuses_limits_outside_the_range() {
        assert!(
            Clip {
                lo: -128,
                hi: 127,
                limbs: 1
            }
            .check_widths(8)
            .is_ok()
        );
        assert!(
            Clip {
                lo: -129,
                hi: 127,
                limbs: 1
            }
            .check_widths(8)
            .is_err()
        );
        assert!(
            Clip {
                lo: -128,
                hi: 128,
                limbs: 1
            }
            .check_widths(8)
            .is_err()
        );
        assert!(
            Clip {
                lo: 1,
                hi: 0,
                limbs: 1
            }
            .check_widths(8)
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -600i64..600, a in -128i64..128, b in -128i64..128) {
            let (lo, hi) = (a.min(b), a.max(b));
            let (p, n) = ((x - lo).max(0), (lo - x).max(0));
            let w = (hi - lo) - p;
            let valid = p < 256 && n < 256 && w.abs() < 256;
            let found = try_eval(&Op::Clip(Clip { lo, hi, limbs: 1 }), &[(&[1], &[x])], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![x.max(lo).min(hi)]));
        }
    }
}
