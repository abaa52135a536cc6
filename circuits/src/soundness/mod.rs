//! Cheating provers and what rejects them.
//!
//! A [`Forgery`] starts from an honest witness of a sample graph, changes cells, recomputes what a
//! cheating prover would recompute (multiplicities, all of phase 2), and says which constraints fail.

mod adversary;
mod audit;
#[path = "../../tests/common/mod.rs"]
pub(crate) mod common;
mod compound;
mod degrees;
mod folding;
mod gadgets;
mod hashed;
mod phase_two;
mod random;
mod real;
mod shapes;
mod systematic;
mod weights;

use crate::config::{Challenges, Config, field};
use crate::lower::{Lowered, lower};
use crate::network::NetworkCircuit;
use crate::regions::{ColumnKind, Region};
use crate::witness::{PhaseTwo, Witness, function_multiplicity, multiplicity};
use crate::{CompiledCircuit, Shape};
use common::samples::{Sample, named};
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner};
use halo2_proofs::dev::{MockProver, VerifyFailure};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Error};
pub(crate) use random::compilable;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Lanes of all test circuits: the widest gadget of the samples fits.
const LANES: u16 = 18;

/// Names of constraints that the tests expect to fail.
const CONSTRAINT_SUM: &str = "ends at 0";
const COPY: &str = "copy";

type Edit = Arc<dyn Fn(&mut PhaseTwo, &Challenges<Fr>) + Send + Sync>;

/// A witness under attack.
#[derive(Clone)]
struct Forgery {
    lowered: Arc<Lowered>,
    circuit: NetworkCircuit,
    edit: Option<Edit>,
}

/// A gadget of a region.
#[derive(Clone, Copy, Debug)]
struct GadgetAt {
    region: usize,
    index: u32,
}

fn lowered(sample: &Sample) -> Lowered {
    lowered_to(sample, LANES)
}

pub(crate) fn lowered_to(sample: &Sample, lanes: u16) -> Lowered {
    lower(
        &sample.builder.graph,
        Some(&sample.builder.params),
        &sample.options,
        lanes,
    )
    .unwrap_or_else(|e| panic!("{}: {e}", sample.name))
}

impl Forgery {
    /// The honest witness of the sample with this name.
    fn of(name: &str) -> Self {
        Self::new(&named(name))
    }

    fn new(sample: &Sample) -> Self {
        Self::with_lanes(sample, LANES)
    }

    fn with_lanes(sample: &Sample, lanes: u16) -> Self {
        let compiled = CompiledCircuit::from(lowered_to(sample, lanes));
        let circuit = sample.builder.fill(&compiled, &sample.inputs);
        Forgery {
            lowered: Arc::new(lowered_to(sample, lanes)),
            circuit,
            edit: None,
        }
    }

    fn witness(&mut self) -> &mut Witness {
        Arc::make_mut(self.circuit.witness.as_mut().expect("a circuit with a witness"))
    }

    /// The `nth` region in lanes of this kind.
    fn region(&self, kind: &str, nth: usize) -> usize {
        let of_kind = |(_, b): &(usize, &Region)| b.kind.name() == kind && b.column_kind == ColumnKind::Lanes;
        let found = self.lowered.regions.iter().enumerate().filter(of_kind).nth(nth);
        found
            .unwrap_or_else(|| panic!("no {nth}th region of kind {kind}"))
            .0
    }

    /// The first gadget of the `nth` region of a kind whose cells satisfy a condition.
    fn gadget(&self, kind: &str, nth: usize, condition: impl Fn(&[u32]) -> bool) -> GadgetAt {
        let region = self.region(kind, nth);
        let mut gadgets = (0..self.lowered.regions[region].count).map(|index| GadgetAt { region, index });
        gadgets
            .find(|&u| condition(&self.cells(u)))
            .expect("a gadget of this kind that satisfies the condition")
    }

    /// Lane and row of a gadget's cell.
    fn place(&self, gadget: GadgetAt, cell: usize) -> (usize, usize) {
        let region = &self.lowered.regions[gadget.region];
        let (row, slot) = region.place(gadget.index);
        (region.lane(slot, cell), row as usize)
    }

