//! The honest witness of what forged cells hold.

use super::Target;
use crate::Extras;
use crate::regions::ArgSource;
use crate::soundness::{ColumnKind, Forgery, GadgetAt};
use crate::witness::Witness;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::HashMap;
use std::sync::Arc;
use zkml_core::IntTensor;
use zkml_core::execute::{Trace, execute};
use zkml_core::graph::{Op, Params};

impl Target {
    pub(super) fn witness(&self, params: &Params, trace: &Trace) -> Option<Arc<Witness>> {
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
    pub(super) fn extracted(&self, f: &Forgery) -> Option<Arc<Witness>> {
        let graph = &self.sample.builder.graph;
        let mut params = self.sample.builder.params.clone();
        let mut inputs = self.sample.inputs.clone();
        let mut first = HashMap::new();
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
                    [ArgSource::Node(node)] if self.holds_input(*node, region, &mut first) => {
                        inputs[self.port(*node)?][index as usize] = value;
                    }
                    [ArgSource::NodeMap(node, map)] if self.holds_input(*node, region, &mut first) => {
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
    fn holds_input(&self, node: u32, region: usize, first: &mut HashMap<u32, usize>) -> bool {
        let is_input = matches!(self.sample.builder.graph.nodes[node as usize].op, Op::Input(_));
        is_input && *first.entry(node).or_insert(region) == region
    }

    fn port(&self, node: u32) -> Option<usize> {
        self.sample
            .builder
            .graph
            .inputs
            .iter()
            .position(|p| p.node.0 == node)
    }
}

/// What a witness holds that is read.
#[derive(PartialEq)]
pub(super) struct Cells {
    gadgets: Vec<Vec<u32>>,
    copied: Vec<i64>,
    public: Vec<Vec<Fr>>,
    hash: Option<Vec<Vec<Fr>>>,
}

/// The cells of a witness that are read.
pub(super) fn cells(f: &Forgery) -> Cells {
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
