//! How the linear constraints' sum changes with each cell, at challenges of one's choice.
//!
//! The sum is `sum_i a_i b_i pattern_i` over the uses of coefficient columns. Each scalar is made from earlier ones
//! (`a b + c`), from copy cells and from running evaluations, so that one pass backwards over the scalars gives the
//! derivatives by all cells.

use crate::Shape;
use crate::config::Challenges;
use crate::form::CellRef;
use crate::program::{CoefficientColumnUse, Program};
use crate::scalar::Scalar;
use crate::witness::{Cells, EvaluatedPattern, Witness};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::HashMap;

/// A cell that the prover or the public chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::assurance) enum Variable {
    /// A cell of a column that patterns read, and its row.
    Cell(CellRef, u32),
    /// A copy cell, by its number.
    Copy(u32),
}

/// The derivatives by the cells that are not 0.
pub(super) type Gradient = HashMap<Variable, Fr>;

struct Pass<'a> {
    cells: Cells<'a>,
    copies: HashMap<u32, u32>,
    scalars: Vec<Fr>,
    adjoints: Vec<Fr>,
    gradient: Gradient,
}

impl Pass<'_> {
    /// A use whose value has the derivative `outer`.
    fn step(&mut self, step: &CoefficientColumnUse, pattern: &EvaluatedPattern, outer: Fr) {
        let (a, b) = (step.a.0 as usize, step.b.0 as usize);
        let value = outer * pattern.on(&self.cells, step.row as usize);
        self.adjoints[a] += value * self.scalars[b];
        self.adjoints[b] += value * self.scalars[a];
        let outer = outer * self.scalars[a] * self.scalars[b];
        for (cell, coefficient) in pattern.coefficients() {
            let variable = match cell {
                CellRef::Fixed(_) => continue,
                CellRef::Copied => match self.copies.get(&step.row) {
                    Some(&copy) => Variable::Copy(copy),
                    None => continue,
                },
                CellRef::Lane(_) | CellRef::Instance(_) | CellRef::Hash(_) => Variable::Cell(cell, step.row),
            };
            *self.gradient.entry(variable).or_insert(Fr::ZERO) += outer * coefficient;
        }
    }
}

/// The derivatives of the sum by all cells, for this witness.
pub(super) fn gradient(shape: &Shape, program: &Program, witness: &Witness, ch: &Challenges<Fr>) -> Gradient {
    let scalars = witness.derive(shape, program, ch).scalars.to_vec();
    let mut pass = Pass {
        cells: Cells::new(witness, shape, program),
        copies: (0..).zip(&program.copy_rows).map(|(i, &row)| (row, i)).collect(),
        adjoints: vec![Fr::ZERO; scalars.len()],
        scalars,
        gradient: Gradient::new(),
    };
    for (patterns, uses) in shape.coefficient_columns.iter().zip(&program.coefficient_columns) {
        let patterns: Vec<_> = patterns.iter().map(|p| EvaluatedPattern::new(p, ch)).collect();
        for u in uses {
            pass.step(u, &patterns[usize::from(u.pattern)], Fr::ONE);
        }
    }
    let patterns: Vec<_> = shape
        .evaluations
        .iter()
        .map(|p| EvaluatedPattern::new(p, ch))
        .collect();
    for (i, scalar) in program.scalars.iter().enumerate().rev() {
        let outer = pass.adjoints[i];
        match *scalar {
            Scalar::Mac(a, b, c) => {
                let [a, b, c] = [a, b, c].map(|id| id.0 as usize);
                let (by_a, by_b) = (outer * pass.scalars[b], outer * pass.scalars[a]);
                pass.adjoints[a] += by_a;
                pass.adjoints[b] += by_b;
                pass.adjoints[c] += outer;
            }
            Scalar::Copied(copy) => {
                *pass.gradient.entry(Variable::Copy(copy)).or_insert(Fr::ZERO) += outer;
            }
            Scalar::Horner(j) => {
                for step in &program.evaluations[j as usize].steps {
                    pass.step(step, &patterns[usize::from(step.pattern)], outer);
                }
            }
            Scalar::U
            | Scalar::V
            | Scalar::W
            | Scalar::Sigma
            | Scalar::Tau
            | Scalar::One
            | Scalar::Half
            | Scalar::MinusOne => {}
        }
    }
    pass.gradient.retain(|_, value| *value != Fr::ZERO);
    pass.gradient
}
