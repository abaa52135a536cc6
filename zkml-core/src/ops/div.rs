//! Div: `n 2^shift / d` rounded half up, elementwise, of unsigned operands.

use super::{
    check_shift,
    range::{Of, Range, RangeFault},
    same,
};
use crate::{error::Result, rounding::div_round, tensor::IntTensor};

pub(super) fn shape(shift: u32, inputs: &[&[usize]; 2]) -> Result<Vec<usize>> {
    check_shift("Div", shift)?;
    same("Div", inputs)
}

pub(super) fn eval(
    shift: u32,
    operand_bits: [u32; 2],
    bits: u32,
    numerator: &IntTensor,
    denominator: &IntTensor,
) -> Result<IntTensor, RangeFault> {
    let [numerators, denominators] = operand_bits.map(Range::unsigned);
    let denominators = Range {
        lo: 1,
        ..denominators
    };
    let pairs = numerator.data().iter().zip(denominator.data()).enumerate();
    let results = pairs.map(|(flat, (&n, &d))| {
        let n = numerators.check(n, "numerator", Of::Input(0), flat)?;
        let d = denominators.check(d, "denominator", Of::Input(1), flat)?;
        Range::unsigned(bits).check(div_round(n << shift, d), "quotient", Of::Output, flat)
    });
    Ok(IntTensor::of(
        numerator.shape(),
        results.collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::Op, ops::testing::try_eval};
    use proptest::prelude::*;

    #[test]
    fn refuses_shapes_that_differ() {
        assert!(shape(0, &[&[2], &[3]]).is_err());
        assert!(shape(63, &[&[2], &[2]]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(n in -10i64..300, d in -10i64..70_000, shift in 0u32..16) {
            let op = Op::Div { shift, limbs: 1, operand_limbs: [1, 2] };
            let operands = (0..256).contains(&n) && (1..65536).contains(&d);
            let expected = operands
                .then(|| (2 * n * (1 << shift) + d).div_euclid(2 * d))
                .filter(|quotient| (0..256).contains(quotient));
            let found = try_eval(&op, &[(&[1], &[n]), (&[1], &[d])], &[1]);
            prop_assert_eq!(found.ok(), expected.map(|quotient| vec![quotient]));
        }
    }
}
