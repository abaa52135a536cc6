//! Rules that the shapes and attributes of several operations have in common.

use super::range;
use crate::{
    error::{Error, Result},
    shape::{MAX_ELEMENTS, MAX_RANK, element_count},
};

/// The largest shift of any operation.
pub(crate) const MAX_SHIFT: u32 = 62;

/// An error of the shape rules.
pub(super) fn mismatch(op: &'static str, reason: impl Into<String>) -> Error {
    Error::Shape {
        op,
        reason: reason.into(),
    }
}

/// Exactly `N` inputs.
pub(super) fn arity<'a, 'b, const N: usize>(
    op: &'static str,
    inputs: &'b [&'a [usize]],
) -> Result<&'b [&'a [usize]; N]> {
    inputs
        .try_into()
        .map_err(|_| mismatch(op, format!("expected {N} input(s), found {}", inputs.len())))
}

/// Exactly one input.
pub(super) fn one<'a>(op: &'static str, inputs: &[&'a [usize]]) -> Result<&'a [usize]> {
    arity::<1>(op, inputs).map(|inputs| inputs[0])
}

/// Two inputs of the same shape.
pub(super) fn same(op: &'static str, inputs: &[&[usize]]) -> Result<Vec<usize>> {
    let [left, right] = arity(op, inputs)?;
    if left == right {
        Ok(left.to_vec())
    } else {
        Err(mismatch(
            op,
            format!("expected operands of one shape, found {left:?} and {right:?}"),
        ))
    }
}

/// An axis of a shape.
pub(super) fn check_axis(op: &'static str, axis: usize, shape: &[usize]) -> Result<()> {
    if axis < shape.len() {
        Ok(())
    } else {
        Err(mismatch(
            op,
            format!("expected an axis below the rank {}, found {axis}", shape.len()),
        ))
    }
}

/// A shift of at most [`MAX_SHIFT`].
pub(super) fn check_shift(op: &'static str, shift: u32) -> Result<()> {
    if shift <= MAX_SHIFT {
        Ok(())
    } else {
        Err(mismatch(
            op,
            format!("expected a shift of at most {MAX_SHIFT}, found {shift}"),
        ))
    }
}

/// Widths that tensors may have.
pub(super) fn check_limbs(op: &'static str, limbs: &[u8], lane_bits: u32) -> Result<()> {
    match limbs.iter().find(|&&limbs| !range::valid_limbs(limbs, lane_bits)) {
        Some(&limbs) => Err(mismatch(op, range::invalid_limbs(limbs, lane_bits))),
        None => Ok(()),
    }
}

/// A shape within the limits of every tensor.
pub(super) fn check_size(op: &'static str, shape: &[usize]) -> Result<()> {
    element_count(shape).map(drop).ok_or_else(|| {
        mismatch(
            op,
            format!(
                "expected at most {MAX_RANK} axes, none of length 0, and at most {MAX_ELEMENTS} elements, found \
                 shape {shape:?}"
            ),
        )
    })
}
