//! Two or three challenge phases.

use ff::Field;
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, SecondPhase, Selector,
    ThirdPhase,
};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;

/// Parameters of [`Phases`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    pub third: bool,
}

/// `a` is given; `b` is a running evaluation of `a` at a challenge; with three phases `c` is one
/// of `b` at a challenge that comes after `b`.
#[derive(Clone, Copy, Debug)]
pub struct Phases {
    pub rows: usize,
    pub third: bool,
    /// Whether the circuit ends its phases itself.
    pub ends_phases: bool,
}

#[derive(Clone, Debug)]
pub struct Config {
    a: Column<Advice>,
    b: Column<Advice>,
    c: Option<Column<Advice>>,
    first: [Challenge; 2],
    second: Option<Challenge>,
    step: Selector,
}

impl Phases {
    pub fn a(&self, row: usize) -> i32 {
        (row as i32 * 37) % 256 - 128
    }

    pub fn a_field(&self, row: usize) -> Fr {
        let magnitude = Fr::from(u64::from(self.a(row).unsigned_abs()));
        if self.a(row) < 0 { -magnitude } else { magnitude }
    }

    /// `b` for the two challenges of the first phase: `b_0 = a_0`, `b_(i+1) = r b_i + s a_(i+1)`.
    pub fn b(&self, r: Fr, s: Fr) -> Vec<Fr> {
        let mut b = vec![self.a_field(0)];
        for row in 1..self.rows {
            b.push(r * b[row - 1] + s * self.a_field(row));
        }
        b
    }
}

impl Circuit<Fr> for Phases {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn without_witnesses(&self) -> Self {
        *self
    }

    fn params(&self) -> Shape {
        Shape { third: self.third }
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("configured with parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        let a = meta.advice_column_in(FirstPhase);
        let first = [
            meta.challenge_usable_after(FirstPhase),
            meta.challenge_usable_after(FirstPhase),
        ];
        let b = meta.advice_column_in(SecondPhase);
        let second = shape.third.then(|| meta.challenge_usable_after(SecondPhase));
        let c = shape.third.then(|| meta.advice_column_in(ThirdPhase));
        let step = meta.selector();
        meta.create_gate("running evaluation", |cells| {
            let next_a = cells.query_advice(a, Rotation::next());
            let here = cells.query_advice(b, Rotation::cur());
            let next = cells.query_advice(b, Rotation::next());
            let [r, s] = first.map(|challenge| cells.query_challenge(challenge));
            let on = cells.query_selector(step);
            let mut constraints = vec![on.clone() * (r * here - next.clone() + s * next_a)];
            if let (Some(c), Some(second)) = (c, second) {
                let t = cells.query_challenge(second);
                let c_here = cells.query_advice(c, Rotation::cur());
                let c_next = cells.query_advice(c, Rotation::next());
                constraints.push(on * (c_next - t * c_here - next));
            }
            constraints
        });
        Config {
            a,
            b,
            c,
            first,
            second,
            step,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let first = config.first.map(|challenge| layouter.get_challenge(challenge));
        let second = config.second.map(|challenge| layouter.get_challenge(challenge));
        layouter.assign_region(
            || "phases",
            |mut region| {
                // Running evaluations of the values that the assigned cells hand back.
                let mut a = Vec::new();
                for row in 0..self.rows {
                    if row + 1 < self.rows {
                        config.step.enable(&mut region, row)?;
                    }
                    let cell = region.assign_advice(config.a, row, Value::known(self.a_field(row)));
                    a.push(cell.value().map(|value| value.evaluate()));
                }
                let [r, s] = if self.ends_phases {
                    region.next_phase();
                    config.first.map(|challenge| region.get_challenge(challenge))
                } else {
                    first
                };
                if !is_known(r) {
                    return Ok(());
                }
                let mut b: Vec<Value<Fr>> = Vec::new();
                for row in 0..self.rows {
                    let value = match row {
                        0 => a[0],
                        _ => r * b[row - 1] + s * a[row],
                    };
                    let cell = region.assign_advice(config.b, row, value);
                    b.push(cell.value().map(|value| value.evaluate()));
                }
                let (Some(c), Some(challenge)) = (config.c, config.second) else {
                    if self.ends_phases {
                        region.next_phase();
                    }
                    return Ok(());
                };
                let t = if self.ends_phases {
                    region.next_phase();
                    region.get_challenge(challenge)
                } else {
                    second.unwrap_or_else(Value::unknown)
                };
                if !is_known(t) {
                    return Ok(());
                }
                let mut sum = Value::known(Fr::ZERO);
                for (row, b) in b.iter().enumerate() {
                    sum = match row {
                        0 => sum,
                        _ => t * sum + *b,
                    };
                    region.assign_advice(c, row, sum);
                }
                if self.ends_phases {
                    region.next_phase();
                }
                Ok(())
            },
        )
    }
}

fn is_known(value: Value<Fr>) -> bool {
    let mut known = false;
    value.map(|_| known = true);
    known
}
