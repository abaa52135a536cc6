//! What is stated row by row, without collecting coefficients: pairs, hashes, public values, runs.

use super::{Claim, Claims, Numbering, Outer, Place, Use};
use crate::arena::{Arena, BlockId, Role};
use crate::form::{CellRef, LinForm, Pattern};
use crate::mono::{Mono, Poly};
use crate::poseidon::RATE;
use crate::program::{PortUse, Run};
use crate::scalar::ScalarId;
use std::collections::HashMap;

impl Claims {
    /// Allots pair cells for the `n` elements of a node and returns the index of the first.
    pub fn allot_pairs(&mut self, node: u32, n: usize) -> u32 {
        let first = self.pair_rows.len();
        self.pair_sources.push((node, n as u32));
        self.pair_rows.resize(first + n, None);
        first as u32
    }

    /// Says which row a pair cell would best stand on.
    pub fn hint_pair_row(&mut self, pair: u32, row: u32) {
        self.pair_rows[pair as usize] = Some(row);
    }

    /// A run: `sum_r base(r) sum_i u^i element_(r, i)` over rows of a block, as a scalar.
    pub fn run(
        &mut self,
        arena: &Arena,
        block: BlockId,
        rows: &[u32],
        base: impl Fn(usize) -> Mono,
    ) -> ScalarId {
        let b = arena.block(block);
        let steps = rows
            .iter()
            .enumerate()
            .map(|(r, &row)| {
                let units = b.units_on(row - b.first_row);
                let terms = (0..units.end - units.start)
                    .map(|s| (Poly::term(Mono::u(s as usize), 1), b.form(Role::Output(0), s)))
                    .collect();
                let pattern = Pattern { terms };
                let index = self
                    .run_patterns
                    .iter()
                    .position(|p| *p == pattern)
                    .unwrap_or_else(|| {
                        self.run_patterns.push(pattern);
                        self.run_patterns.len() - 1
                    });
                let (a, b) = self.split(Numbering::Tensor, &Outer::One, base(r));
                PortUse {
                    row,
                    pattern: index as u16,
                    a,
                    b,
                }
            })
            .collect();
        self.runs.push(Run { steps });
        self.scalars.run(self.runs.len() as u32 - 1)
    }

    /// Subtracts `m` times a pair cell.
    pub fn use_pair(&mut self, claim: &Claim, index: u32, m: Mono) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::term(Mono::ONE, -1), LinForm::cell(CellRef::Pair))],
        });
        let (a, b) = self.split(claim.numbering, &Outer::One, claim.tau.times(m));
        self.uses.push(Use {
            place: Place::Pair(index),
            pattern,
            a,
            b,
        });
    }

    /// Subtracts `m w^i` times element `i` of what a permutation absorbs; the first one of all, the salt,
    /// is free.
    pub fn use_message(&mut self, claim: &Claim, chain: u32, permutation: u32, m: Mono) {
        let element = |i: usize| {
            let cell = LinForm::cell(CellRef::Hash(1 + i as u8));
            (Poly::term(Mono::w(i), -1), cell)
        };
        let salt = usize::from(permutation == 0);
        let pattern = self.pattern(Pattern {
            terms: (salt..RATE).map(element).collect(),
        });
        self.use_hash(claim, Place::Hash { chain, permutation }, pattern, m);
    }

    /// Adds `m` times the digest of a chain with so many permutations.
    pub fn use_digest(&mut self, claim: &Claim, chain: u32, permutations: u32, m: Mono) {
        let pattern = self.pattern(Pattern {
            terms: vec![(Poly::one(), LinForm::cell(CellRef::Hash(1)))],
        });
        let place = Place::Hash {
            chain,
            permutation: permutations,
        };
        self.use_hash(claim, place, pattern, m);
    }

    fn use_hash(&mut self, claim: &Claim, place: Place, pattern: u32, m: Mono) {
        let (a, b) = self.split(claim.numbering, &Outer::One, claim.tau.times(m));
        self.uses.push(Use { place, pattern, a, b });
    }

    /// Subtracts `v^i` times public value `i` for all columns of an instance row.
    pub fn use_instance(&mut self, claim: &Claim, columns: u16, row: u32) {
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
        let (a, b) = self.split(claim.numbering, &Outer::One, claim.tau.times(Mono::v(first)));
        self.uses.push(Use {
            place: Place::Row(row),
            pattern,
            a,
            b,
        });
    }

    /// Adds `coefficient pair base u^i` times element `i` for the elements of every run of a block:
    /// run `j` has the pair cell and the base `of_run(j)`.
    pub fn use_runs(
        &mut self,
        arena: &Arena,
        claim: &Claim,
        block: BlockId,
        coefficient: i64,
        of_run: impl Fn(u32) -> (u32, Mono),
    ) {
        let b = arena.block(block);
        let mut patterns: HashMap<u32, u32> = HashMap::new();
        for row in 0..b.rows() {
            let units = b.units_on(row);
            let n = units.end - units.start;
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
            let (run, offset) = (units.start / b.run, units.start % b.run);
            let (pair, base) = of_run(run);
            let m = claim.tau.times(base).times(Mono::u(offset as usize));
            // There are many pairs, and few monomials: the same ones serve every run.
            self.uses.push(Use {
                place: Place::Row(b.first_row + row),
                pattern,
                a: self.scalars.pair(pair),
                b: self.scalars.mono(m),
            });
        }
    }
}
