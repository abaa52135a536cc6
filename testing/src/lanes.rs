//! A synthetic circuit like those of neural networks: lanes of small integers, all looked up in
//! one table by a log-derivative argument, and a few permuted columns of bits.
//!
//! Phase 1: lanes `x`, multiplicities `m`, bits. Phase 2, with a challenge `b`: helpers
//! `h = sum 1 / (b - x)` of three lanes each, the table's `g = m / (b - t)`, and a running sum of
//! all `h` minus `g` that ends in 0.

use ff::{BatchInvert, Field};
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    self, Advice, Challenge, Circuit, ConstraintSystem, Expression, FirstPhase, Fixed, SecondPhase, Selector,
};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;
use std::sync::Arc;
use zkml_prover::{Codes, Column};

/// Lanes that share a helper: with the selector the gates have degree 5.
const SHARED: usize = 3;
/// Permuted columns of bits.
const BITS: usize = 4;
/// Every so many rows the bits are copies of each other.
const COPIED: usize = 16;

/// The circuit and its witness.
#[derive(Clone, Debug)]
pub struct Lanes {
    shape: Shape,
    /// Rows in use: all that may be.
    rows: usize,
    /// The lanes, row by row within each.
    values: Vec<Vec<u16>>,
}

/// Parameters of [`Lanes`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    lanes: usize,
}

/// The columns of [`Lanes`].
#[derive(Clone, Debug)]
pub struct Config {
    phase1: Vec<plonk::Column<Advice>>,
    phase2: Vec<plonk::Column<Advice>>,
    table: plonk::Column<Fixed>,
    challenge: Challenge,
    on: Selector,
    end: Selector,
}

impl Lanes {
    /// `lanes` columns of pseudorandom values over all rows of `2^k`.
    pub fn new(k: u32, lanes: usize) -> Self {
        let rows = (1 << k) - 7;
        let entries = rows.min(1 << 12) as u64;
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % entries) as u16
        };
        Self {
            shape: Shape { lanes },
            rows,
            values: (0..lanes).map(|_| (0..rows).map(|_| draw()).collect()).collect(),
        }
    }

    fn entry(&self, row: usize) -> usize {
        row % self.rows.min(1 << 12)
    }

    fn bit(row: usize) -> i32 {
        (row / COPIED % 2) as i32
    }

    /// The columns of a phase, without making cells.
    pub fn columns(&self, phase: usize, challenge: Option<Fr>) -> Vec<Column> {
        let Some(challenge) = challenge.filter(|_| phase == 1) else {
            return self.phase1().into_iter().map(Column::Small).collect();
        };
        let inverses = Arc::new(self.inverses(challenge));
        let lanes: Vec<usize> = (0..self.shape.lanes).collect();
        let helpers = lanes.chunks(SHARED).map(|lanes| Column::Dictionary {
            codes: lanes.iter().copied().map(Codes::Advice).collect(),
            rows: self.rows,
            table: inverses.clone(),
        });
        let others = self.phase2(challenge).into_iter().skip(helpers.len());
        helpers.chain(others.map(Column::Field)).collect()
    }

    /// `1 / (b - t)` for the entries of the table.
    fn inverses(&self, challenge: Fr) -> Vec<Fr> {
        let entries = 0..self.rows.min(1 << 12) as u64;
        let mut inverses: Vec<Fr> = entries.map(|t| challenge - Fr::from(t)).collect();
        inverses.iter_mut().batch_invert();
        inverses
    }

    fn phase1(&self) -> Vec<Vec<i32>> {
        let mut multiplicities = vec![0i32; self.rows];
        self.values
            .iter()
            .flatten()
            .for_each(|value| multiplicities[usize::from(*value)] += 1);
        let lanes = self
            .values
            .iter()
            .map(|lane| lane.iter().map(|x| i32::from(*x)).collect());
        let bits = (0..BITS).map(|_| (0..self.rows).map(Self::bit).collect());
        lanes.chain([multiplicities]).chain(bits).collect()
    }

    fn phase2(&self, challenge: Fr) -> Vec<Vec<Fr>> {
        let inverses = self.inverses(challenge);
        let helpers = self.values.chunks(SHARED).map(|lanes| {
            let sum = |row: usize| {
                lanes
                    .iter()
                    .map(|lane| inverses[usize::from(lane[row])])
                    .sum::<Fr>()
            };
            (0..self.rows).map(sum).collect()
        });
        let mut columns: Vec<Vec<Fr>> = helpers.collect();
        let multiplicities = &self.phase1()[self.shape.lanes];
        let table = multiplicities.iter().enumerate();
        let table = table
            .map(|(row, m)| Fr::from(*m as u64) * inverses[self.entry(row)])
            .collect();
        let mut sums = vec![Fr::ZERO];
        columns.push(table);
        for row in 0..self.rows {
            let (table, helpers) = columns
                .split_last()
                .map_or((Fr::ZERO, Fr::ZERO), |(table, helpers)| {
                    (table[row], helpers.iter().map(|helper| helper[row]).sum())
                });
            sums.push(sums[row] + helpers - table);
        }
        columns.push(sums);
        columns
    }
}

