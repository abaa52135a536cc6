//! Linear constraints: random linear combinations of linear equations between tensors.
//!
//! The equations `sum_t coefficient_t element_t = 0` of one operation, numbered by monomials in
//! `v` and `w` (and copy cells by `sigma`), are added up with these monomials as weights; the linear constraints
//! of all operations are added up with powers of `tau`. What a linear constraint says of one row is a
//! [`CoefficientColumnUse`](crate::program::CoefficientColumnUse): a product of two scalars times a [`Pattern`].

mod coefficient;
mod collected;
mod finish;
mod lin;
mod row;
mod spread;
mod uses;

pub(crate) use coefficient::{Coef, Outer};
pub(crate) use collected::LinearConstraint;
pub(crate) use lin::Lin;

use crate::form::Pattern;
use crate::mono::Mono;
use crate::program::Horner;
use crate::regions::{RegionId, Role};
use crate::scalar::{ScalarId, Scalars};
use std::collections::{BTreeMap, HashMap};

/// The row of a use of a coefficient column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// This row.
    Row(u32),
    /// The row of a copy cell.
    Copied(u32),
    /// Any row: the pattern reads no cell.
    Anywhere,
    /// The message of a permutation of a chain; the final state for the number after the last.
    Hash {
        /// Number of the chain.
        chain: u32,
        /// Number of the permutation.
        permutation: u32,
    },
}

/// One use of a coefficient column, before coefficient columns are assigned.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub place: Place,
    /// Index in [`LinearConstraints::patterns`].
    pub pattern: u32,
    pub a: ScalarId,
    pub b: ScalarId,
}

/// What the variables of a linear constraint number, which tells what repeats from row to row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// `w` numbers rows; `u` and `v` what each of them has.
    Tensor,
    /// `w` numbers packed elements, and powers of 1/2 the places in them.
    Packed,
}

impl Numbering {
    /// The divisor of a row's weight that is its second scalar.
    fn low(self, m: Mono) -> Mono {
        /// Exponents up to here are kept in the second scalar where `u`, `v` and `sigma` number all rows.
        const LOW: u32 = 64;
        /// Packed elements whose rows have second scalars of their own: their rows stand in as many ways as
        /// there are places for the first digit, the same ones again behind them.
        const ELEMENTS: u32 = 8;
        match self {
            Self::Packed => Mono {
                w: m.w % ELEMENTS,
                tau: 0,
                ..m
            },
            // Where `w` numbers rows, `u` and `v` number what repeats in each of them.
            Self::Tensor if m.w == 0 => Mono {
                u: m.u % LOW,
                v: m.v % LOW,
                sigma: m.sigma % LOW,
                ..Mono::ONE
            },
            Self::Tensor => Mono {
                u: m.u,
                v: m.v,
                sigma: m.sigma % LOW,
                ..Mono::ONE
            },
        }
    }
}

/// Most patterns that one region may add in one linear constraint before it is copied to single-element rows.
pub(crate) const MAX_NEW_PATTERNS: usize = 10;

/// Collects the linear constraints of a circuit.
#[derive(Debug, Default)]
pub(crate) struct LinearConstraints {
    pub scalars: Scalars,
    pub patterns: Vec<Pattern>,
    pattern_ids: HashMap<Pattern, u32>,
    pub uses: Vec<Use>,
    /// Nodes and lengths of the tensors that the copy column holds, one after the other.
    pub copy_sources: Vec<(u32, u32)>,
    /// Preferred row of each copy cell.
    pub copy_rows: Vec<Option<u32>>,
    /// Patterns of running evaluations.
    pub horner_patterns: Vec<Pattern>,
    /// All running evaluations.
    pub evaluations: Vec<Horner>,
    linear_constraints: usize,
    spread: HashMap<(RegionId, Role), RegionId>,
}

impl LinearConstraints {
    /// Starts a linear constraint whose equations are rows and columns of a tensor.
    pub fn start(&mut self) -> LinearConstraint {
        self.start_numbered(Numbering::Tensor)
    }

    /// Starts a linear constraint whose equations say what packed elements are.
    pub fn start_packing(&mut self) -> LinearConstraint {
        self.start_numbered(Numbering::Packed)
    }

    /// Starts a linear constraint. Power 0 of `tau` is the range lookup's, power 1 the function lookup's.
    fn start_numbered(&mut self, numbering: Numbering) -> LinearConstraint {
        self.linear_constraints += 1;
        LinearConstraint {
            tau: Mono::tau(self.linear_constraints + 1),
            numbering,
            entries: BTreeMap::new(),
            constant: vec![],
        }
    }

    /// The index of a pattern, which is new or was used before.
    pub fn pattern(&mut self, p: Pattern) -> u32 {
        let next = self.patterns.len() as u32;
        *self.pattern_ids.entry(p).or_insert_with_key(|p| {
            self.patterns.push(p.clone());
            next
        })
    }

    /// Two scalars with product `outer m`. What varies together is kept together, so that few
    /// scalars serve many rows.
    fn split(&mut self, numbering: Numbering, outer: &Outer, m: Mono) -> (ScalarId, ScalarId) {
        match outer {
            Outer::Scalar(s) => {
                let low = Mono {
                    u: m.u,
                    v: m.v,
                    ..Mono::ONE
                };
                let row = self.scalars.mono(m.over(low));
                (self.scalars.product(*s, row), self.scalars.mono(low))
            }
            Outer::One => {
                let low = numbering.low(m);
                (self.scalars.mono(m.over(low)), self.scalars.mono(low))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of packed elements differ in the place of their first digit, and in regions of elements: their weights are
    /// products of few scalars each.
    #[test]
    fn weights_of_packed_rows_have_few_factors() {
        let mut linear_constraints = LinearConstraints::default();
        let linear_constraint = linear_constraints.start_packing();
        let (elements, digits, per_row) = (1000u32, 21, 12);
        let weights: Vec<Mono> = (0..elements * digits / per_row)
            .map(|row| {
                let (element, place) = (row * per_row / digits, row * per_row % digits);
                let weight = Mono::w(element as usize).times(Mono::halves(digits * per_row - place));
                linear_constraint.tau.times(weight)
            })
            .collect();
        let mut factors = HashMap::new();
        for &weight in &weights {
            let low = linear_constraint.numbering.low(weight);
            assert_eq!(weight.over(low).times(low), weight);
            let ids = linear_constraints.split(linear_constraint.numbering, &Outer::One, weight);
            assert_eq!(factors.insert(ids, weight), None, "{weight:?} and another weight");
        }
        let distinct = |of: fn(&(ScalarId, ScalarId)) -> ScalarId| {
            let ids: std::collections::HashSet<_> = factors.keys().map(of).collect();
            ids.len()
        };
        assert_eq!(distinct(|ids| ids.0), 125);
        assert_eq!(distinct(|ids| ids.1), 14);
        assert!(linear_constraints.scalars.into_nodes().len() < weights.len() / 4);
    }
}
