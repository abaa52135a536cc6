//! Arithmetic on constant integers.

use super::value::Ints;
use ndarray::IxDyn;

/// Largest number of elements of a tensor of constant integers.
pub(super) const MAX_INTS: usize = 1 << 16;

/// An elementwise operation with NumPy broadcasting; the error is a reason.
pub(super) fn binary(a: &Ints, b: &Ints, f: fn(i64, i64) -> Option<i64>) -> Result<Ints, String> {
    let rank = a.ndim().max(b.ndim());
    let length = |x: &Ints, axis: usize| {
        (axis + x.ndim())
            .checked_sub(rank)
            .map_or(1, |index| x.shape()[index])
    };
    let shape: Vec<usize> = (0..rank)
        .map(|axis| match (length(a, axis), length(b, axis)) {
            (1, length) => length,
            (length, _) => length,
        })
        .collect();
    let count = shape
        .iter()
        .try_fold(1usize, |product, &length| product.checked_mul(length));
    if count.is_none_or(|count| count > MAX_INTS) {
        return Err(format!("the result has more than {MAX_INTS} integers"));
    }
    let (Some(left), Some(right)) = (a.broadcast(IxDyn(&shape)), b.broadcast(IxDyn(&shape))) else {
        return Err(format!(
            "the shapes {:?} and {:?} do not broadcast together",
            a.shape(),
            b.shape()
        ));
    };
    let values: Option<Vec<i64>> = left.iter().zip(right.iter()).map(|(&a, &b)| f(a, b)).collect();
    let values = values.ok_or("the integers overflow or are divided by 0")?;
    Ints::from_shape_vec(IxDyn(&shape), values).map_err(|error| error.to_string())
}

/// A list of integers.
pub(super) fn list(values: Vec<i64>) -> Ints {
    ndarray::Array1::from_vec(values).into_dyn()
}
