//! MatMul: `[.., m, k] x [.., k, n] -> [.., m, n]`. The leading axes are equal, or the right side
//! has rank 2 and serves all of them.

use super::mismatch;
use crate::{error::Result, tensor::IntTensor};
use rayon::prelude::*;

/// Columns of the result that one task computes.
const COLUMNS: usize = 256;

pub(super) fn shape(&[left, right]: &[&[usize]; 2]) -> Result<Vec<usize>> {
    let reason = || format!("expected shapes [.., m, k] and [.., k, n], found {left:?} and {right:?}");
    let (Some((&[m, k], leading)), Some((&[inner, n], right_leading))) = (
        left.split_last_chunk::<2>().map(swap),
        right.split_last_chunk::<2>().map(swap),
    ) else {
        return Err(mismatch("MatMul", reason()));
    };
    if k != inner || !(right_leading.is_empty() || leading == right_leading) {
        return Err(mismatch("MatMul", reason()));
    }
    Ok([leading, &[m, n]].concat())
}

fn swap<'a>((leading, last): (&'a [usize], &'a [usize; 2])) -> (&'a [usize; 2], &'a [usize]) {
    (last, leading)
}

pub(super) fn eval(left: &IntTensor, right: &IntTensor, out: &[usize]) -> IntTensor {
    let [m, n] = [out[out.len() - 2], out[out.len() - 1]];
    let k = left.shape()[out.len() - 1];
    let shared = right.shape().len() == 2;
    let mut product = vec![0; out.iter().product()];
    product.par_chunks_mut(n).enumerate().for_each(|(row, out_row)| {
        let left_row = &left.data()[row * k..][..k];
        let matrix = if shared { 0 } else { row / m };
        let right = &right.data()[matrix * k * n..][..k * n];
        out_row
            .par_chunks_mut(COLUMNS)
            .enumerate()
            .for_each(|(block, sums)| {
                // Rows of the right side are contiguous: scale and add them.
                for (&a, right_row) in left_row.iter().zip(right.chunks_exact(n)) {
                    for (sum, &b) in sums.iter_mut().zip(&right_row[block * COLUMNS..]) {
                        *sum += a * b;
                    }
                }
            });
    });
    IntTensor::of(out, product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{at, eval, positions},
    };
    use proptest::prelude::*;

    #[test]
    fn infers_shapes() {
        assert_eq!(shape(&[&[2, 3], &[3, 4]]).unwrap(), [2, 4]);
        assert_eq!(shape(&[&[5, 2, 3], &[3, 4]]).unwrap(), [5, 2, 4]);
        assert_eq!(shape(&[&[5, 2, 3], &[5, 3, 4]]).unwrap(), [5, 2, 4]);
        for [left, right] in [
            [&[3][..], &[3, 4][..]],
            [&[2, 3], &[4, 3]],
            [&[2, 3], &[1, 3, 4]],
            [&[5, 2, 3], &[6, 3, 4]],
            [&[], &[]],
        ] {
            assert!(shape(&[left, right]).is_err(), "{left:?} {right:?}");
        }
    }

    #[test]
    fn wide_results_span_blocks() {
        let n = 2 * COLUMNS + 3;
        let right: Vec<i64> = (0..2 * n as i64).collect();
        let out = eval(&Op::MatMul, &[(&[1, 2], &[10, 1]), (&[2, n], &right)], &[1, n]);
        let expected: Vec<i64> = (0..n).map(|j| 10 * right[j] + right[n + j]).collect();
        assert_eq!(out, expected);
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            [batch, m, k, n] in prop::array::uniform4(1usize..5),
            shared: bool,
            values in prop::collection::vec(-1000i64..1000, 2 * 4 * 4 * 4),
        ) {
            let left_shape = [batch, m, k];
            let right_shape: &[usize] = if shared { &[k, n] } else { &[batch, k, n] };
            let (left, rest) = values.split_at(batch * m * k);
            let right = &rest[..right_shape.iter().product()];
            let out_shape = [batch, m, n];
            let out = eval(&Op::MatMul, &[(&left_shape, left), (right_shape, right)], &out_shape);
            for (p, found) in positions(&out_shape).zip(out) {
                let expected: i64 = (0..k)
                    .map(|j| {
                        let index: &[usize] = if shared { &[j, p[2]] } else { &[p[0], j, p[2]] };
                        at(&left_shape, left, &[p[0], p[1], j]) * at(right_shape, right, index)
                    })
                    .sum();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
