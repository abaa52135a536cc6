//! An adversary who changes several cells at once, and makes multiplicities and phase 2 anew: what is accepted is the honest
//! witness of the inputs and parameters that its cells hold.

use super::common::samples::{Sample, all};
use super::random::{LANES, compilable};
use super::{ColumnKind, Forgery, GadgetAt};
use crate::form::CellRef;
use crate::regions::{ArgSource, Region};
use crate::witness::Witness;
use crate::{CompiledCircuit, Extras};
use halo2_proofs::halo2curves::bn256::Fr;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use zkml_core::IntTensor;
use zkml_core::execute::{Trace, execute};
use zkml_core::graph::{Op, Params};
use zkml_core::ops::evaluate;

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

    /// A gadget of any region of lanes.
    fn gadget(&self, r: &mut ChaCha8Rng) -> GadgetAt {
        let regions = &self.honest.lowered.regions;
        let lanes: Vec<usize> = (0..regions.len())
            .filter(|&i| regions[i].column_kind == ColumnKind::Lanes && regions[i].count > 0)
            .collect();
        let region = *lanes.choose(r).expect("a circuit has a region");
        GadgetAt {
            region,
            index: r.gen_range(0..regions[region].count),
        }
    }

    fn most(&self) -> i64 {
        (1 << self.honest.circuit.shape.lane_bits) - 1
    }

    fn scatter(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
        let gadget = self.gadget(r);
        let mut cells = f.cells(gadget);
        let cell = r.gen_range(0..cells.len());
        cells[cell] = r.gen_range(0..=self.most()) as u32;
        write(f, gadget, &cells);
    }

    fn trade(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
        let gadget = self.gadget(r);
        let layout = &self.honest.lowered.regions[gadget.region].layout;
        let forms: Vec<_> = layout.inputs.iter().chain(&layout.outputs).collect();
        let form = forms.choose(r).expect("a gadget has a form");
        let terms: Vec<&(CellRef, i64)> = form.terms.choose_multiple(r, 2).collect();
        let [a, b] = terms[..] else { return };
        let (CellRef::Lane(i), CellRef::Lane(j)) = (a.0, b.0) else {
            return;
        };
        // Coefficients are powers of two, most of them: the smaller one divides the other.
        let smaller = a.1.abs().min(b.1.abs());
        if a.1 % smaller != 0 || b.1 % smaller != 0 {
            return;
        }
        let sign = if r.gen_bool(0.5) { 1 } else { -1 };
        let mut cells = f.cells(gadget);
        for (cell, by) in [(i, sign * b.1 / smaller), (j, -sign * a.1 / smaller)] {
            let value = i64::from(cells[usize::from(cell)]) + by;
            // Beyond the range the lookup would tell: the adversary stays within where it can.
            if !(0..=2 * self.most()).contains(&value) {
                return;
            }
            cells[usize::from(cell)] = value as u32;
        }
        write(f, gadget, &cells);
    }

    fn refill(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
        let gadget = self.gadget(r);
        let region = &self.honest.lowered.regions[gadget.region];
        let args: Vec<i64> = region
            .args
            .iter()
            .map(|source| match source {
                ArgSource::Constant(c) => *c,
                ArgSource::Constants(c) => c[gadget.index as usize],
                _ => r.gen_range(-3 * self.most()..=3 * self.most()),
            })
            .collect();
        let mut cells = f.cells(gadget);
        let bits = self.honest.circuit.shape.lane_bits;
        if region.kind.fill(bits, &args, &mut cells).is_ok() {
            write(f, gadget, &cells);
        }
    }

    fn swap(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
        let first = self.gadget(r);
        let count = self.honest.lowered.regions[first.region].count;
        let second = GadgetAt {
            index: r.gen_range(0..count),
            ..first
        };
        let (a, b) = (f.cells(first), f.cells(second));
        write(f, first, &b);
        write(f, second, &a);
    }

    fn lie(&self, f: &mut Forgery, patched: bool, r: &mut ChaCha8Rng) -> Option<()> {
        let graph = &self.sample.builder.graph;
        let held: Vec<usize> = (0..graph.nodes.len())
            .filter(|&n| !graph.nodes[n].op.is_linear() && !matches!(graph.nodes[n].op, Op::Param(_)))
            .collect();
        let node = *held.choose(r)?;
        let by = if r.gen_bool(0.5) { 1 } else { -1 };
        let mut trace = self.trace.clone();
        let mut values = trace.values[node].data().to_vec();
        let element = r.gen_range(0..values.len());
        values[element] += by;
        trace.values[node] = IntTensor::new(graph.nodes[node].shape.clone(), values).ok()?;
        for (n, later) in graph.nodes.iter().enumerate().skip(node + 1) {
            if matches!(later.op, Op::Input(_) | Op::Param(_)) {
                continue;
            }
            let inputs: Vec<&IntTensor> = later.inputs.iter().map(|i| &trace.values[i.index()]).collect();
            trace.values[n] = evaluate(&later.op, graph.lane_bits, &inputs, &later.shape)?;
        }
        f.circuit.witness = Some(self.witness(&self.sample.builder.params, &trace)?);
        if patched {
            self.patch(f, node as u32, element as u32, by);
        }
        Some(())
    }

    /// The first cell of the result of an element changes, where a region holds the node in this order.
    fn patch(&self, f: &mut Forgery, node: u32, element: u32, by: i64) {
        let result = self.trace.values[node as usize].data()[element as usize];
        let of_node = |b: &&Region| b.kind.result().limbs > 0 && b.count > element;
        for (region, b) in f.lowered.clone().regions.iter().enumerate() {
            if !of_node(&b) || b.column_kind != ColumnKind::Lanes || b.layout.constraints.is_empty() {
                continue;
            }
            let gadget = GadgetAt {
                region,
                index: element,
            };
            let mut cells = f.cells(gadget);
            let form = &b.layout.outputs[0];
            let Some((CellRef::Lane(lane), c)) = form.terms.first() else {
                continue;
            };
            let value = i64::from(cells[usize::from(*lane)]) + c.signum() * by;
            if form.on_lanes(&cells) == result && (0..=self.most()).contains(&value) {
                cells[usize::from(*lane)] = value as u32;
                write(f, gadget, &cells);
                return;
            }
        }
    }

    fn witness(&self, params: &Params, trace: &Trace) -> Option<Arc<Witness>> {
        let salts: Vec<Fr> = (1..)
            .take(self.compiled.hashed_tensors().len())
            .map(Fr::from)
            .collect();
        let context: Vec<Fr> = (101..)
            .take(self.compiled.shape().context.into())
            .map(Fr::from)
            .collect();
        let extras = Extras {
            salts: &salts,
            context: &context,
        };
        let graph = &self.sample.builder.graph;
        self.compiled
            .witness_with(graph, params, trace, &extras)
            .ok()?
            .witness
    }

    /// The honest witness of the inputs and parameters that the cells hold; `None` where the executor refuses them.
    fn extracted(&self, f: &Forgery) -> Option<Arc<Witness>> {
        let graph = &self.sample.builder.graph;
        let mut params = self.sample.builder.params.clone();
        let mut inputs = self.sample.inputs.clone();
        let mut seen = HashSet::new();
        for (region, b) in f.lowered.regions.iter().enumerate() {
            if b.column_kind != ColumnKind::Lanes {
                continue;
            }
            for index in 0..b.count {
                let value = b.layout.outputs[0].on_lanes(&f.cells(GadgetAt { region, index }));
                match &b.args[..] {
                    [ArgSource::Param(p, map)] if b.params => {
                        params.tensors[*p as usize][map[index as usize] as usize] = value;
                    }
                    [ArgSource::Node(node)] if self.holds_input(*node, region, &mut seen) => {
                        inputs[self.port(*node)?][index as usize] = value;
                    }
                    [ArgSource::NodeMap(node, map)] if self.holds_input(*node, region, &mut seen) => {
                        inputs[self.port(*node)?][map[index as usize] as usize] = value;
                    }
                    _ => {}
                }
            }
        }
        let tensors = graph.inputs.iter().zip(inputs);
        let tensors: Vec<IntTensor> = tensors
            .map(|(port, x)| IntTensor::new(graph.node(port.node).shape.clone(), x).ok())
            .collect::<Option<_>>()?;
        let trace = execute(graph, &params, &tensors).ok()?;
        self.witness(&params, &trace)
    }

    /// Whether a region is the first one of an input: others are copies.
    fn holds_input(&self, node: u32, region: usize, seen: &mut HashSet<(u32, usize)>) -> bool {
        let is_input = matches!(self.sample.builder.graph.nodes[node as usize].op, Op::Input(_));
        let other = seen.iter().any(|&(n, r)| n == node && r != region);
        is_input && !other && {
            seen.insert((node, region));
            true
        }
    }

    fn port(&self, node: u32) -> Option<usize> {
        self.sample
            .builder
            .graph
            .inputs
            .iter()
            .position(|p| p.node.0 == node)
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

/// Overwrites the cells of a gadget.
fn write(f: &mut Forgery, gadget: GadgetAt, cells: &[u32]) {
    for (cell, &value) in cells.iter().enumerate() {
        let (lane, row) = f.place(gadget, cell);
        f.witness().lanes[lane][row] = value;
    }
}

/// What a witness holds that is read.
#[derive(PartialEq)]
struct Cells {
    gadgets: Vec<Vec<u32>>,
    copied: Vec<i64>,
    public: Vec<Vec<Fr>>,
    hash: Option<Vec<Vec<Fr>>>,
}

fn cells(f: &Forgery) -> Cells {
    let regions = f.lowered.regions.iter().enumerate();
    let lanes = regions.filter(|(_, b)| b.column_kind == ColumnKind::Lanes);
    let gadgets = lanes.flat_map(|(region, b)| (0..b.count).map(move |index| GadgetAt { region, index }));
    let witness = f.circuit.witness.as_ref().expect("a witness");
    Cells {
        gadgets: gadgets.map(|gadget| f.cells(gadget)).collect(),
        copied: witness.copied.clone(),
        public: witness.instances.clone(),
        hash: witness.hash.as_ref().map(|h| h.to_vec()),
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
