//! ArgMax: index of the first largest element along an axis, which the output keeps with length 1.

use super::{
    check_axis,
    range::{Of, Range, RangeFault},
    reduction::{Sets, each_set},
};
use crate::{error::Result, tensor::IntTensor};

pub(super) fn shape(axis: usize, input: &[usize]) -> Result<Vec<usize>> {
    check_axis("ArgMax", axis, input)?;
    let mut shape = input.to_vec();
    shape[axis] = 1;
    Ok(shape)
}

pub(super) fn eval(
    axis: usize,
    bits: u32,
    input: &IntTensor,
    out: &[usize],
) -> Result<IntTensor, RangeFault> {
    let mut results = Vec::with_capacity(out.iter().product());
    each_set("ArgMax", Sets::Axes(&[axis]), input.shape(), |set| {
        let element = |position: usize| input.data()[set[position] as usize];
        let mut first_largest = 0;
        let mut smallest = 0;
        for position in 1..set.len() {
            if element(position) > element(first_largest) {
                first_largest = position;
            }
            if element(position) < element(smallest) {
                smallest = position;
            }
        }
        // Accumulators are below 2^62: the difference fits 63 bits.
        let spread = element(first_largest) - element(smallest);
        let quantity = "distance from the largest element";
        Range::unsigned(bits).check(spread, quantity, Of::Input(0), set[smallest] as usize)?;
        results.push(first_largest as i64);
        Ok(())
    })?;
    Ok(IntTensor::of(out, results))
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
    fn ties_go_to_the_lowest_index() {
        let op = Op::ArgMax { axis: 1, limbs: 1 };
        assert_eq!(eval(&op, &[(&[2, 3], &[5, 7, 7, 2, 2, 2])], &[2, 1]), [1, 0]);
    }

    #[test]
    fn works_along_any_axis() {
        let op = Op::ArgMax { axis: 0, limbs: 1 };
        assert_eq!(eval(&op, &[(&[2, 3], &[5, 7, 7, 2, 8, 7])], &[1, 3]), [0, 1, 0]);
        assert!(shape(2, &[2, 3]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(values in prop::collection::vec(-140i64..140, 1..8)) {
            let n = values.len();
            let largest = *values.iter().max().unwrap();
            let valid = values.iter().all(|v| largest - v < 256);
            let first = values.iter().position(|&v| v == largest).unwrap() as i64;
            let found = try_eval(&Op::ArgMax { axis: 0, limbs: 1 }, &[(&[n], &values)], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![first]));
        }
    }
}
