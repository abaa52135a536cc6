//! An adversary who changes several cells at once, and makes multiplicities and phase 2 anew: what is accepted is the honest
//! witness of the inputs and parameters that its cells hold.

mod attacks;
mod extraction;

use super::Forgery;
use super::common::samples::{Sample, all};
use super::random::{LANES, compilable};
use crate::CompiledCircuit;
use extraction::cells;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    /// Witnesses that were rejected.
    rejected: usize,
    /// Witnesses that were accepted because they are honest ones of other private values.
    honest: usize,
}

impl Count {
    fn plus(self, other: Self) -> Self {
        Count {
            rejected: self.rejected + other.rejected,
            honest: self.honest + other.honest,
        }
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
                continue;
            }
            let name = self.sample.name;
            let honest = self.extracted(&f);
            let honest = honest
                .unwrap_or_else(|| panic!("{name}, {attack:?} {seed}: the executor refuses its inputs"));
            let mut theirs = f.clone();
            theirs.circuit.witness = Some(honest);
            assert!(
                cells(&f) == cells(&theirs),
                "{name}, {attack:?} {seed}: another witness of its inputs"
            );
            count.honest += 1;
        }
        count
    }
}

fn all_attacks(samples: Vec<Sample>, times: u64) -> Count {
    let of = |sample: Sample| {
        let target = Target::new(sample);
        ATTACKS
            .iter()
            .map(|&attack| target.attack(attack, times))
            .fold(Count::default(), Count::plus)
    };
    samples
        .into_par_iter()
        .map(of)
        .reduce(Count::default, Count::plus)
}

#[test]
fn no_changed_witness_of_a_random_graph_is_accepted() {
    let samples: Vec<Sample> = (0..60).filter_map(compilable).collect();
    let count = all_attacks(samples, 4);
    // Another private input, with everything after it recomputed, is a witness like any other.
    assert!(count.rejected > 400 && count.honest > 0, "{count:?}");
}

#[test]
fn no_changed_witness_of_a_sample_is_accepted() {
    let count = all_attacks(all(), 8);
    assert!(count.rejected > 500 && count.honest > 0, "{count:?}");
}
