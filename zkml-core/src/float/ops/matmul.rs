//! Matrix product: `[.., m, k] x [.., k, n] -> [.., m, n]`.

use crate::float::FloatTensor;
use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

/// Largest number of multiplications of one node: keeps hostile models from running for hours.
const MAX_WORK: u128 = 1 << 36;

/// Refuses products of these lengths beyond the limit.
pub(super) fn check_work(lengths: &[usize]) -> Result<(), String> {
    let work = lengths
        .iter()
        .fold(1u128, |product, &length| product.saturating_mul(length as u128));
    if work > MAX_WORK {
        return Err(format!(
            "it takes {work} multiplications; the limit is {MAX_WORK}"
        ));
    }
    Ok(())
}

pub(super) fn infer(left: &[usize], right: &[usize]) -> Result<Vec<usize>, String> {
    if left.len() < 2 || right.len() < 2 {
        return Err(format!(
            "expected two tensors of rank 2 or more, found shapes {left:?} and {right:?}"
        ));
    }
    let (lead, rows) = left.split_at(left.len() - 2);
    let (right_lead, columns) = right.split_at(right.len() - 2);
    if rows[1] != columns[0] || !(right_lead.is_empty() || lead == right_lead) {
        return Err(format!("the shapes {left:?} and {right:?} do not multiply"));
    }
    check_work(&[lead, &[rows[0], rows[1], columns[1]]].concat())?;
    Ok([lead, &[rows[0], columns[1]]].concat())
}

pub(super) fn eval(left: &FloatTensor, right: &FloatTensor, shape: &[usize]) -> FloatTensor {
    let (m, n) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let k = left.shape()[left.ndim() - 1];
    let shared = right.ndim() == 2;
    let (left, right) = (left.as_standard_layout(), right.as_standard_layout());
    let mut result = FloatTensor::zeros(shape);
    if let (Some(a), Some(b), Some(c)) = (left.as_slice(), right.as_slice(), result.as_slice_mut()) {
        // One product where the right side serves all rows.
        let rows = if shared { left.len() / k } else { m };
        let products = c.chunks_mut(rows * n).zip(a.chunks(rows * k));
        for (index, (c, a)) in products.enumerate() {
            let b = if shared { b } else { &b[index * k * n..][..k * n] };
            if let (Ok(a), Ok(b), Ok(mut c)) = (
                ArrayView2::from_shape((rows, k), a),
                ArrayView2::from_shape((k, n), b),
                ArrayViewMut2::from_shape((rows, n), c),
            ) {
                general_mat_mul(1.0, &a, &b, 0.0, &mut c);
            }
        }
    }
    result
}
