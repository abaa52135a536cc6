//! Mul: elementwise product, shifted right with rounding.

use super::{
    check_shift,
    range::{Of, Range, RangeFault},
    same,
};
use crate::{error::Result, rounding::shift_round, tensor::IntTensor};

pub(super) fn shape(shift: u32, inputs: &[&[usize]; 2]) -> Result<Vec<usize>> {
    check_shift("Mul", shift)?;
    same("Mul", inputs)
}

pub(super) fn eval(
    shift: u32,
    operands: [Range; 2],
    result: Range,
    left: &IntTensor,
    right: &IntTensor,
) -> Result<IntTensor, RangeFault> {
    let pairs = left.data().iter().zip(right.data()).enumerate();
    let results = pairs.map(|(flat, (&a, &b))| {
        let a = operands[0].check(a, "left operand", Of::Input(0), flat)?;
        let b = operands[1].check(b, "right operand", Of::Input(1), flat)?;
        result.check(shift_round(a * b, shift), "product", Of::Output, flat)
    });
    Ok(IntTensor::of(left.shape(), results.collect::<Result<_, _>>()?))
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
        fn matches_the_definition(a in -200i64..200, b in -40_000i64..40_000, shift in 0u32..16) {
            let op = Op::Mul { shift, limbs: 1, operand_limbs: [1, 2] };
            let product = ((a * b) as f64 / f64::from(1 << shift) + 0.5).floor() as i64;
            let valid = (-128..128).contains(&a) && (-32768..32768).contains(&b) && (-128..128).contains(&product);
            let found = try_eval(&op, &[(&[1], &[a]), (&[1], &[b])], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![product]));
        }
    }
}
