//! Hashed tensors: a chain of the hash chip for each commitment, and the linear constraints that make the
//! elements that it absorbs of the tensors' values ([`crate::commitment`]).
//!
//! Element `c` of a message (the salt is element 0, and free) has the equation
//! `sum_j 2^(bits j) x_j = e_c` with weight `w^c 2^-252`. The element that fills up the last permutation
//! has no values: its equation says that it is 0.

use super::Lowering;
use crate::Error;
use crate::commitment::{ELEMENT_HALVES, TensorForm, packing_halves, tag};
use crate::gadget::Plain;
use crate::linear_constraint::{Coef, Lin};
use crate::mono::Mono;
use crate::options::{CircuitOptions, ParamVisibility, Visibility};
use crate::poseidon::{Chain, RATE, permutations};
use crate::regions::{ArgSource, ColumnKind, RegionId, Role};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use zkml_core::graph::{Graph, NodeId, Op};
use zkml_core::ops::Param;

/// Which tensors a commitment is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HashedRole {
    /// The input with this index in [`Graph::inputs`].
    Input(u32),
    /// The output with this index in [`Graph::outputs`].
    Output(u32),
    /// All parameters, in the order of [`Graph::params`].
    Params,
}

/// The tensors of one commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashedTensors {
    /// Which they are.
    pub role: HashedRole,
    /// What the commitment says of them besides their values.
    pub forms: Vec<TensorForm>,
}

impl HashedTensors {
    /// Elements that the sponge absorbs: the salt, and the packed values.
    fn message_len(&self) -> usize {
        let elements = |f: &TensorForm| f.len().unwrap_or(0).div_ceil(f.values_per_element());
        1 + self.forms.iter().map(elements).sum::<usize>()
    }

    /// The chain that hashes them.
    pub(crate) fn chain(&self) -> Chain {
        Chain {
            capacity: tag(&self.forms),
            permutations: permutations(self.message_len()) as u32,
        }
    }
}

/// A term of a packed value in a row: slot, number of the element, place in it, coefficient.
type Digit = (u32, usize, usize, i64);

/// The most patterns of rows that are packed where they stand; beyond, a copy is cheaper.
const MOST_PATTERNS: usize = 8;

/// The commitments of a graph, in the order of the public values.
pub(super) fn tensors(l: &Lowering<'_>, options: &CircuitOptions) -> Vec<HashedTensors> {
    let graph = l.graph;
    let of_node = |role, id: NodeId| {
        let node = graph.node(id);
        HashedTensors {
            role,
            forms: vec![TensorForm {
                shape: node.shape.clone(),
                scale: node.scale,
                bits: signed_bits(l.bounds[id.index()]),
            }],
        }
    };
    let mut hashed = vec![];
    if options.inputs == Visibility::Hashed {
        let inputs = graph.inputs.iter().zip(0..);
        hashed.extend(
            inputs.map(|(coefficient_column, i)| of_node(HashedRole::Input(i), coefficient_column.node)),
        );
    }
    if options.outputs == Visibility::Hashed {
        let outputs = graph.outputs.iter().zip(0..);
        hashed.extend(
            outputs.map(|(coefficient_column, i)| of_node(HashedRole::Output(i), coefficient_column.node)),
        );
    }
    if options.params == ParamVisibility::Hashed && !graph.params.is_empty() {
        let form = |(i, spec): (usize, &zkml_core::graph::ParamSpec)| TensorForm {
            shape: spec.shape.clone(),
            scale: param_scale(graph, i),
            bits: u32::from(spec.limbs) * graph.lane_bits,
        };
        hashed.push(HashedTensors {
            role: HashedRole::Params,
            forms: graph.params.iter().enumerate().map(form).collect(),
        });
    }
    hashed
}

/// The fewest bits of signed numbers that hold all values within bounds. A circuit admits no value beyond
/// them, so that each is a digit of its own in the packing.
fn signed_bits((lo, hi): (i64, i64)) -> u32 {
    let magnitude = |x: i64| i64::BITS - (x ^ (x >> 63)).leading_zeros();
    1 + magnitude(lo).max(magnitude(hi))
}

/// The scale of the first node that reads a parameter; 0 if none does.
fn param_scale(graph: &Graph, index: usize) -> i32 {
    let reads = |op: &Op| matches!(op, Op::Param(Param { param }) if param.index() == index);
    graph.nodes.iter().find(|n| reads(&n.op)).map_or(0, |n| n.scale)
}

/// Where a hashed tensor's values come from when a witness is made.
enum Source {
    Node(NodeId),
    Param(u32),
}

