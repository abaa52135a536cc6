//! Columns and gates of the hash chip: the linear maps of [`crate::poseidon`] on three columns.
//!
//! The gates of a chain stand on the rows `y` of its groups and read the rows around: `x` before,
//! the message or `x` of the next group after, and then its `y` (or `x`, after a message).
//! A gate's kind is a value of one of three fixed columns, as a polynomial of degree 2; with `z` of degree
//! 3 all gates have degree 5. Rows of two kinds do not overlap: each has one gate.
//!
//! | column | 1 | 2 |
//! |---|---|---|
//! | 0 | full to full | full to partial |
//! | 1 | partial to partial | partial to full |
//! | 2 | absorb | start |
//!
//! The columns are not folded: every gate has a selector of its own that is 0 between the rows.
//!
//! Cells are full-width and need no range: every cell but the message's is determined by the message,
//! and the message's elements by the linear constraints that pack them ([`crate::lower`]).
//!
//! Gate G-HASH of docs/soundness.md.

use crate::config::{advice, fixed};
use crate::fold::FoldedColumn;
use crate::poseidon::{Chain, Maps, Step, WIDTH};
use ff::Field;
use halo2_proofs::circuit::Region;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Advice, ConstraintSystem, Expression, FirstPhase, Fixed, VirtualCells};

type Expr = Expression<Fr>;
type State = [Expr; WIDTH];

/// Columns of the hash chip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashConfig {
    pub state: [FoldedColumn<Advice>; WIDTH],
    kinds: [FoldedColumn<Fixed>; 3],
    constants: [FoldedColumn<Fixed>; WIDTH],
}

/// The column of a step's kind and its value there.
fn kind(step: Step) -> (usize, u64) {
    match step {
        Step::FullFull => (0, 1),
        Step::FullPartial => (0, 2),
        Step::PartialPartial => (1, 1),
        Step::PartialFull => (1, 2),
        Step::Absorb => (2, 1),
        Step::Start => (2, 2),
    }
}

fn constant(x: Fr) -> Expr {
    Expression::Constant(x)
}

/// `sum_i map_i v_i` for each row of a map.
fn apply<const N: usize>(map: &[[Fr; N]; WIDTH], v: &[Expr; N]) -> State {
    map.map(|row| {
        let terms = row.into_iter().zip(v).map(|(m, x)| x.clone() * m);
        terms.reduce(|a, b| a + b).unwrap_or(constant(Fr::ZERO))
    })
}

impl HashConfig {
    /// The advice columns.
    pub fn advice(meta: &mut ConstraintSystem<Fr>, fold: usize) -> [FoldedColumn<Advice>; WIDTH] {
        std::array::from_fn(|_| FoldedColumn::whole(meta.advice_column_in(FirstPhase), fold))
    }

    /// The fixed columns and the gates.
    pub fn new(meta: &mut ConstraintSystem<Fr>, state: [FoldedColumn<Advice>; WIDTH], fold: usize) -> Self {
        let config = HashConfig {
            state,
            kinds: std::array::from_fn(|_| FoldedColumn::whole(meta.fixed_column(), fold)),
            constants: std::array::from_fn(|_| FoldedColumn::whole(meta.fixed_column(), fold)),
        };
        config.gates(meta);
        config
    }

    fn row(&self, meta: &mut VirtualCells<'_, Fr>, at: i32) -> State {
        self.state.map(|c| advice(meta, c, at))
    }

    /// Not 0 exactly where the gate of a step is on.
    fn selector(&self, meta: &mut VirtualCells<'_, Fr>, step: Step) -> Expr {
        let (column, value) = kind(step);
        let q = fixed(meta, self.kinds[column], 0);
        // Of 0, 1, 2 the other value is a zero, and so is 0.
        q.clone() * (constant(Fr::from(3 - value)) - q)
    }

