//! The field arithmetic of a verifier: everything between the transcript and the points.
//!
//! Two steps, with the inversions between them. The first makes the numbers whose inverses are needed;
//! the second makes the scalar of every point.

mod constraints;
mod scalars;

use crate::dag::{Dag, Id, Slot};
use crate::protocol::{After, Protocol};
use crate::schedule::{Program, schedule};
use crate::{CircuitKey, Error};
use ff::Field;
use halo2curves::bn256::Fr;

/// A result and where it goes.
type Output = (Slot, Id);

/// The arithmetic of a circuit.
#[derive(Clone, Debug)]
pub struct Arithmetic {
    /// Constants that the programs read.
    pub constants: Vec<Fr>,
    /// What runs before the inversion of all denominators, and what runs after it.
    pub programs: [Program; 2],
    /// Number of denominators.
    pub denominators: usize,
    /// Number of points in the final sum, each of which has a scalar.
    pub scalars: usize,
}

impl Arithmetic {
    /// Derives the arithmetic of a key, whose protocol this is.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for circuits that zkml does not make.
    pub fn new(key: &CircuitKey<'_>, protocol: &Protocol) -> Result<Self, Error> {
        let mut b = Builder {
            dag: Dag::default(),
            p: protocol,
            xn: Id(0),
            k: key.k,
        };
        let before = b.denominators();
        b.xn = b.dag.slot(Slot::Power);
        let expected = b.constraints(key)?;
        let after = b.scalars(expected);
        // Copies of a value are `1 v + 0`.
        let (one, zero) = (b.constant(Fr::ONE), b.constant(Fr::ZERO));
        Ok(Self {
            programs: [&before, &after].map(|outputs| schedule(&b.dag, outputs, one, zero)),
            // Besides the denominators the first program has one result, `x^n`.
            denominators: before.len() - 1,
            scalars: after.len(),
            constants: b.dag.into_constants(),
        })
    }
}

/// Numbers whose inverses are needed: `x`, `x^n - 1`, then `u - x w^t` for each rotation `t`, then `x - w^i`
/// for the first row, the last and the blinding rows.
const INVERSE_X: usize = 0;
const INVERSE_VANISHING: usize = 1;
const INVERSE_OPENINGS: usize = 2;

/// Makes the graph of a circuit.
struct Builder<'p> {
    dag: Dag,
    p: &'p Protocol,
    /// `x^n`.
    xn: Id,
    k: u32,
}

impl Builder<'_> {
    fn after(&mut self, challenge: After) -> Id {
        self.dag.slot(Slot::Challenge(self.p.after(challenge)))
    }

    fn evaluation(&mut self, index: usize) -> Id {
        self.dag.slot(Slot::Evaluation(index))
    }

    fn inverse(&mut self, index: usize) -> Id {
        self.dag.slot(Slot::Denominator(index))
    }

    fn constant(&mut self, value: Fr) -> Id {
        self.dag.constant(value)
    }

    /// Rows whose Lagrange polynomials the permutation needs: 0, the last, the blinding rows.
    fn rows(&self) -> impl Iterator<Item = i64> + use<> {
        let last = -(self.p.blinding as i64) - 1;
        std::iter::once(0).chain(last..0)
    }

    fn root(&self, power: i64) -> Fr {
        self.p.omega.pow_vartime([power.rem_euclid(1 << self.k) as u64])
    }

    /// `a^n`.
    fn power_of_two(&mut self, a: Id) -> Id {
        (0..self.k).fold(a, |power, _| self.dag.mul(power, power))
    }

    fn denominators(&mut self) -> Vec<Output> {
        let (x, u) = (self.after(After::X), self.after(After::U));
        let one = self.constant(Fr::ONE);
        let xn = self.power_of_two(x);
        let mut numbers = vec![x, self.dag.sub(xn, one)];
        for t in self.p.rotations.clone() {
            let minus_root = self.constant(-self.root(t));
            numbers.push(self.dag.fused(minus_root, x, u));
        }
        for row in self.rows() {
            let root = self.constant(self.root(row));
            numbers.push(self.dag.sub(x, root));
        }
        let slots = numbers
            .into_iter()
            .enumerate()
            .map(|(i, id)| (Slot::Denominator(i), id));
        slots.chain([(Slot::Power, xn)]).collect()
    }
}
