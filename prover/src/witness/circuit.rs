//! Any halo2 circuit as the source of a witness.

use super::assignment::WitnessAssignment;
use super::{PhaseSink, WitnessContext, WitnessSource};
use crate::Error;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, FloorPlanner};
use halo2curves::bn256::Fr;

/// The witness of a [`Circuit`].
///
/// The circuit is synthesised once for each phase, unless it ends phases itself (`next_phase`
/// of halo2's layouter). A phase's own cells must be known when it ends; cells of later phases
/// may still be unknown.
#[derive(Clone, Copy, Debug)]
pub struct CircuitWitness<'c, C> {
    circuit: &'c C,
}

impl<'c, C: Circuit<Fr>> CircuitWitness<'c, C> {
    /// The witness of `circuit`.
    pub fn new(circuit: &'c C) -> Self {
        Self { circuit }
    }
}

impl<C: Circuit<Fr>> WitnessSource for CircuitWitness<'_, C> {
    fn assign(&mut self, context: &WitnessContext<'_>, sink: &mut dyn PhaseSink) -> Result<(), Error> {
        let mut cs = ConstraintSystem::default();
        let config = C::configure_with_params(&mut cs, self.circuit.params());
        check_key(context.constraint_system, &cs)?;
        let mut assignment = WitnessAssignment::new(context, sink);
        while !assignment.is_complete() {
            let synthesised = C::FloorPlanner::synthesize(
                &mut assignment,
                self.circuit,
                config.clone(),
                cs.constants().clone(),
            );
            // An error of the assignment comes first: what the circuit reports may follow from it.
            assignment.check()?;
            synthesised?;
            if !assignment.is_complete() {
                plonk_next_phase(&mut assignment)?;
            }
        }
        Ok(())
    }
}

fn plonk_next_phase(assignment: &mut WitnessAssignment<'_>) -> Result<(), Error> {
    halo2_proofs::plonk::Assignment::next_phase(assignment);
    assignment.check()
}

/// Compares what can be counted: enough to tell apart circuits that are not variants of one.
fn check_key(key: &ConstraintSystem<Fr>, circuit: &ConstraintSystem<Fr>) -> Result<(), Error> {
    let last = |phases: Vec<u8>| phases.into_iter().max().map_or(0, usize::from);
    let counts = |cs: &ConstraintSystem<Fr>| {
        [
            ("advice columns", cs.num_advice_columns()),
            ("instance columns", cs.num_instance_columns()),
            ("challenges", cs.num_challenges()),
            ("gates", cs.gates().len()),
            ("lookups", cs.lookups().len()),
            ("permuted columns", cs.permutation().get_columns().len()),
            ("last advice phase", last(cs.advice_column_phase())),
        ]
    };
    for ((what, expected), (_, found)) in counts(key).into_iter().zip(counts(circuit)) {
        if expected != found {
            return Err(Error::ForeignKey {
                what,
                expected,
                found,
            });
        }
    }
    Ok(())
}
