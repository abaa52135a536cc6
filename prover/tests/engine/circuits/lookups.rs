//! Built-in lookups: of tuples, into instance columns, switched by a selector.

use ff::Field;
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Circuit, Column, ConstraintSystem, Error, Expression, Instance, Selector, TableColumn,
};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

/// Entries of the table of squares.
pub const ENTRIES: u64 = 8;

/// Pairs `(x, x^2)` from a table, and `x + 1` from a public column.
#[derive(Clone, Debug)]
pub struct Lookups {
    pub inputs: Vec<u64>,
    /// Added to a square, in the row given.
    pub fault: Option<(usize, u64)>,
}

#[derive(Clone, Debug)]
pub struct Config {
    x: Column<Advice>,
    y: Column<Advice>,
    table: [TableColumn; 2],
    public: Column<Instance>,
    on: Selector,
}

impl Lookups {
    pub fn new(inputs: impl IntoIterator<Item = u64>) -> Self {
        Self {
            inputs: inputs.into_iter().collect(),
            fault: None,
        }
    }

    /// The public column lists `0..=ENTRIES`.
    pub fn instances(&self) -> Vec<Vec<Fr>> {
        vec![(0..=ENTRIES).map(Fr::from).collect()]
    }
}

impl Circuit<Fr> for Lookups {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            x: meta.advice_column(),
            y: meta.advice_column(),
            table: [meta.lookup_table_column(), meta.lookup_table_column()],
            public: meta.instance_column(),
            on: meta.complex_selector(),
        };
        meta.lookup("squares", |cells| {
            let x = cells.query_advice(config.x, Rotation::cur());
            let y = cells.query_advice(config.y, Rotation::cur());
            let on = cells.query_selector(config.on);
            vec![(on.clone() * x, config.table[0]), (on * y, config.table[1])]
        });
        meta.lookup_any("successors", |cells| {
            let x = cells.query_advice(config.x, Rotation::cur());
            let on = cells.query_selector(config.on);
            let public = cells.query_instance(config.public, Rotation::cur());
            vec![(on * (x + Expression::Constant(Fr::ONE)), public)]
        });
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_table(
            || "squares",
            |mut table| {
                for entry in 0..ENTRIES {
                    let row = entry as usize;
                    table.assign_cell(|| "x", config.table[0], row, || Value::known(Fr::from(entry)))?;
                    table.assign_cell(
                        || "y",
                        config.table[1],
                        row,
                        || Value::known(Fr::from(entry * entry)),
                    )?;
                }
                Ok(())
            },
        )?;
        layouter.assign_region(
            || "inputs",
            |mut region| {
                for (row, x) in self.inputs.iter().enumerate() {
                    config.on.enable(&mut region, row)?;
                    let fault = match self.fault {
                        Some((at, added)) if at == row => added,
                        _ => 0,
                    };
                    region.assign_advice(config.x, row, Value::known(Fr::from(*x)));
                    region.assign_advice(config.y, row, Value::known(Fr::from(x * x + fault)));
                }
                Ok(())
            },
        )
    }
}
