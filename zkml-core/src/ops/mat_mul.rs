//! MatMul: `[.., m, k] x [.., k, n] -> [.., m, n]`.

use super::{
    check::{arity, mismatch},
    operation::prelude::*,
};
use crate::reach::bilinear;
use rayon::prelude::*;
use std::ops::Range;

/// Columns of the result that one task computes.
const COLUMNS: usize = 256;

/// Rows of the result that one task computes: each element of the right side is loaded once for all.
const ROWS: usize = 8;

/// Rows of the right side that are taken at a time: those columns of them stay in a core's cache.
const DEPTH: usize = 64;

/// `[.., m, k] x [.., k, n] -> [.., m, n]`. Both inputs have rank 2 or more; the leading
/// axes are equal, or the right side has rank 2 and serves all of them.
/// Inputs: left, right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatMul;

impl Operation for MatMul {
    fn name(&self) -> &'static str {
        "MatMul"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Bilinear
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let &[left, right] = arity(self.name(), inputs)?;
        let reason = || format!("expected shapes [.., m, k] and [.., k, n], found {left:?} and {right:?}");
        let (Some((&[m, k], leading)), Some((&[inner, n], right_leading))) = (
            left.split_last_chunk::<2>().map(swap),
            right.split_last_chunk::<2>().map(swap),
        ) else {
            return Err(mismatch(self.name(), reason()));
        };
        if k != inner || !(right_leading.is_empty() || leading == right_leading) {
            return Err(mismatch(self.name(), reason()));
        }
        Ok([leading, &[m, n]].concat())
    }

    /// Accumulators have no width.
    fn check_widths(&self, _: u32) -> Result<()> {
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, inputs: &[&[usize]]) -> usize {
        inner_length(inputs)
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        Ok(IntTensor::of(out, product(inputs[0], inputs[1], out)))
    }

    fn bounds(&self, _: u32, inputs: &[Interval], shapes: &[&[usize]]) -> Result<Interval, Overflow> {
        inputs[0].times(inputs[1])?.summed(inner_length(shapes))
    }

    fn reach(&self, _: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let product = |left: &IntTensor, right: &IntTensor| product(left, right, out);
        Outcome::of(bilinear::reach(inputs[0], inputs[1], product, out))
    }
}

/// The length of the axis that both sides share.
fn inner_length(shapes: &[&[usize]]) -> usize {
    shapes[0].last().copied().unwrap_or(1)
}

fn swap<'a>((leading, last): (&'a [usize], &'a [usize; 2])) -> (&'a [usize; 2], &'a [usize]) {
    (last, leading)
}

fn product(left: &IntTensor, right: &IntTensor, out: &[usize]) -> Vec<i64> {
    let [m, n] = [out[out.len() - 2], out[out.len() - 1]];
    let k = left.shape()[out.len() - 1];
    let rows: usize = out[..out.len() - 1].iter().product();
    let of_matrix = if right.shape().len() == 2 { rows } else { m };
    let first_rows = (0..rows)
        .step_by(of_matrix)
        .flat_map(|first| (first..first + of_matrix).step_by(ROWS));
    let tiles: Vec<Tile> = first_rows
        .flat_map(|row| (0..n).step_by(COLUMNS).map(move |column| (row, column)))
        .map(|(row, column)| Tile {
            matrix: row / of_matrix,
            rows: row..(row + ROWS).min((row / of_matrix + 1) * of_matrix),
            columns: column..(column + COLUMNS).min(n),
        })
        .collect();
    let sums = |tile: &Tile| {
        let left = &left.data()[tile.rows.start * k..tile.rows.end * k];
        let right = &right.data()[tile.matrix * k * n..][..k * n];
        tile_sums(left, right, [k, n], tile.columns.clone())
    };
    let sums: Vec<Vec<i64>> = tiles.par_iter().map(sums).collect();
    let mut product = vec![0; rows * n];
    for (tile, sums) in tiles.into_iter().zip(sums) {
        for (row, sums) in tile.rows.zip(sums.chunks_exact(tile.columns.len())) {
            product[row * n..][tile.columns.clone()].copy_from_slice(sums);
        }
    }
    product
}

/// A part of the result that one task computes.
struct Tile {
    matrix: usize,
    rows: Range<usize>,
    columns: Range<usize>,
}

/// `columns` of the product of some rows of `k` elements with a matrix `[k, n]`.
///
/// The arithmetic wraps, which lets it be vectorised: [`crate::bounds`] has shown that no sum
/// reaches 62 bits.
fn tile_sums(left: &[i64], right: &[i64], [k, n]: [usize; 2], columns: Range<usize>) -> Vec<i64> {
    let width = columns.len();
    let mut sums = vec![0i64; left.len() / k * width];
    for (step, right) in right.chunks(DEPTH * n).enumerate() {
        for (sums, left) in sums.chunks_exact_mut(width).zip(left.chunks_exact(k)) {
            // Rows of the right side are contiguous: scale and add them.
            for (&a, right) in left[step * DEPTH..].iter().zip(right.chunks_exact(n)) {
                // Rectified activations are often 0.
                if a == 0 {
                    continue;
                }
                for (sum, &b) in sums.iter_mut().zip(&right[columns.clone()]) {
                    *sum = sum.wrapping_add(a.wrapping_mul(b));
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{at, eval, positions, takes},
    };
    use proptest::prelude::*;

    #[test]
    fn infers_shapes() {
        assert_eq!(MatMul.shape(&[&[2, 3], &[3, 4]], &[]).unwrap(), [2, 4]);
        assert_eq!(MatMul.shape(&[&[5, 2, 3], &[3, 4]], &[]).unwrap(), [5, 2, 4]);
        assert_eq!(MatMul.shape(&[&[5, 2, 3], &[5, 3, 4]], &[]).unwrap(), [5, 2, 4]);
        for [left, right] in [
            [&[3][..], &[3, 4][..]],
            [&[2, 3], &[4, 3]],
            [&[2, 3], &[1, 3, 4]],
            [&[5, 2, 3], &[6, 3, 4]],
            [&[], &[]],
        ] {
            assert!(!takes(MatMul, &[left, right], &[]), "{left:?} {right:?}");
        }
    }

    #[test]
    fn results_span_tiles() {
        let [m, k, n] = [ROWS + 3, DEPTH + 1, 2 * COLUMNS + 3];
        let left: Vec<i64> = (0..(m * k) as i64).map(|i| i % 7 - 3).collect();
        let right: Vec<i64> = (0..(k * n) as i64).map(|i| i % 1009 - 500).collect();
        let out = eval(
            &Op::MatMul(MatMul),
            &[(&[m, k], &left), (&[k, n], &right)],
            &[m, n],
        );
        for (index, found) in out.into_iter().enumerate() {
            let (row, column) = (index / n, index % n);
            let expected: i64 = (0..k).map(|j| left[row * k + j] * right[j * n + column]).sum();
            assert_eq!(found, expected, "row {row}, column {column}");
        }
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
            let out = eval(&Op::MatMul(MatMul), &[(&left_shape, left), (right_shape, right)], &out_shape);
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
