//! Many permuted columns, several instance columns, rotations, constants, fractions, gates of a
//! chosen degree.

use ff::Field;
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Assigned, Circuit, Column, ConstraintSystem, Error, Expression, Fixed, Instance, Selector,
};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

/// Parameters of [`Columns`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    /// Advice columns, all permuted.
    pub width: usize,
    /// Rows in use.
    pub rows: usize,
    /// Degree of the range gate, from 3 on.
    pub degree: usize,
}

/// Row `r + 1` of each column is row `r` plus a digit; neighbours copy each other's first cells;
/// the second column holds fractions.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    pub shape: Shape,
    /// Added to one cell, in the row given.
    pub fault: Option<(usize, u64)>,
    /// Added to a cell that is a copy.
    pub copy_fault: u64,
}

#[derive(Clone, Debug)]
pub struct Config {
    digit: Column<Advice>,
    columns: Vec<Column<Advice>>,
    constants: Column<Fixed>,
    factor: Column<Fixed>,
    public: [Column<Instance>; 2],
    step: Selector,
    range: Selector,
    read: Selector,
}

impl Columns {
    pub fn new(width: usize, rows: usize, degree: usize) -> Self {
        Self {
            shape: Shape { width, rows, degree },
            fault: None,
            copy_fault: 0,
        }
    }

    fn digit(&self, row: usize) -> u64 {
        (row * 7 % (self.shape.degree - 1)) as u64
    }

    fn value(&self, column: usize, row: usize) -> Fr {
        let sum: u64 = (0..row).map(|r| self.digit(r)).sum();
        Fr::from(sum + 3 * (column as u64 / 2))
    }

    /// The instance columns: the last value of the first column; the digits of the first rows.
    pub fn instances(&self) -> Vec<Vec<Fr>> {
        vec![
            vec![self.value(0, self.shape.rows - 1), Fr::from(5)],
            (0..self.shape.rows.min(3))
                .map(|row| Fr::from(self.digit(row)))
                .collect(),
        ]
    }
}

impl Circuit<Fr> for Columns {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn without_witnesses(&self) -> Self {
        *self
    }

    fn params(&self) -> Shape {
        self.shape
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        let config = Config {
            digit: meta.advice_column(),
            columns: (0..shape.width).map(|_| meta.advice_column()).collect(),
            constants: meta.fixed_column(),
            factor: meta.fixed_column(),
            public: [meta.instance_column(), meta.instance_column()],
            step: meta.selector(),
            range: meta.complex_selector(),
            read: meta.selector(),
        };
        meta.enable_constant(config.constants);
        meta.enable_equality(config.public[0]);
        config
            .columns
            .iter()
            .for_each(|column| meta.enable_equality(*column));
        meta.create_gate("range", |cells| {
            let digit = cells.query_advice(config.digit, Rotation::cur());
            let on = cells.query_selector(config.range);
            let product = (1..shape.degree as u64 - 1).fold(digit.clone(), |product, value| {
                product * (digit.clone() - Expression::Constant(Fr::from(value)))
            });
            vec![on * product]
        });
        for (index, column) in config.columns.iter().enumerate() {
            meta.create_gate(format!("step {index}"), |cells| {
                let digit = cells.query_advice(config.digit, Rotation::cur());
                let here = cells.query_advice(*column, Rotation::cur());
                let next = cells.query_advice(*column, Rotation::next());
                let factor = cells.query_fixed(config.factor, Rotation::cur());
                let on = cells.query_selector(config.step);
                vec![on * ((next - here) * factor - digit * Fr::from(2))]
            });
        }
        meta.create_gate("digits are public", |cells| {
            let digit = cells.query_advice(config.digit, Rotation::prev());
            let public = cells.query_instance(config.public[1], Rotation::prev());
            let on = cells.query_selector(config.read);
            vec![on * (digit - public)]
        });
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let rows = self.shape.rows;
        let last = layouter.assign_region(
            || "columns",
            |mut region| {
                let mut first = Vec::new();
                let mut last = None;
                for row in 0..rows {
                    config.range.enable(&mut region, row)?;
                    region.assign_advice(config.digit, row, Value::known(Fr::from(self.digit(row))));
                    region.assign_fixed(config.factor, row, Fr::from(2));
                    if row + 1 < rows {
                        config.step.enable(&mut region, row)?;
                    }
                    if (1..=3).contains(&row) {
                        config.read.enable(&mut region, row)?;
                    }
                }
                for (index, column) in config.columns.iter().enumerate() {
                    for row in 0..rows {
                        let mut value = self.value(index, row);
                        if index == 0
                            && let Some((at, added)) = self.fault
                            && at == row
                        {
                            value += Fr::from(added);
                        }
                        if index == 1 {
                            value += Fr::from(self.copy_fault);
                        }
                        // Every fraction is a whole number, but the prover does not know that.
                        let assigned = if index % 2 == 1 {
                            Assigned::Rational(value.double(), Fr::from(2))
                        } else {
                            Assigned::Trivial(value)
                        };
                        let cell = region.assign_advice(*column, row, Value::known(assigned));
                        if row == 0 {
                            first.push(cell.cell());
                        }
                        if index == 0 && row + 1 == rows {
                            last = Some(cell.cell());
                        }
                    }
                }
                for pair in first.chunks_exact(2) {
                    region.constrain_equal(pair[0], pair[1]);
                    region.constrain_equal(pair[1], pair[0]);
                }
                region.constrain_constant(first[0], Fr::ZERO)?;
                last.ok_or(Error::Synthesis)
            },
        )?;
        layouter.constrain_instance(last, config.public[0], 0);
        Ok(())
    }
}
