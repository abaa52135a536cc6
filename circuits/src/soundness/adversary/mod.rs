//! An adversary who changes several cells at once, and makes multiplicities and phase 2 anew: what is accepted is the honest
//! witness of the inputs and parameters that its cells hold.

mod attacks;
mod extraction;

use super::Forgery;
use super::common::samples::{Sample, all, named};
use super::random::{LANES, compilable};
use crate::CompiledCircuit;
use crate::form::LinForm;
use extraction::cells;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::sync::Arc;
use zkml_core::execute::Trace;

/// A way to cheat.
#[derive(Clone, Copy, Debug)]
enum Attack {
    /// A few cells hold other values.
    Scatter,
    /// Two cells of one form change so that the form stays.
    Trade,
    /// A gadget is filled for other operands.
    Refill,
    /// Two gadgets of a region trade places.
    Swap,
    /// The executor is off by one at an element, and right from there on.
    Lie,
    /// The same, and the cells of that element's gadget hold the wrong result, too.
    PatchedLie,
}

const ATTACKS: [Attack; 6] = [
    Attack::Scatter,
    Attack::Trade,
    Attack::Refill,
    Attack::Swap,
    Attack::Lie,
    Attack::PatchedLie,
];

/// What became of attacks.
#[derive(Clone, Debug, Default)]
struct Count {
    /// Witnesses that were rejected.
    rejected: usize,
    /// Witnesses that were accepted because they are honest ones of other private values.
    honest: usize,
    /// Witnesses that were accepted and are not honest.
    forged: Vec<String>,
}

impl Count {
    fn plus(mut self, other: Self) -> Self {
        self.rejected += other.rejected;
        self.honest += other.honest;
        self.forged.extend(other.forged);
        self
    }
}

/// A circuit under attack.
struct Target {
    sample: Sample,
    compiled: CompiledCircuit,
    honest: Forgery,
    trace: Trace,
}

impl Target {
    fn new(sample: Sample) -> Self {
        let honest = Forgery::with_lanes(&sample, LANES);
        Target {
            compiled: CompiledCircuit::from((*honest.lowered).clone()),
            trace: sample.builder.run(&sample.inputs),
            honest,
            sample,
        }
    }

    /// A witness with several cells changed; `None` where this attack finds nothing to change.
    fn forged(&self, attack: Attack, r: &mut ChaCha8Rng) -> Option<Forgery> {
        let mut f = self.honest.clone();
        match attack {
            Attack::Scatter => (0..r.gen_range(2..7)).for_each(|_| self.scatter(&mut f, r)),
            Attack::Trade => (0..r.gen_range(1..4)).for_each(|_| self.trade(&mut f, r)),
            Attack::Refill => (0..r.gen_range(1..4)).for_each(|_| self.refill(&mut f, r)),
            Attack::Swap => self.swap(&mut f, r),
            Attack::Lie => self.lie(&mut f, false, r)?,
            Attack::PatchedLie => self.lie(&mut f, true, r)?,
        }
        f.recount();
        (cells(&f) != cells(&self.honest)).then_some(f)
    }

    /// Whether a witness is the executor's for the inputs and parameters that it holds.
    fn is_honest(&self, f: &Forgery) -> bool {
        let theirs = self.extracted(f).map(|witness| {
            let mut theirs = f.clone();
            theirs.circuit.witness = Some(witness);
            theirs
        });
        theirs.is_some_and(|theirs| cells(&theirs) == cells(f))
    }

    /// Tries an attack some times, plain and folded in turns.
    fn attack(&self, attack: Attack, times: u64) -> Count {
        let mut count = Count::default();
        for seed in 0..times {
            let mut r = ChaCha8Rng::seed_from_u64(seed);
            let Some(f) = self.forged(attack, &mut r) else {
                continue;
            };
            let failures = if seed % 2 == 0 {
                f.failures_of_one()
            } else {
                f.folded(3).failures_of_one()
            };
            if !failures.is_empty() {
                count.rejected += 1;
            } else if self.is_honest(&f) {
                count.honest += 1;
            } else {
                let name = self.sample.name;
                count.forged.push(format!("{name}, {attack:?} {seed}"));
            }
        }
        count
    }
}

fn all_attacks(targets: Vec<Target>, times: u64) -> Count {
    let of = |target: Target| {
        let counts = ATTACKS.iter().map(|&attack| target.attack(attack, times));
        counts.fold(Count::default(), Count::plus)
    };
    targets
        .into_par_iter()
        .map(of)
        .reduce(Count::default, Count::plus)
}

#[test]
fn no_changed_witness_of_a_random_graph_is_accepted() {
    let targets = (0..60).filter_map(compilable).map(Target::new).collect();
    let count = all_attacks(targets, 4);
    assert_eq!(count.forged, [""; 0]);
    // Another private input, with everything after it recomputed, is a witness like any other.
    assert!(count.rejected > 400 && count.honest > 0, "{count:?}");
}

#[test]
fn no_changed_witness_of_a_sample_is_accepted() {
    let count = all_attacks(all().into_iter().map(Target::new).collect(), 8);
    assert_eq!(count.forged, [""; 0]);
    assert!(count.rejected > 500 && count.honest > 0, "{count:?}");
}

/// Without the gadgets' constraints the adversary has forgeries that are accepted, and tells them from honest witnesses.
#[test]
fn forgeries_of_a_circuit_without_gates_are_found() {
    let mut target = Target::new(named("elementwise"));
    let mut shape = (*target.honest.circuit.shape).clone();
    for constraint in shape.gates.iter_mut().flat_map(|gate| &mut gate.constraints) {
        constraint.products = vec![(1, vec![LinForm::default()])];
    }
    target.honest.circuit.shape = Arc::new(shape);
    let count = all_attacks(vec![target], 30);
    assert!(!count.forged.is_empty(), "{count:?}");
}
