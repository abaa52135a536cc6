//! What is stated row by row, without collecting coefficients: copy cells, hashes, public values, runs.

use super::{LinearConstraint, LinearConstraints, Numbering, Outer, Place, Use};
use crate::form::{CellRef, LinForm, Pattern};
use crate::mono::{Mono, Poly};
use crate::poseidon::RATE;
use crate::program::{CoefficientColumnUse, Horner};
use crate::regions::{RegionId, Regions, Role};
use crate::scalar::ScalarId;
use std::collections::HashMap;

impl LinearConstraints {
    /// Allots copy cells for the `n` elements of a node and returns the index of the first.
    pub fn allot_copied(&mut self, node: u32, n: usize) -> u32 {
        let first = self.copy_rows.len();
        self.copy_sources.push((node, n as u32));
        self.copy_rows.resize(first + n, None);
        first as u32
    }

    /// Says which row a copy cell would best stand on.
    pub fn hint_copy_row(&mut self, copy: u32, row: u32) {
        self.copy_rows[copy as usize] = Some(row);
    }

    /// A running evaluation (Horner): `sum_r base(r) sum_i u^i element_(r, i)` over rows of a region, as a scalar.
    pub fn horner(
        &mut self,
        regions: &Regions,
        region: RegionId,
        rows: &[u32],
        base: impl Fn(usize) -> Mono,
    ) -> ScalarId {
        let b = regions.region(region);
        let steps = rows
            .iter()
            .enumerate()
            .map(|(r, &row)| {
                let gadgets = b.gadgets_on(row - b.first_row);
                let terms = (0..gadgets.end - gadgets.start)
                    .map(|s| (Poly::term(Mono::u(s as usize), 1), b.form(Role::Output(0), s)))
                    .collect();
                let pattern = Pattern { terms };
                let index = self
                    .horner_patterns
                    .iter()
                    .position(|p| *p == pattern)
                    .unwrap_or_else(|| {
                        self.horner_patterns.push(pattern);
                        self.horner_patterns.len() - 1
                    });
                let (a, b) = self.split(Numbering::Tensor, &Outer::One, base(r));
                CoefficientColumnUse {
                    row,
                    pattern: index as u16,
                    a,
                    b,
                }
            })
            .collect();
        self.evaluations.push(Horner { steps });
        self.scalars.horner(self.evaluations.len() as u32 - 1)
    }

    /// Subtracts `m` times a copy cell.
    pub fn use_copy(&mut self, linear_constraint: &LinearConstraint, index: u32, m: Mono) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::term(Mono::ONE, -1), LinForm::cell(CellRef::Copied))],
        });
        let (a, b) = self.split(
            linear_constraint.numbering,
            &Outer::One,
            linear_constraint.tau.times(m),
        );
        self.uses.push(Use {
            place: Place::Copied(index),
            pattern,
            a,
            b,
        });
    }

    /// Subtracts `m w^i` times element `i` of what a permutation absorbs; the first one of all, the salt,
    /// is free.
    pub fn use_message(
        &mut self,
        linear_constraint: &LinearConstraint,
        chain: u32,
        permutation: u32,
        m: Mono,
    ) {
        let element = |i: usize| {
            let cell = LinForm::cell(CellRef::Hash(1 + i as u8));
            (Poly::term(Mono::w(i), -1), cell)
        };
        let salt = usize::from(permutation == 0);
        let pattern = self.pattern(Pattern {
            terms: (salt..RATE).map(element).collect(),
        });
        self.use_hash(linear_constraint, Place::Hash { chain, permutation }, pattern, m);
    }

    /// Adds `m` times the digest of a chain with so many permutations.
    pub fn use_digest(
        &mut self,
        linear_constraint: &LinearConstraint,
        chain: u32,
        permutations: u32,
        m: Mono,
    ) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::one(), LinForm::cell(CellRef::Hash(1)))],
        });
        let place = Place::Hash {
            chain,
            permutation: permutations,
        };
        self.use_hash(linear_constraint, place, pattern, m);
    }

    fn use_hash(&mut self, linear_constraint: &LinearConstraint, place: Place, pattern: u32, m: Mono) {
        let (a, b) = self.split(
            linear_constraint.numbering,
            &Outer::One,
            linear_constraint.tau.times(m),
        );
        self.uses.push(Use { place, pattern, a, b });
    }

    /// Subtracts `v^i` times public value `i` for all columns of an instance row.
    pub fn use_instance(&mut self, linear_constraint: &LinearConstraint, columns: u16, row: u32) {
        let terms = (0..columns)
            .map(|c| {
                (
                    Poly::term(Mono::v(c.into()), -1),
                    LinForm::cell(CellRef::Instance(c)),
                )
            })
            .collect();
        let pattern = self.pattern(Pattern { terms });
        let first = row as usize * usize::from(columns);
        let (a, b) = self.split(
            linear_constraint.numbering,
            &Outer::One,
            linear_constraint.tau.times(Mono::v(first)),
        );
        self.uses.push(Use {
            place: Place::Row(row),
            pattern,
            a,
            b,
        });
    }

    /// Adds `coefficient copy base u^i` times element `i` for the elements of every run of a region:
    /// run `j` has the copy cell and the base `of_run(j)`.
    pub fn use_runs(
        &mut self,
        regions: &Regions,
        linear_constraint: &LinearConstraint,
        region: RegionId,
        coefficient: i64,
        of_run: impl Fn(u32) -> (u32, Mono),
    ) {
        let b = regions.region(region);
        let mut patterns: HashMap<u32, u32> = HashMap::new();
        for row in 0..b.rows() {
            let gadgets = b.gadgets_on(row);
            let n = gadgets.end - gadgets.start;
            let pattern = *patterns.entry(n).or_insert_with(|| {
                let terms = (0..n)
                    .map(|s| {
                        (
                            Poly::term(Mono::u(s as usize), coefficient),
                            b.form(Role::Output(0), s),
                        )
                    })
                    .collect();
                self.pattern(Pattern { terms })
            });
            let (run, offset) = (gadgets.start / b.run, gadgets.start % b.run);
            let (copy, base) = of_run(run);
            let m = linear_constraint.tau.times(base).times(Mono::u(offset as usize));
            // There are many copy cells, and few monomials: the same ones serve every run.
            self.uses.push(Use {
                place: Place::Row(b.first_row + row),
                pattern,
                a: self.scalars.copy(copy),
                b: self.scalars.mono(m),
            });
        }
    }
}
