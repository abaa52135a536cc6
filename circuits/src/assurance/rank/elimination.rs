//! Rank of a matrix over the field.

use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;

/// The rank, by Gaussian elimination.
pub(in crate::assurance) fn rank(mut rows: Vec<Vec<Fr>>) -> usize {
    let columns = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in 0..columns {
        let Some(pivot) = (rank..rows.len()).find(|&r| rows[r][column] != Fr::ZERO) else {
            continue;
        };
        rows.swap(rank, pivot);
        let (done, rest) = rows.split_at_mut(rank + 1);
        let pivot = &done[rank][column..];
        let inverse = pivot[0].invert().unwrap_or(Fr::ZERO);
        rest.par_iter_mut()
            .filter(|row| row[column] != Fr::ZERO)
            .for_each(|row| {
                let factor = row[column] * inverse;
                for (x, p) in row[column..].iter_mut().zip(pivot) {
                    *x -= factor * p;
                }
            });
        rank += 1;
        if rank == rows.len() {
            break;
        }
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependent_rows_do_not_count() {
        let of = |rows: &[[i64; 3]]| {
            rank(
                rows.iter()
                    .map(|r| r.map(crate::config::field).to_vec())
                    .collect(),
            )
        };
        assert_eq!(of(&[[0, 1, 2], [3, 0, 1], [3, 1, 3]]), 2);
        assert_eq!(of(&[[0, 1, 2], [3, 0, 1], [3, 1, 4]]), 3);
        assert_eq!(of(&[[0, 0, 0]]), 0);
        assert_eq!(rank(vec![]), 0);
    }
}
