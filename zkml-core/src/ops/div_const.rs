//! DivConst: division by constants, rounded half up.

use super::{
    check::{check_limbs, mismatch, one},
    operation::prelude::*,
    range::{Of, Range},
};
use crate::rounding::div_round;

/// Divisor of a constant division: `floor((2 x + d) / (2 d))`, that is `x / d` rounded half up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Divisor {
    /// The same divisor, at least 1, for every element.
    Uniform(u32),
    /// One divisor for each element of the output, row-major (average pooling that leaves
    /// padding out of the count).
    PerElement(Vec<u32>),
}

impl Divisor {
    /// The largest divisor.
    pub fn largest(&self) -> u32 {
        match self {
            Divisor::Uniform(divisor) => *divisor,
            Divisor::PerElement(divisors) => divisors.iter().copied().max().unwrap_or(1),
        }
    }

    /// The divisor of each element, by flat index.
    pub fn at(&self) -> impl Fn(usize) -> u32 + '_ {
        move |flat| match self {
            Divisor::Uniform(divisor) => *divisor,
            Divisor::PerElement(divisors) => divisors[flat],
        }
    }
}

/// Division by constants with rounding; signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DivConst {
    /// The divisors.
    pub divisor: Divisor,
    /// Width of the result.
    pub limbs: u8,
}

impl Operation for DivConst {
    fn name(&self) -> &'static str {
        "DivConst"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(self.name(), inputs)?;
        let divisors = match &self.divisor {
            Divisor::Uniform(divisor) => std::slice::from_ref(divisor),
            Divisor::PerElement(divisors) => {
                let count: usize = input.iter().product();
                if divisors.len() != count {
                    let reason = format!(
                        "expected {count} divisors, one for each element, found {}",
                        divisors.len()
                    );
                    return Err(mismatch(self.name(), reason));
                }
                divisors
            }
        };
        if divisors.contains(&0) {
            return Err(mismatch(self.name(), "expected divisors of at least 1, found 0"));
        }
        Ok(input.to_vec())
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange::signed(self.limbs))
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let result = Range::signed_limbs(self.limbs, lane_bits);
        let divisor_of = self.divisor.at();
        let results = inputs[0].data().iter().enumerate().map(|(flat, &x)| {
            let quotient = div_round(x, divisor_of(flat).into());
            result.check(quotient, "quotient", Of::Output, flat)
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(Range::signed_limbs(self.limbs, lane_bits).into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], _: &[usize]) -> Outcome {
        let result = Range::signed_limbs(self.limbs, lane_bits);
        let divisor_of = self.divisor.at();
        let before = inputs[0].monotone(|i, x| div_round(x, divisor_of(i).into()));
        Outcome::of(before.within(result)).checked("quotient", before.extremes(), result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{eval, takes, try_eval},
    };
    use proptest::prelude::*;

    #[test]
    fn divides_each_element_by_its_own() {
        let op = Op::DivConst(DivConst {
            divisor: Divisor::PerElement(vec![4, 6, 9]),
            limbs: 1,
        });
        assert_eq!(eval(&op, &[(&[3], &[18, 18, 18])], &[3]), [5, 3, 2]);
    }

    #[test]
    fn refuses_malformed_divisors() {
        assert!(!takes(
            DivConst {
                divisor: Divisor::Uniform(0),
                limbs: 1
            },
            &[&[1]],
            &[]
        ));
        assert!(!takes(
            DivConst {
                divisor: Divisor::PerElement(vec![1]),
                limbs: 1
            },
            &[&[2]],
            &[]
        ));
        assert!(!takes(
            DivConst {
                divisor: Divisor::PerElement(vec![1, 0]),
                limbs: 1
            },
            &[&[2]],
            &[]
        ));
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -5000i64..5000, d in 1u32..60) {
            let quotient = (2 * x + i64::from(d)).div_euclid(2 * i64::from(d));
            let op = Op::DivConst(DivConst { divisor: Divisor::Uniform(d), limbs: 1 });
            let found = try_eval(&op, &[(&[1], &[x])], &[1]);
            prop_assert_eq!(found.ok(), (-128..128).contains(&quotient).then_some(vec![quotient]));
        }
    }
}
