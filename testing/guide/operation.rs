//! Magnitude: `|x|`.

use super::{
    check::{check_limbs, one},
    operation::prelude::*,
    range::{Of, Range},
};

/// `|x|` for `|x| < 2^(limbs b)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Magnitude {
    /// Width of the result.
    pub limbs: u8,
}

impl Magnitude {
    fn accepted(&self, lane_bits: u32) -> Range {
        Range::within(u32::from(self.limbs) * lane_bits)
    }

    fn results(&self, lane_bits: u32) -> Range {
        Range::unsigned_limbs(self.limbs, lane_bits)
    }
}

impl Operation for Magnitude {
    fn name(&self) -> &'static str {
        "Magnitude"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        one(self.name(), inputs).map(<[usize]>::to_vec)
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)
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
        let accepted = self.accepted(lane_bits);
        let values = inputs[0].data().iter().enumerate();
        let results = values.map(|(flat, &x)| accepted.check(x, "value", Of::Input(0), flat).map(i64::abs));
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(self.results(lane_bits).into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let ends = inputs[0].ends().map(|(lo, hi)| match lo <= 0 && hi >= 0 {
            true => (0, hi.max(-lo)),
            false => (lo.abs().min(hi.abs()), lo.abs().max(hi.abs())),
        });
        Outcome::of(Intervals::collect(out, ends).within(self.results(lane_bits))).checked(
            "value",
            inputs[0].extremes(),
            self.accepted(lane_bits),
        )
    }
}
