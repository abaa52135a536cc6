//! Arithmetic on constant integers.

use super::value::Ints;
use crate::shape::broadcast;
use ndarray::IxDyn;

/// Largest number of elements of a tensor of constant integers.
pub(super) const MAX_INTS: usize = 1 << 16;

/// The shape that two shapes broadcast to; the error is a reason.
pub(super) fn common_shape(a: &[usize], b: &[usize]) -> Result<Vec<usize>, String> {
    broadcast(a, b).ok_or_else(|| format!("the shapes {a:?} and {b:?} do not broadcast together"))
}

/// An elementwise operation with NumPy broadcasting; the error is a reason.
pub(super) fn binary(a: &Ints, b: &Ints, f: fn(i64, i64) -> Option<i64>) -> Result<Ints, String> {
    let shape = common_shape(a.shape(), b.shape())?;
    let count = shape
        .iter()
        .try_fold(1usize, |product, &length| product.checked_mul(length));
    if count.is_none_or(|count| count > MAX_INTS) {
        return Err(format!("the result has more than {MAX_INTS} integers"));
    }
    let (left, right) = (a.broadcast(IxDyn(&shape)), b.broadcast(IxDyn(&shape)));
    let (left, right) = left.zip(right).ok_or("the shapes do not broadcast together")?;
    let values: Option<Vec<i64>> = left.iter().zip(right.iter()).map(|(&a, &b)| f(a, b)).collect();
    let values = values.ok_or("the integers overflow or are divided by 0")?;
    Ints::from_shape_vec(IxDyn(&shape), values).map_err(|error| error.to_string())
}

/// A list of integers.
pub(super) fn list(values: Vec<i64>) -> Ints {
    ndarray::Array1::from_vec(values).into_dyn()
}
