//! Patterns of cells at the challenges.

use super::Witness;
use super::scalars::evaluate;
use crate::Shape;
use crate::config::{Challenges, field};
use crate::form::{CellRef, Pattern};
use crate::poseidon::WIDTH;
use crate::program::{CoefficientColumnUse, Program};
use ff::{Field, FromUniformBytes, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// All cells that patterns read.
pub(crate) struct Cells<'a> {
    lanes: &'a [Vec<u32>],
    fixed: Vec<Vec<u32>>,
    instances: &'a [Vec<Fr>],
    copied: Vec<Fr>,
    hash: Option<&'a [Vec<Fr>; WIDTH]>,
}

/// A cell.
enum Cell {
    /// Of a lane.
    Small(u32),
    /// Any other.
    Field(Fr),
}

impl<'a> Cells<'a> {
    pub fn new(witness: &'a Witness, shape: &Shape, program: &Program) -> Self {
        let mut copied = vec![Fr::ZERO; shape.active_rows()];
        for (&row, &p) in program.copy_rows.iter().zip(&witness.copied) {
            copied[row as usize] = field(p);
        }
        let mut fixed = vec![vec![0u32; shape.active_rows()]; usize::from(shape.fixed_lanes)];
        for &(lane, row, value) in &program.fixed_cells {
            fixed[usize::from(lane)][row as usize] = value;
        }
        Cells {
            lanes: &witness.lanes,
            fixed,
            instances: &witness.instances,
            copied,
            hash: witness.hash.as_ref(),
        }
    }

    fn cell(&self, cell: CellRef, row: usize) -> Cell {
        match cell {
            CellRef::Lane(l) => Cell::Small(self.lanes[usize::from(l)][row]),
            CellRef::Fixed(l) => Cell::Small(self.fixed[usize::from(l)][row]),
            CellRef::Instance(i) => {
                let value = self.instances[usize::from(i)].get(row).copied();
                Cell::Field(value.unwrap_or(Fr::ZERO))
            }
            CellRef::Copied => Cell::Field(self.copied[row]),
            CellRef::Hash(i) => Cell::Field(self.hash.map_or(Fr::ZERO, |h| h[usize::from(i)][row])),
        }
    }
}

/// A pattern at the challenges: one coefficient for each cell, and a constant.
pub(crate) struct EvaluatedPattern {
    cells: Vec<(CellRef, Coefficient)>,
    constant: Fr,
}

/// A coefficient, and its canonical words, lowest first.
struct Coefficient {
    value: Fr,
    words: [u64; 4],
}

impl EvaluatedPattern {
    pub fn new(pattern: &Pattern, ch: &Challenges<Fr>) -> Self {
        let mut cells: BTreeMap<CellRef, Fr> = BTreeMap::new();
        let mut constant = Fr::ZERO;
        for (poly, form) in &pattern.terms {
            let poly = evaluate(poly, ch);
            constant += poly * field(form.constant);
            for &(cell, c) in &form.terms {
                *cells.entry(cell).or_insert(Fr::ZERO) += poly * field(c);
            }
        }
        let coefficient = |value: Fr| Coefficient {
            value,
            words: words(&value),
        };
        EvaluatedPattern {
            cells: cells
                .into_iter()
                .map(|(cell, value)| (cell, coefficient(value)))
                .collect(),
            constant,
        }
    }

    /// The coefficient of each cell.
    #[cfg(any(test, feature = "assurance"))]
    pub fn coefficients(&self) -> impl Iterator<Item = (CellRef, Fr)> + '_ {
        self.cells.iter().map(|(cell, c)| (*cell, c.value))
    }

    /// The value on a row. Products with lane cells are added up as integers and reduced once.
    pub fn on(&self, cells: &Cells<'_>, row: usize) -> Fr {
        let mut small = SmallProducts::default();
        let mut sum = self.constant;
        for (cell, coefficient) in &self.cells {
            match cells.cell(*cell, row) {
                Cell::Small(x) => small.add(x, &coefficient.words),
                Cell::Field(x) => sum += coefficient.value * x,
            }
        }
        sum + small.reduce()
    }
}

