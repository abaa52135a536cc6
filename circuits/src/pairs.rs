//! Values of the pair cells: evaluations of left operands at the challenges.

use crate::config::{Challenges, field};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use zkml_core::execute::Trace;
use zkml_core::graph::Window2d;
use zkml_core::ops::window::axes;

/// What a run of pair cells evaluates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PairSource {
    /// `P_(b, k) = sum_r w^(b rows + r) L[b, r, k]`.
    MatMul {
        node: u32,
        batches: usize,
        rows: usize,
        columns: usize,
    },
    /// `P_(c, dy, dx) = sum_(b, y, x) w^(b H + y) v^x L[b, c, s y + dy, s x + dx]`.
    Conv {
        node: u32,
        shape: [usize; 4],
        window: Window2d,
    },
}

/// `1, x, x^2, ...`
pub(crate) fn powers(x: Fr, n: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |p| Some(*p * x))
        .take(n)
        .collect()
}

impl PairSource {
    /// The values of the run.
    pub fn evaluate(&self, trace: &Trace, ch: &Challenges<Fr>) -> Result<Vec<Fr>, crate::Error> {
        Ok(match self {
            PairSource::MatMul {
                node,
                batches,
                rows,
                columns,
            } => {
                let values = trace.values[*node as usize].data();
                let w = powers(ch.w, batches * rows);
                (0..batches * columns)
                    .into_par_iter()
                    .map(|j| {
                        let (b, k) = (j / columns, j % columns);
                        (b * rows..(b + 1) * rows)
                            .map(|r| w[r] * field(values[r * columns + k]))
                            .sum()
                    })
                    .collect()
            }
            PairSource::Conv { node, shape, window } => {
                conv(trace.values[*node as usize].data(), *shape, window, ch)?
            }
        })
    }
}

/// Rows first: `R(b, c, i, dx) = sum_x v^x L[b, c, i, s x + dx]`, then their sums by `dy`.
fn conv(
    values: &[i64],
    [batch, channels, height, width]: [usize; 4],
    window: &Window2d,
    ch: &Challenges<Fr>,
) -> Result<Vec<Fr>, crate::Error> {
    let [rows, columns] = axes("Conv", window, [height, width])?;
    let (w, v) = (powers(ch.w, batch * rows.output), powers(ch.v, columns.output));
    let row_taps: Vec<_> = rows.taps().collect();
    let column_taps: Vec<_> = columns.taps().collect();
    let per_channel: Vec<Vec<Fr>> = (0..channels)
        .into_par_iter()
        .map(|c| {
            let mut pairs = vec![Fr::ZERO; rows.kernel * columns.kernel];
            for b in 0..batch {
                let plane = &values[(b * channels + c) * height * width..][..height * width];
                let mut row_sums = vec![Fr::ZERO; height * columns.kernel];
                for (i, row) in plane.chunks(width).enumerate() {
                    for &(x, dx, tap) in &column_taps {
                        if let Some(j) = tap {
                            if row[j] != 0 {
                                row_sums[i * columns.kernel + dx] += v[x] * field(row[j]);
                            }
                        }
                    }
                }
                for &(y, dy, tap) in &row_taps {
                    if let Some(i) = tap {
                        let weight = w[b * rows.output + y];
                        for dx in 0..columns.kernel {
                            pairs[dy * columns.kernel + dx] += weight * row_sums[i * columns.kernel + dx];
                        }
                    }
                }
            }
            pairs
        })
        .collect();
    Ok(per_channel.concat())
}
