//! How an adversary changes witnesses.

use super::Target;
use crate::form::CellRef;
use crate::regions::{ArgSource, Region};
use crate::soundness::{ColumnKind, Forgery, GadgetAt};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use zkml_core::IntTensor;
use zkml_core::graph::Op;
use zkml_core::ops::evaluate;

impl Target {
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

    pub(super) fn scatter(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
        let gadget = self.gadget(r);
        let mut cells = f.cells(gadget);
        let cell = r.gen_range(0..cells.len());
        cells[cell] = r.gen_range(0..=self.most()) as u32;
        write(f, gadget, &cells);
    }

    pub(super) fn trade(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
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

    pub(super) fn refill(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
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

    pub(super) fn swap(&self, f: &mut Forgery, r: &mut ChaCha8Rng) {
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

    pub(super) fn lie(&self, f: &mut Forgery, patched: bool, r: &mut ChaCha8Rng) -> Option<()> {
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
}

/// Overwrites the cells of a gadget.
fn write(f: &mut Forgery, gadget: GadgetAt, cells: &[u32]) {
    for (cell, &value) in cells.iter().enumerate() {
        let (lane, row) = f.place(gadget, cell);
        f.witness().lanes[lane][row] = value;
    }
}