impl Lowering<'_> {
    /// Binds what chain `chain` absorbs.
    pub(super) fn bind_hashed(&mut self, hashed: &HashedTensors, chain: u32) -> Result<(), Error> {
        let sources: Vec<Source> = match hashed.role {
            HashedRole::Input(i) => vec![Source::Node(self.graph.inputs[i as usize].node)],
            HashedRole::Output(i) => vec![Source::Node(self.graph.outputs[i as usize].node)],
            HashedRole::Params => (0..self.graph.params.len() as u32).map(Source::Param).collect(),
        };
        let mut parts = Vec::with_capacity(sources.len());
        for (form, source) in hashed.forms.iter().zip(&sources) {
            parts.push(self.packable(form, source)?);
        }
        let mut linear_constraint = self.linear_constraints.start_packing();
        let mut element = 1;
        for (form, lins) in hashed.forms.iter().zip(&parts) {
            let m = form.values_per_element();
            for (i, lin) in lins.iter().enumerate() {
                let weight = Mono::w(element + i / m).times(Mono::halves(packing_halves(form.bits, i % m)));
                linear_constraint.add_lin(&self.regions, lin, Coef::mono(weight, 1));
            }
            element += lins.len().div_ceil(m);
        }
        for p in 0..hashed.chain().permutations {
            let weight = Mono::w(RATE * p as usize).times(Mono::halves(ELEMENT_HALVES));
            self.linear_constraints
                .use_message(&linear_constraint, chain, p, weight);
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)
    }

    /// The values of a tensor in rows whose places in packed elements have few patterns: where they
    /// stand, or in a copy with a run for each element.
    fn packable(&mut self, form: &TensorForm, source: &Source) -> Result<Arc<Vec<Lin>>, Error> {
        let lins = match *source {
            Source::Node(id) => self.lins(id)?,
            Source::Param(p) => self.param_lins(p)?,
        };
        let m = form.values_per_element();
        if self.patterns(&lins, m) <= MOST_PATTERNS {
            return Ok(lins);
        }
        let count = lins.len() as u32;
        let (limbs, arg) = match *source {
            Source::Node(id) => (self.limbs_for(id)?, ArgSource::Node(id.0)),
            Source::Param(p) => {
                let identity = Arc::new((0..count).collect());
                (self.graph.params[p as usize].limbs, ArgSource::Param(p, identity))
            }
        };
        let kind = Plain { limbs, signed: true }.into();
        let per_row = self.per_row(&kind)?;
        let copy = self
            .regions
            .place(kind, ColumnKind::Lanes, count, m as u32, per_row, vec![arg]);
        // One variable numbers all values, so that rows of both have the same weights.
        let mut linear_constraint = self.linear_constraints.start();
        for (i, lin) in lins.iter().enumerate() {
            let weight = Mono::v(i);
            linear_constraint.add(
                &self.regions,
                copy,
                Role::Output(0),
                i as u32,
                Coef::mono(weight, -1),
            );
            linear_constraint.add_lin(&self.regions, lin, Coef::mono(weight, 1));
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)?;
        Ok(Arc::new((0..count).map(|i| Lin::element(copy, i)).collect()))
    }

    /// Number of ways in which rows of cells stand to the elements that they are packed in.
    fn patterns(&self, lins: &[Lin], m: usize) -> usize {
        let mut rows: HashMap<(RegionId, u32), Vec<Digit>> = HashMap::new();
        for (i, lin) in lins.iter().enumerate() {
            for &(region, gadget, c) in &lin.terms {
                let (row, slot) = self.regions.region(region).place(gadget);
                rows.entry((region, row))
                    .or_default()
                    .push((slot, i / m, i % m, c));
            }
        }
        let relative = |mut cells: Vec<Digit>| {
            cells.sort_unstable();
            let first = cells.iter().map(|c| c.1).min().unwrap_or(0);
            let last = cells.iter().map(|c| c.2).max().unwrap_or(0);
            cells
                .into_iter()
                .map(|(slot, e, j, c)| (slot, e - first, last - j, c))
                .collect::<Vec<_>>()
        };
        rows.into_values().map(relative).collect::<HashSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::signed_bits;

    #[test]
    fn bits_are_the_fewest() {
        for (bounds, bits) in [
            ((0, 0), 1),
            ((-1, 0), 1),
            ((0, 1), 2),
            ((-2048, 2047), 12),
            ((0, 4095), 13),
            ((-2049, 0), 13),
            ((0, 2048), 13),
            ((1 - (1 << 62), (1 << 62) - 1), 63),
        ] {
            assert_eq!(signed_bits(bounds), bits, "{bounds:?}");
        }
    }
}