impl Circuit<Fr> for Lanes {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn params(&self) -> Shape {
        self.shape
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        let phase1: Vec<_> = (0..shape.lanes + 1 + BITS)
            .map(|_| meta.advice_column_in(FirstPhase))
            .collect();
        let challenge = meta.challenge_usable_after(FirstPhase);
        let helpers = shape.lanes.div_ceil(SHARED);
        let phase2: Vec<_> = (0..helpers + 2)
            .map(|_| meta.advice_column_in(SecondPhase))
            .collect();
        let table = meta.fixed_column();
        let (on, end) = (meta.selector(), meta.selector());
        let (lanes, rest) = phase1.split_at(shape.lanes);
        let one = || Expression::Constant(Fr::ONE);
        for &bit in &rest[1..] {
            meta.enable_equality(bit);
            meta.create_gate("bit", |cells| {
                let bit = cells.query_advice(bit, Rotation::cur());
                vec![cells.query_selector(on) * bit.clone() * (bit - one())]
            });
        }
        for (group, &helper) in lanes.chunks(SHARED).zip(&phase2) {
            meta.create_gate("helper", |cells| {
                let challenge = cells.query_challenge(challenge);
                let factors: Vec<_> = group
                    .iter()
                    .map(|lane| challenge.clone() - cells.query_advice(*lane, Rotation::cur()))
                    .collect();
                let product = |skip: Option<usize>| {
                    let kept = factors.iter().enumerate().filter(|(i, _)| Some(*i) != skip);
                    kept.fold(one(), |product, (_, factor)| product * factor.clone())
                };
                let sum = (0..factors.len()).map(|i| product(Some(i))).reduce(|a, b| a + b);
                let helper = cells.query_advice(helper, Rotation::cur());
                vec![cells.query_selector(on) * (helper * product(None) - sum.unwrap_or_else(one))]
            });
        }
        meta.create_gate("sum", |cells| {
            let on = cells.query_selector(on);
            let end = cells.query_selector(end);
            let challenge = cells.query_challenge(challenge);
            let entry = cells.query_fixed(table, Rotation::cur());
            let multiplicity = cells.query_advice(rest[0], Rotation::cur());
            let here: Vec<_> = phase2
                .iter()
                .map(|column| cells.query_advice(*column, Rotation::cur()))
                .collect();
            let next = cells.query_advice(phase2[helpers + 1], Rotation::next());
            let looked_up = here[..helpers]
                .iter()
                .cloned()
                .reduce(|a, b| a + b)
                .unwrap_or_else(one);
            let (g, sum) = (here[helpers].clone(), here[helpers + 1].clone());
            vec![
                on.clone() * (g.clone() * (challenge - entry) - multiplicity),
                on * (next - sum.clone() - looked_up + g),
                end * sum,
            ]
        });
        Config {
            phase1,
            phase2,
            table,
            challenge,
            on,
            end,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), plonk::Error> {
        layouter.assign_region(
            || "lanes",
            |mut region| {
                config.end.enable(&mut region, 0)?;
                config.end.enable(&mut region, self.rows)?;
                for row in 0..self.rows {
                    config.on.enable(&mut region, row)?;
                    region.assign_fixed(config.table, row, Fr::from(self.entry(row) as u64));
                }
                let mut bits = Vec::new();
                for (column, values) in config.phase1.iter().zip(self.phase1()) {
                    let is_bit = column.index() > self.shape.lanes;
                    for (row, value) in values.into_iter().enumerate() {
                        let cell = region.assign_advice(*column, row, Value::known(Fr::from(value as u64)));
                        if is_bit && row % COPIED == 0 {
                            bits.push(cell.cell());
                        }
                    }
                }
                let copied = self.rows.div_ceil(COPIED);
                for (left, right) in bits.iter().zip(&bits[copied..]) {
                    region.constrain_equal(*left, *right);
                }
                region.next_phase();
                let mut phase2 = None;
                region
                    .get_challenge(config.challenge)
                    .map(|value| phase2 = Some(self.phase2(value)));
                for (column, values) in config.phase2.iter().zip(phase2.unwrap_or_default()) {
                    for (row, value) in values.into_iter().enumerate() {
                        region.assign_advice(*column, row, Value::known(value));
                    }
                }
                region.next_phase();
                Ok(())
            },
        )
    }
}
