//! The linear constraint of a matrix product.

use super::Bilinear;
use crate::Error;
use crate::linear_constraint::{Coef, LinearConstraint, Outer};
use crate::lower::Lowering;
use crate::mono::Mono;
use crate::scalar::ScalarId;

impl Lowering<'_> {
    pub(super) fn state_mat_mul(
        &mut self,
        bilinear: &Bilinear,
        [batches, rows, inner, columns]: [usize; 4],
        coefficient: i64,
        linear_constraint: &mut LinearConstraint,
    ) -> Result<(), Error> {
        let order: Vec<u32> = (0..(batches * inner * columns) as u32).collect();
        let right = self.right_operand(bilinear.right, order, columns)?;
        if rows == 1 {
            let first = self
                .linear_constraints
                .allot_copied(bilinear.left.0, batches * inner);
            for j in 0..batches * inner {
                let row = self.regions.region(right).place((j * columns) as u32).0;
                self.linear_constraints.hint_copy_row(first + j as u32, row);
            }
            // `w^batch` numbers the rows of the output.
            self.linear_constraints
                .use_runs(&self.regions, linear_constraint, right, coefficient, |j| {
                    (first + j, Mono::w(j as usize / inner))
                });
            let left = self.lins(bilinear.left)?;
            let mut copied = self.linear_constraints.start();
            for (j, lin) in left.iter().enumerate() {
                copied.add_lin(&self.regions, lin, Coef::mono(Mono::sigma(j), 1));
                self.linear_constraints
                    .use_copy(&copied, first + j as u32, Mono::sigma(j));
            }
            return self.linear_constraints.finish(&mut self.regions, copied);
        }
        let per_run = self.regions.region(right).rows_per_run();
        let first_row = self.regions.region(right).first_row;
        let evaluations: Vec<ScalarId> = (0..(batches * inner) as u32)
            .map(|j| {
                let rows: Vec<u32> = (0..per_run).map(|r| first_row + j * per_run + r).collect();
                let region = self.regions.region(right);
                let per_row = region.per_row as usize;
                self.linear_constraints
                    .horner(&self.regions, right, &rows, |r| Mono::u(r * per_row))
            })
            .collect();
        // Every row of cells of the left operand must have one inner index.
        let key = |e: u32| {
            let (row, k) = (e as usize / inner, e as usize % inner);
            ((row / rows) * inner + k) as u32
        };
        let left = self.grouped(bilinear.left, rows, &key)?;
        for (e, lin) in left.iter().enumerate() {
            let outer = Outer::Scalar(evaluations[key(e as u32) as usize]);
            let coef = Coef {
                outer,
                mono: Mono::w(e / inner),
                c: coefficient,
            };
            linear_constraint.add_lin(&self.regions, lin, coef);
        }
        Ok(())
    }
}