    /// `y^2 x` of the S-boxes with their rows at these places.
    fn outputs(&self, meta: &mut VirtualCells<'_, Fr>, x: i32, y: i32) -> State {
        let (x, y) = (self.row(meta, x), self.row(meta, y));
        std::array::from_fn(|i| y[i].clone() * y[i].clone() * x[i].clone())
    }

    fn gates(&self, meta: &mut ConstraintSystem<Fr>) {
        let maps = Maps::new();
        meta.create_gate("hash squares", |meta| {
            let steps = [
                Step::FullFull,
                Step::FullPartial,
                Step::PartialPartial,
                Step::PartialFull,
                Step::Absorb,
            ];
            let on = steps.map(|s| self.selector(meta, s)).into_iter();
            let on = on.reduce(|a, b| a + b).unwrap_or(constant(Fr::ZERO));
            let (x, y) = (self.row(meta, -1), self.row(meta, 0));
            let square = |i: usize| {
                (
                    "y is the square of x",
                    on.clone() * (y[i].clone() - x[i].clone() * x[i].clone()),
                )
            };
            (0..WIDTH).map(square).collect::<Vec<_>>()
        });
        let state_after = |meta: &mut VirtualCells<'_, Fr>, full: bool| -> State {
            let z = self.outputs(meta, -1, 0);
            if full {
                return apply(&maps.mix, &z);
            }
            let [x0, x1, x2] = self.row(meta, -1);
            let [z0, z1, z2] = z;
            apply(&maps.exit, &[x0, x1, x2, z0, z1, z2])
        };
        for (step, name, full) in [
            (Step::FullFull, "hash full rounds", true),
            (Step::PartialFull, "hash last partial rounds", false),
        ] {
            self.gate(meta, step, name, |meta| {
                (self.row(meta, 1), state_after(meta, full))
            });
        }
        for (step, name, full) in [
            (Step::FullPartial, "hash first partial rounds", true),
            (Step::PartialPartial, "hash partial rounds", false),
        ] {
            self.gate(meta, step, name, |meta| {
                let [s0, s1, s2] = state_after(meta, full);
                let [z0, z1, _] = self.outputs(meta, 1, 2);
                (self.row(meta, 1), apply(&maps.entry, &[s0, s1, s2, z0, z1]))
            });
        }
        self.gate(meta, Step::Absorb, "hash absorb", |meta| {
            let ([s0, s1, s2], [_, m1, m2]) = (state_after(meta, true), self.row(meta, 1));
            (self.row(meta, 2), [s0, s1 + m1, s2 + m2])
        });
        self.gate(meta, Step::Start, "hash start", |meta| {
            let [_, m1, m2] = self.row(meta, 0);
            (self.row(meta, 1), [constant(Fr::ZERO), m1, m2])
        });
    }

    /// The gate of a step: inputs of S-boxes equal what they are made from plus the row's constants.
    fn gate(
        &self,
        meta: &mut ConstraintSystem<Fr>,
        step: Step,
        name: &'static str,
        sides: impl FnOnce(&mut VirtualCells<'_, Fr>) -> (State, State),
    ) {
        meta.create_gate(name, |meta| {
            let q = self.selector(meta, step);
            let k = self.constants.map(|c| fixed(meta, c, 0));
            let (inputs, from) = sides(meta);
            let parts = inputs.into_iter().zip(from).zip(k);
            parts
                .map(|((x, from), k)| (name, q.clone() * (x - from - k)))
                .collect::<Vec<_>>()
        });
    }

    /// Writes gates and constants of a chain.
    pub fn assign_fixed(&self, region: &mut Region<'_, Fr>, first: u32, chain: &Chain) {
        for (row, step, constants) in chain.steps() {
            let row = (first + row) as usize;
            let (column, value) = kind(step);
            let kind = self.kinds[column];
            region.assign_fixed(kind.column, kind.row(row), Fr::from(value));
            for (column, k) in self.constants.iter().zip(constants) {
                region.assign_fixed(column.column, column.row(row), k);
            }
        }
    }
}