/// A sum of products of canonical field elements with 32-bit numbers, word by word: no sum of fewer than
/// `2^32` products overflows.
#[derive(Default)]
struct SmallProducts([u128; 4]);

impl SmallProducts {
    fn add(&mut self, x: u32, words: &[u64; 4]) {
        for (sum, word) in self.0.iter_mut().zip(words) {
            *sum += u128::from(x) * u128::from(*word);
        }
    }

    fn reduce(self) -> Fr {
        let mut bytes = [0; 64];
        let mut carry = 0;
        let (words, _) = bytes.as_chunks_mut::<8>();
        for (bytes, sum) in words.iter_mut().zip(self.0) {
            // Below 2^128: a sum of fewer than 2^32 products is below 2^128 - 2^96.
            let word = sum + carry;
            *bytes = (word as u64).to_le_bytes();
            carry = word >> 64;
        }
        words[4] = (carry as u64).to_le_bytes();
        Fr::from_uniform_bytes(&bytes)
    }
}

/// Canonical words, lowest first.
fn words(value: &Fr) -> [u64; 4] {
    let repr = value.to_repr();
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(repr.as_ref().as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Evaluates running evaluations, with the patterns of all rows computed beforehand.
pub(super) struct HornerEvaluator<'a> {
    program: &'a Program,
    patterns: Vec<Vec<Fr>>,
}

impl<'a> HornerEvaluator<'a> {
    pub fn new(cells: &Cells<'_>, shape: &Shape, program: &'a Program, ch: &Challenges<Fr>) -> Self {
        let evaluated: Vec<EvaluatedPattern> = shape
            .evaluations
            .iter()
            .map(|p| EvaluatedPattern::new(p, ch))
            .collect();
        let of_step = |u: &CoefficientColumnUse| evaluated[usize::from(u.pattern)].on(cells, u.row as usize);
        let patterns = program
            .evaluations
            .par_iter()
            .map(|r| r.steps.iter().map(of_step).collect())
            .collect();
        HornerEvaluator { program, patterns }
    }

    /// The result of running evaluation `j`; writes its rows of the running evaluation column.
    pub fn evaluate(&self, j: usize, scalars: &[Fr], horner: &mut [Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for (step, pattern) in self.program.evaluations[j].steps.iter().zip(&self.patterns[j]) {
            sum += scalars[step.a.0 as usize] * scalars[step.b.0 as usize] * pattern;
            horner[step.row as usize] = sum;
        }
        sum
    }
}

/// Adds what the coefficient columns' patterns are worth to the steps of the constraint sum.
pub(super) fn add_linear_constraints(
    cells: &Cells<'_>,
    shape: &Shape,
    program: &Program,
    ch: &Challenges<Fr>,
    scalars: &[Fr],
    delta: &mut [Fr],
) {
    for (patterns, uses) in shape.coefficient_columns.iter().zip(&program.coefficient_columns) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_small_products_are_reduced() {
        let coefficients = [
            -Fr::ONE,
            Fr::ZERO,
            Fr::ONE,
            Fr::MULTIPLICATIVE_GENERATOR,
            -Fr::from(7),
        ];
        let factors = [u32::MAX, 1, 0, 12345, u32::MAX];
        let (mut sum, mut expected) = (SmallProducts::default(), Fr::ZERO);
        for _ in 0..1000 {
            for (c, &x) in coefficients.iter().zip(&factors) {
                sum.add(x, &words(c));
                expected += *c * Fr::from(u64::from(x));
            }
        }
        assert_eq!(sum.reduce(), expected);
        assert_eq!(SmallProducts::default().reduce(), Fr::ZERO);
    }
}