    fn cells(&self, gadget: GadgetAt) -> Vec<u32> {
        let lanes = &self.circuit.witness.as_ref().expect("a witness").lanes;
        let width = usize::from(self.lowered.regions[gadget.region].layout.width);
        (0..width)
            .map(|c| {
                let (lane, row) = self.place(gadget, c);
                lanes[lane][row]
            })
            .collect()
    }

    /// Adds numbers to cells of a gadget.
    fn add(&mut self, gadget: GadgetAt, changes: &[(usize, i64)]) {
        for &(cell, by) in changes {
            let (lane, row) = self.place(gadget, cell);
            let value = &mut self.witness().lanes[lane][row];
            *value = u32::try_from(i64::from(*value) + by).expect("a forged cell that is not negative");
        }
        self.recount();
    }

    /// Recomputes the multiplicities.
    fn recount(&mut self) {
        let (shape, program) = (self.circuit.shape.clone(), self.circuit.program.clone());
        let w = self.witness();
        w.multiplicity = multiplicity(&shape, &w.lanes);
        w.function_multiplicity = function_multiplicity(&shape, &program, &w.lanes);
    }

    /// Linear constraints another value of a public tensor.
    fn linear_constraint(&mut self, tensor: usize, element: u32, by: i64) {
        let before: u32 = self.lowered.public[..tensor].iter().map(|t| t.len).sum();
        self.linear_constraint_value((before + element) as usize, field(by));
    }

    /// Linear constraints another public value.
    fn linear_constraint_value(&mut self, i: usize, by: Fr) {
        let columns = usize::from(self.circuit.shape.instance_columns);
        self.witness().instances[i % columns][i / columns] += by;
    }

    /// Changes phase 2 after it is computed.
    fn edit(&mut self, edit: impl Fn(&mut PhaseTwo, &Challenges<Fr>) + Send + Sync + 'static) {
        self.edit = Some(Arc::new(edit));
    }

    /// Names of the constraints that fail: the same ones, folded or not.
    fn failures(&self) -> BTreeSet<String> {
        let failures = self.failures_of_one();
        assert_eq!(failures, self.folded(3).failures_of_one(), "plain and folded");
        failures
    }

    /// The same witness in a folded circuit. That has more active rows; their cells hold 0.
    fn folded(&self, fold: u16) -> Self {
        let mut folded = self.clone();
        let (shape, before) = (&self.circuit.shape, self.circuit.shape.active_rows());
        let shape = (**shape).clone().folded(fold, before);
        let active = shape.active_rows();
        folded.circuit.shape = Arc::new(shape);
        let w = folded.witness();
        w.lanes.iter_mut().for_each(|lane| lane.resize(active, 0));
        w.multiplicity[0] += ((active - before) * w.lanes.len()) as u32;
        folded
    }

    fn failures_of_one(&self) -> BTreeSet<String> {
        let prover = MockProver::run(self.circuit.shape.k, self, self.circuit.instances()).unwrap();
        let failures = prover.verify().err().unwrap_or_default();
        failures.iter().map(label).collect()
    }

    #[track_caller]
    fn rejected_by(&self, names: &[&str]) {
        let expected: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(self.failures(), expected);
    }

    #[track_caller]
    fn accepted(&self) {
        assert_eq!(self.failures(), BTreeSet::new());
    }
}

/// The name of the constraint that failed.
fn label(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
            let text = constraint.to_string();
            text.split('\'').nth(1).unwrap_or(&text).to_string()
        }
        VerifyFailure::Permutation { .. } => COPY.into(),
        other => other.to_string(),
    }
}

impl Circuit<Fr> for Forgery {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Shape;

    fn params(&self) -> Shape {
        self.circuit.params()
    }

    fn without_witnesses(&self) -> Self {
        Forgery {
            circuit: self.circuit.without_witnesses(),
            ..self.clone()
        }
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Config {
        NetworkCircuit::configure_with_params(meta, shape)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        NetworkCircuit::configure(meta)
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let columns = |witness: &Witness, challenges: &Challenges<Fr>| {
            let mut columns = witness.phase_two(&self.circuit.shape, &self.circuit.program, challenges);
            if let Some(edit) = &self.edit {
                edit(&mut columns, challenges);
            }
            columns
        };
        layouter.assign_region(
            || "forgery",
            |region| self.circuit.assign(&config, region, columns),
        )
    }
}
