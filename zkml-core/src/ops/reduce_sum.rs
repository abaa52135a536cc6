//! ReduceSum: sum over axes, which the output keeps with length 1.

use super::{
    check_axis, mismatch,
    reduction::{Sets, each_set},
};
use crate::{error::Result, tensor::IntTensor};
use std::convert::Infallible;

pub(super) fn shape(axes: &[usize], input: &[usize]) -> Result<Vec<usize>> {
    if !axes.is_sorted_by(|a, b| a < b) {
        return Err(mismatch(
            "ReduceSum",
            format!("expected ascending axes, found {axes:?}"),
        ));
    }
    let mut shape = input.to_vec();
    for &axis in axes {
        check_axis("ReduceSum", axis, input)?;
        shape[axis] = 1;
    }
    Ok(shape)
}

pub(super) fn eval(axes: &[usize], input: &IntTensor, out: &[usize]) -> IntTensor {
    IntTensor::of(out, sums("ReduceSum", Sets::Axes(axes), input))
}

/// The sum over each set.
pub(super) fn sums(op: &'static str, sets: Sets<'_>, input: &IntTensor) -> Vec<i64> {
    let mut sums = Vec::new();
    let visited: Result<(), Infallible> = each_set(op, sets, input.shape(), |set| {
        sums.push(set.iter().map(|&i| input.data()[i as usize]).sum());
        Ok(())
    });
    let Ok(()) = visited;
    sums
}

#[cfg(test)]
mod tests {
    use crate::{graph::Op, ops::testing::eval};

    #[test]
    fn sums_over_axes() {
        let input: (&[usize], &[i64]) = (&[2, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(
            eval(&Op::ReduceSum { axes: vec![0] }, &[input], &[1, 3]),
            [5, 7, 9]
        );
        assert_eq!(eval(&Op::ReduceSum { axes: vec![1] }, &[input], &[2, 1]), [6, 15]);
        assert_eq!(eval(&Op::ReduceSum { axes: vec![0, 1] }, &[input], &[1, 1]), [21]);
        assert_eq!(eval(&Op::ReduceSum { axes: vec![] }, &[input], &[2, 3]), input.1);
    }

    #[test]
    fn refuses_bad_axes() {
        assert!(super::shape(&[2], &[2, 3]).is_err());
        assert!(super::shape(&[1, 0], &[2, 3]).is_err());
        assert!(super::shape(&[1, 1], &[2, 3]).is_err());
    }
}
