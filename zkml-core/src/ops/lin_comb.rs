//! LinComb: `constant + sum_j coefficients[j] * input_j`, elementwise.

use super::mismatch;
use crate::{error::Result, tensor::IntTensor};

pub(super) fn shape(coefficients: &[i64], inputs: &[&[usize]]) -> Result<Vec<usize>> {
    let Some((&first, rest)) = inputs.split_first() else {
        return Err(mismatch("LinComb", "expected at least one input, found none"));
    };
    if coefficients.len() != inputs.len() {
        let reason = format!(
            "expected {} coefficients, found {}",
            inputs.len(),
            coefficients.len()
        );
        return Err(mismatch("LinComb", reason));
    }
    if let Some(other) = rest.iter().find(|&&shape| shape != first) {
        return Err(mismatch(
            "LinComb",
            format!("expected inputs of shape {first:?}, found {other:?}"),
        ));
    }
    Ok(first.to_vec())
}

pub(super) fn eval(coefficients: &[i64], constant: i64, inputs: &[&IntTensor], out: &[usize]) -> IntTensor {
    // In this order the bounds of all partial sums are checked.
    let mut sums = vec![constant; out.iter().product()];
    for (&coefficient, input) in coefficients.iter().zip(inputs) {
        for (sum, &x) in sums.iter_mut().zip(input.data()) {
            *sum += coefficient * x;
        }
    }
    IntTensor::of(out, sums)
}

#[cfg(test)]
mod tests {
    use crate::{graph::Op, ops::testing::eval};
    use proptest::prelude::*;

    #[test]
    fn refuses_operands_that_do_not_match() {
        assert!(super::shape(&[], &[]).is_err());
        assert!(super::shape(&[1], &[&[2], &[2]]).is_err());
        assert!(super::shape(&[1, 1], &[&[2], &[3]]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            rows in prop::collection::vec((-100i64..100, prop::array::uniform3(-1000i64..1000)), 1..5),
            constant in -1000i64..1000,
        ) {
            let coefficients: Vec<i64> = rows.iter().map(|row| row.0).collect();
            let inputs: Vec<(&[usize], &[i64])> = rows.iter().map(|row| (&[3][..], &row.1[..])).collect();
            let out = eval(&Op::LinComb { coefficients, constant }, &inputs, &[3]);
            for i in 0..3 {
                prop_assert_eq!(out[i], constant + rows.iter().map(|(c, x)| c * x[i]).sum::<i64>());
            }
        }
    }
}
