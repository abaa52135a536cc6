//! The claim of a matrix product.

use super::Bilinear;
use crate::Error;
use crate::claim::{Claim, Coef, Outer};
use crate::lower::Lowering;
use crate::mono::Mono;
use crate::scalar::ScalarId;

impl Lowering<'_> {
    pub(super) fn state_mat_mul(
        &mut self,
        bilinear: &Bilinear,
        [batches, rows, inner, columns]: [usize; 4],
        coefficient: i64,
        claim: &mut Claim,
    ) -> Result<(), Error> {
        let order: Vec<u32> = (0..(batches * inner * columns) as u32).collect();
        let right = self.right_operand(bilinear.right, order, columns)?;
        if rows == 1 {
            let first = self.claims.allot_pairs(bilinear.left.0, batches * inner);
            for j in 0..batches * inner {
                let row = self.arena.block(right).place((j * columns) as u32).0;
                self.claims.hint_pair_row(first + j as u32, row);
            }
            // `w^batch` numbers the rows of the output.
            self.claims.use_runs(&self.arena, claim, right, coefficient, |j| {
                (first + j, Mono::w(j as usize / inner))
            });
            let left = self.lins(bilinear.left)?;
            let mut pairs = self.claims.start();
            for (j, lin) in left.iter().enumerate() {
                pairs.add_lin(&self.arena, lin, Coef::mono(Mono::sigma(j), 1));
                self.claims.use_pair(&pairs, first + j as u32, Mono::sigma(j));
            }
            return self.claims.finish(&mut self.arena, pairs);
        }
        let per_run = self.arena.block(right).rows_per_run();
        let first_row = self.arena.block(right).first_row;
        let runs: Vec<ScalarId> = (0..(batches * inner) as u32)
            .map(|j| {
                let rows: Vec<u32> = (0..per_run).map(|r| first_row + j * per_run + r).collect();
                let block = self.arena.block(right);
                let per_row = block.per_row as usize;
                self.claims
                    .run(&self.arena, right, &rows, |r| Mono::u(r * per_row))
            })
            .collect();
        // Every row of cells of the left operand must have one inner index.
        let key = |e: u32| {
            let (row, k) = (e as usize / inner, e as usize % inner);
            ((row / rows) * inner + k) as u32
        };
        let left = self.grouped(bilinear.left, rows, &key)?;
        for (e, lin) in left.iter().enumerate() {
            let outer = Outer::Scalar(runs[key(e as u32) as usize]);
            let coef = Coef {
                outer,
                mono: Mono::w(e / inner),
                c: coefficient,
            };
            claim.add_lin(&self.arena, lin, coef);
        }
        Ok(())
    }
}
