//! One gate, one copy: the smallest circuit that has everything but lookups.

use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Instance, Selector};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

/// `b = a^2` in row 0, and `b` is public.
#[derive(Clone, Copy, Debug)]
pub struct Tiny {
    pub a: u64,
    /// What the circuit claims `b` to be.
    pub b: u64,
}

#[derive(Clone, Debug)]
pub struct Config {
    a: Column<Advice>,
    b: Column<Advice>,
    public: Column<Instance>,
    selector: Selector,
}

impl Circuit<Fr> for Tiny {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        *self
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            a: meta.advice_column(),
            b: meta.advice_column(),
            public: meta.instance_column(),
            selector: meta.selector(),
        };
        meta.enable_equality(config.b);
        meta.enable_equality(config.public);
        meta.create_gate("square", |cells| {
            let a = cells.query_advice(config.a, Rotation::cur());
            let b = cells.query_advice(config.b, Rotation::cur());
            let on = cells.query_selector(config.selector);
            vec![("b is a squared", on * (a.clone() * a - b))]
        });
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let b = layouter.assign_region(
            || "square",
            |mut region| {
                config.selector.enable(&mut region, 0)?;
                region.assign_advice(config.a, 0, Value::known(Fr::from(self.a)));
                Ok(region.assign_advice(config.b, 0, Value::known(Fr::from(self.b))))
            },
        )?;
        layouter.constrain_instance(b.cell(), config.public, 0);
        Ok(())
    }
}
