//! DivConst: division by constants, rounded half up.

use super::{
    mismatch,
    range::{Of, Range, RangeFault},
};
use crate::{error::Result, graph::Divisor, rounding::div_round, tensor::IntTensor};

pub(super) fn shape(divisor: &Divisor, input: &[usize]) -> Result<Vec<usize>> {
    let divisors = match divisor {
        Divisor::Uniform(divisor) => std::slice::from_ref(divisor),
        Divisor::PerElement(divisors) => {
            let count: usize = input.iter().product();
            if divisors.len() != count {
                let reason = format!(
                    "expected {count} divisors, one for each element, found {}",
                    divisors.len()
                );
                return Err(mismatch("DivConst", reason));
            }
            divisors
        }
    };
    if divisors.contains(&0) {
        return Err(mismatch("DivConst", "expected divisors of at least 1, found 0"));
    }
    Ok(input.to_vec())
}

/// The divisor of each element, by flat index.
pub fn divisor_at(divisor: &Divisor) -> impl Fn(usize) -> u32 + '_ {
    move |flat| match divisor {
        Divisor::Uniform(divisor) => *divisor,
        Divisor::PerElement(divisors) => divisors[flat],
    }
}

pub(super) fn eval(divisor: &Divisor, result: Range, input: &IntTensor) -> Result<IntTensor, RangeFault> {
    let divisor_of = divisor_at(divisor);
    let results = input.data().iter().enumerate().map(|(flat, &x)| {
        result.check(
            div_round(x, divisor_of(flat).into()),
            "quotient",
            Of::Output,
            flat,
        )
    });
    Ok(IntTensor::of(input.shape(), results.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{eval, try_eval},
    };
    use proptest::prelude::*;

    #[test]
    fn divides_each_element_by_its_own() {
        let op = Op::DivConst {
            divisor: Divisor::PerElement(vec![4, 6, 9]),
            limbs: 1,
        };
        assert_eq!(eval(&op, &[(&[3], &[18, 18, 18])], &[3]), [5, 3, 2]);
    }

    #[test]
    fn refuses_malformed_divisors() {
        assert!(shape(&Divisor::Uniform(0), &[1]).is_err());
        assert!(shape(&Divisor::PerElement(vec![1]), &[2]).is_err());
        assert!(shape(&Divisor::PerElement(vec![1, 0]), &[2]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -5000i64..5000, d in 1u32..60) {
            let quotient = (2 * x + i64::from(d)).div_euclid(2 * i64::from(d));
            let op = Op::DivConst { divisor: Divisor::Uniform(d), limbs: 1 };
            let found = try_eval(&op, &[(&[1], &[x])], &[1]);
            prop_assert_eq!(found.ok(), (-128..128).contains(&quotient).then_some(vec![quotient]));
        }
    }
}
