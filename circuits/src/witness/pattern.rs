//! Patterns of cells at the challenges.

use super::Witness;
use super::scalars::evaluate;
use crate::Shape;
use crate::config::{Challenges, field};
use crate::form::{CellRef, Pattern};
use crate::poseidon::WIDTH;
use crate::program::{PortUse, Program};
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// All cells that patterns read.
pub(super) struct Cells<'a> {
    lanes: &'a [Vec<u32>],
    fixed: Vec<Vec<u32>>,
    instances: &'a [Vec<Fr>],
    pairs: Vec<Fr>,
    hash: Option<&'a [Vec<Fr>; WIDTH]>,
}

impl<'a> Cells<'a> {
    pub fn new(witness: &'a Witness, shape: &Shape, program: &Program) -> Self {
        let mut pairs = vec![Fr::ZERO; shape.active_rows()];
        for (&row, &p) in program.pair_rows.iter().zip(&witness.pairs) {
            pairs[row as usize] = field(p);
        }
        let mut fixed = vec![vec![0u32; shape.active_rows()]; usize::from(shape.fixed_lanes)];
        for &(lane, row, value) in &program.fixed_cells {
            fixed[usize::from(lane)][row as usize] = value;
        }
        Cells {
            lanes: &witness.lanes,
            fixed,
            instances: &witness.instances,
            pairs,
            hash: witness.hash.as_ref(),
        }
    }

    /// A cell times a field element.
    fn times(&self, cell: CellRef, row: usize, c: Fr) -> Fr {
        match cell {
            CellRef::Lane(l) => c * Fr::from(u64::from(self.lanes[usize::from(l)][row])),
            CellRef::Fixed(l) => c * Fr::from(u64::from(self.fixed[usize::from(l)][row])),
            CellRef::Instance(i) => {
                c * self.instances[usize::from(i)]
                    .get(row)
                    .copied()
                    .unwrap_or(Fr::ZERO)
            }
            CellRef::Pair => c * self.pairs[row],
            CellRef::Hash(i) => self.hash.map_or(Fr::ZERO, |h| c * h[usize::from(i)][row]),
        }
    }
}

/// A pattern at the challenges: one coefficient for each cell, and a constant.
struct EvaluatedPattern {
    cells: Vec<(CellRef, Fr)>,
    constant: Fr,
}

impl EvaluatedPattern {
    fn new(pattern: &Pattern, ch: &Challenges<Fr>) -> Self {
        let mut cells: BTreeMap<CellRef, Fr> = BTreeMap::new();
        let mut constant = Fr::ZERO;
        for (poly, form) in &pattern.terms {
            let poly = evaluate(poly, ch);
            constant += poly * field(form.constant);
            for &(cell, c) in &form.terms {
                *cells.entry(cell).or_insert(Fr::ZERO) += poly * field(c);
            }
        }
        EvaluatedPattern {
            cells: cells.into_iter().collect(),
            constant,
        }
    }

    fn on(&self, cells: &Cells<'_>, row: usize) -> Fr {
        self.cells
            .iter()
            .map(|&(cell, c)| cells.times(cell, row, c))
            .sum::<Fr>()
            + self.constant
    }
}

/// Evaluates runs, with the patterns of all rows computed beforehand.
pub(super) struct RunEvaluator<'a> {
    program: &'a Program,
    patterns: Vec<Vec<Fr>>,
}

impl<'a> RunEvaluator<'a> {
    pub fn new(cells: &Cells<'_>, shape: &Shape, program: &'a Program, ch: &Challenges<Fr>) -> Self {
        let evaluated: Vec<EvaluatedPattern> =
            shape.runs.iter().map(|p| EvaluatedPattern::new(p, ch)).collect();
        let of_step = |u: &PortUse| evaluated[usize::from(u.pattern)].on(cells, u.row as usize);
        let patterns = program
            .runs
            .par_iter()
            .map(|r| r.steps.iter().map(of_step).collect())
            .collect();
        RunEvaluator { program, patterns }
    }

    /// The result of run `j`; writes its rows of the run column.
    pub fn evaluate(&self, j: usize, scalars: &[Fr], run: &mut [Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for (step, pattern) in self.program.runs[j].steps.iter().zip(&self.patterns[j]) {
            sum += scalars[step.a.0 as usize] * scalars[step.b.0 as usize] * pattern;
            run[step.row as usize] = sum;
        }
        sum
    }
}

/// Adds what the ports' patterns are worth to the steps of the claim sum.
pub(super) fn add_claims(
    cells: &Cells<'_>,
    shape: &Shape,
    program: &Program,
    ch: &Challenges<Fr>,
    scalars: &[Fr],
    delta: &mut [Fr],
) {
    for (patterns, uses) in shape.ports.iter().zip(&program.ports) {
        let evaluated: Vec<EvaluatedPattern> =
            patterns.iter().map(|p| EvaluatedPattern::new(p, ch)).collect();
        let values: Vec<Fr> = uses
            .par_iter()
            .map(|u| {
                evaluated[usize::from(u.pattern)].on(cells, u.row as usize)
                    * scalars[u.a.0 as usize]
                    * scalars[u.b.0 as usize]
            })
            .collect();
        for (u, value) in uses.iter().zip(values) {
            delta[u.row as usize] += value;
        }
    }
}
