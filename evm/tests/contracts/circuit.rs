//! A small circuit that has all that contracts support: two phases, rotations, copies in several parts,
//! instance columns with gaps.

use ff::Field;
use halo2_proofs::circuit::{Cell, Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Any, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed,
    SecondPhase,
};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;
use std::ops::Range;

/// log2 of the number of rows.
pub const K: u32 = 6;
/// Instance columns of the circuit.
pub const COLUMNS: usize = 2;
/// Rows from one public value to the next.
pub const STRIDE: usize = 3;

#[derive(Clone, Debug)]
pub struct Config {
    first: [Column<Advice>; 3],
    second: [Column<Advice>; 2],
    challenge: Challenge,
    combine: Column<Fixed>,
    public: Column<Fixed>,
    marks: Option<Column<Fixed>>,
}

/// `c = a + r b`, `d = c c(next)` on some rows; `a` and `b` of others are public; copies between all. With a link, a
/// fixed column that no gate reads marks rows.
#[derive(Clone, Debug)]
pub struct Sample<const LINKED: bool> {
    pub values: Vec<[i64; 2]>,
}

/// Columns that are linked to the model commitment.
pub const LINKED_COLUMNS: Range<usize> = 1..3;
/// The fixed column that marks rows.
pub const MARKS: usize = 2;

/// The marked row of a pair of values.
pub const fn marked_row(pair: usize) -> usize {
    STRIDE * pair + 1
}

/// What the linked columns hold for these values on the rows of gates and copies.
pub fn linked_values(values: &[[i64; 2]]) -> [Vec<Fr>; 2] {
    let mut columns = [(); 2].map(|()| vec![Fr::ZERO; 1 << K]);
    for (i, &[a, b]) in values.iter().enumerate() {
        let row = marked_row(i);
        columns[0][row - 1..=row].fill(signed(b));
        columns[1][row - 1] = signed(a);
    }
    columns
}

impl<const LINKED: bool> Circuit<Fr> for Sample<LINKED> {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        meta.set_minimum_degree(4);
        let first = [(); 3].map(|()| meta.advice_column_in(FirstPhase));
        let challenge = meta.challenge_usable_after(FirstPhase);
        let second = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let [combine, public] = [(); 2].map(|()| meta.fixed_column());
        let marks = LINKED.then(|| meta.fixed_column());
        let instances = [(); COLUMNS].map(|()| meta.instance_column());
        for column in first.iter().chain(&second) {
            meta.enable_equality(*column);
        }
        let _context = meta.instance_column();
        meta.create_gate("combine", |meta| {
            let q = meta.query_fixed(combine, Rotation::cur());
            let r = meta.query_challenge(challenge);
            let [a, b, _] = first.map(|c| meta.query_advice(c, Rotation::cur()));
            let before = meta.query_advice(first[2], Rotation::prev());
            let [c, d] = second.map(|c| meta.query_advice(c, Rotation::cur()));
            let next = meta.query_advice(second[0], Rotation::next());
            // Expressions of all kinds: a sum of products, a scaled one, one with a constant.
            vec![
                q.clone() * c.clone() - q.clone() * (a.clone() + r * b),
                q.clone() * ((d - c * next) * Fr::from(3)),
                q * (Expression::Constant(Fr::from(5)) * (before - a)),
            ]
        });
        meta.create_gate("public", |meta| {
            let q = meta.query_fixed(public, Rotation::cur());
            let [a, b, _] = first.map(|c| meta.query_advice(c, Rotation::cur()));
            let [x, y] = instances.map(|c| meta.query_instance(c, Rotation::cur()));
            vec![q.clone() * (a - x), q * (b - y)]
        });
        Config {
            first,
            second,
            challenge,
            combine,
            public,
            marks,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "all",
            |mut region| {
                let mut challenge = None;
                region
                    .get_challenge(config.challenge)
                    .map(|r| challenge = Some(r));
                let cell = |[a, b]: [i64; 2], r: Fr| signed(a) + r * signed(b);
                for (i, &[a, b]) in self.values.iter().enumerate() {
                    let row = marked_row(i);
                    match challenge {
                        None => {
                            if let Some(marks) = config.marks {
                                region.assign_fixed(marks, row, Fr::ONE);
                            }
                            region.assign_fixed(config.combine, row, Fr::ONE);
                            region.assign_fixed(config.public, row - 1, Fr::ONE);
                            // The public row above holds the same values.
                            for (column, value) in [(0, a), (1, b)] {
                                for row in [row - 1, row] {
                                    let value = Value::known(signed(value));
                                    region.assign_advice(config.first[column], row, value);
                                }
                                let cells = [row - 1, row].map(|row_offset| Cell {
                                    row_offset,
                                    column: Column::<Any>::from(config.first[column]),
                                });
                                region.constrain_equal(cells[0], cells[1]);
                            }
                            region.assign_advice(config.first[2], row - 1, Value::known(signed(a)));
                        }
                        Some(r) => {
                            let c = cell([a, b], r);
                            let next = Fr::from(i as u64 + 2);
                            region.assign_advice(config.second[0], row, Value::known(c));
                            region.assign_advice(config.second[0], row + 1, Value::known(next));
                            region.assign_advice(config.second[1], row, Value::known(c * next));
                        }
                    }
                }
                Ok(())
            },
        )
    }
}

/// A number as a field element.
pub fn signed(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}
