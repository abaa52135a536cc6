//! A compiled circuit: shape, program, and how a trace fills it.

use crate::config::field;
use crate::lower::{HashedRole, HashedTensors, Lowered, PublicRole, PublicTensor, lower};
use crate::network::NetworkCircuit;
use crate::options::CircuitOptions;
use crate::poseidon::sponge;
use crate::program::Program;
use crate::regions::{Aux, Region};
use crate::shape::{K_RANGE, MAX_FOLD, MAX_LANES};
use crate::witness::{Witness, function_multiplicity, hash, lanes, multiplicity, weights};
use crate::{Error, Shape, WitnessColumn, columns, commitment, cost};
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;
use zkml_core::execute::Trace;
use zkml_core::graph::{Graph, NodeId, Params};

/// A circuit for a graph: deterministic in the graph and the options (and the parameters, where
/// they are fixed).
#[derive(Clone, Debug)]
pub struct CompiledCircuit {
    shape: Arc<Shape>,
    /// Rows of the design that are in use.
    rows: usize,
    /// Lanes that it was compiled for.
    lanes: u16,
    program: Arc<Program>,
    regions: Vec<Region>,
    aux: Vec<Aux>,
    copied: Vec<(u32, u32)>,
    public: Vec<PublicTensor>,
    hashed: Vec<HashedTensors>,
}

/// What a witness needs besides an execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// The salt of each of [`CompiledCircuit::hashed_tensors`].
    pub salts: &'a [Fr],
    /// Public values that the circuit says nothing about.
    pub context: &'a [Fr],
}

impl CompiledCircuit {
    /// Compiles a graph with the number of lanes that the cost model prefers. `params` is needed
    /// for [`crate::ParamVisibility::Fixed`] alone.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::TooLarge`], [`Error::MissingParams`], and those of graph validation.
    #[tracing::instrument(level = "debug", name = "lower", skip_all)]
    pub fn new(graph: &Graph, params: Option<&Params>, options: &CircuitOptions) -> Result<Self, Error> {
        graph.validate()?;
        cost::cheapest(graph, params, options).map(Self::from)
    }

    /// Compiles a graph for a given number of lanes.
    ///
    /// # Errors
    /// As [`CompiledCircuit::new`]; also where a gadget does not fit the lanes.
    pub fn with_lanes(
        graph: &Graph,
        params: Option<&Params>,
        options: &CircuitOptions,
        lanes: u16,
    ) -> Result<Self, Error> {
        graph.validate()?;
        lower(graph, params, options, lanes).map(Self::from)
    }

    /// Compiles a graph as [`CompiledCircuit::layout`] says, without looking for a better one.
    ///
    /// # Errors
    /// As [`CompiledCircuit::with_lanes`] and [`CompiledCircuit::folded`]; [`Error::InvalidShape`] for a layout
    /// that no circuit has.
    #[tracing::instrument(level = "debug", name = "lower", skip_all)]
    pub fn with_layout(
        graph: &Graph,
        params: Option<&Params>,
        options: &CircuitOptions,
        (lanes, fold): (u16, u16),
    ) -> Result<Self, Error> {
        if !(1..=MAX_LANES).contains(&lanes) {
            return Err(Error::InvalidShape {
                expected: format!("1 to {MAX_LANES} lanes"),
                found: lanes.to_string(),
            });
        }
        Self::with_lanes(graph, params, options, lanes)?.folded(fold)
    }

    /// The number of lanes and the fold that the circuit was compiled for.
    pub fn layout(&self) -> (u16, u16) {
        (self.lanes, self.shape.fold)
    }

    /// The same circuit with several columns of the design in each column of the proof system, from 1 to 16.
    ///
    /// # Errors
    /// [`Error::InvalidShape`] for another number, [`Error::TooLarge`].
    pub fn folded(mut self, fold: u16) -> Result<Self, Error> {
        if !(1..=MAX_FOLD).contains(&fold) {
            return Err(Error::InvalidShape {
                expected: format!("a fold of 1 to {MAX_FOLD}"),
                found: fold.to_string(),
            });
        }
        let shape = (*self.shape).clone().folded(fold, self.rows);
        if shape.k > *K_RANGE.end() {
            return Err(Error::TooLarge {
                rows: self.rows * usize::from(fold),
                max_k: *K_RANGE.end(),
            });
        }
        shape.validate()?;
        self.shape = Arc::new(shape);
        Ok(self)
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// log2 of the number of rows.
    pub fn k(&self) -> u32 {
        self.shape.k
    }

    /// The public tensors, in the order of the public values.
    pub fn public_tensors(&self) -> &[PublicTensor] {
        &self.public
    }

    /// The circuit without a witness, for key generation.
    pub fn blank(&self) -> NetworkCircuit {
        NetworkCircuit {
            shape: self.shape.clone(),
            program: self.program.clone(),
            witness: None,
        }
    }

    /// The circuit with the witness of one execution, if nothing is hashed and there is no context.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if parameters or trace are of another graph, [`Error::Witness`] if a
    /// value does not fit its cells.
    pub fn witness(&self, graph: &Graph, params: &Params, trace: &Trace) -> Result<NetworkCircuit, Error> {
        self.witness_with(graph, params, trace, &Extras::default())
    }

    /// The circuit with the witness of one execution.
    ///
    /// # Errors
    /// As [`CompiledCircuit::witness`]; [`Error::Mismatch`] for another number of salts than of
    /// commitments, or another length of the context.
    #[tracing::instrument(level = "debug", name = "witness", skip_all)]
    pub fn witness_with(
        &self,
        graph: &Graph,
        params: &Params,
        trace: &Trace,
        extras: &Extras<'_>,
    ) -> Result<NetworkCircuit, Error> {
        params.validate(graph)?;
        let same = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Mismatch {
                what,
                expected,
                found,
            }),
        };
        same("values of the trace", graph.nodes.len(), trace.values.len())?;
        same("salts", self.hashed.len(), extras.salts.len())?;
        same(
            "values of the context",
            self.shape.context.into(),
            extras.context.len(),
        )?;
        let lanes = lanes(&self.shape, &self.regions, &self.aux, params, trace)?;
        let messages = self.messages(graph, params, trace, extras.salts)?;
        let digests = self.program.chains.iter().zip(&messages);
        let public: Vec<Fr> = self
            .public_values(graph, params, trace)?
            .into_iter()
            .map(field)
            .chain(digests.map(|((_, chain), message)| sponge(chain.capacity, message)))
            .chain(extras.context.iter().copied())
            .collect();
        let witness = Witness {
            multiplicity: multiplicity(&self.shape, &lanes),
            function_multiplicity: function_multiplicity(&self.shape, &self.program, &lanes),
            instances: self.shape.split_public(&public),
            copied: self
                .copied
                .iter()
                .flat_map(|&(node, n)| {
                    trace.values[node as usize]
                        .data()
                        .iter()
                        .take(n as usize)
                        .copied()
                })
                .collect(),
            hash: hash(&self.shape, &self.program, &messages),
            lanes,
        };
        Ok(NetworkCircuit {
            shape: self.shape.clone(),
            program: self.program.clone(),
            witness: Some(Arc::new(witness)),
        })
    }

    /// What each chain of the hash chip absorbs.
    fn messages(
        &self,
        graph: &Graph,
        params: &Params,
        trace: &Trace,
        salts: &[Fr],
    ) -> Result<Vec<Vec<Fr>>, Error> {
        let message = |(h, salt): (&HashedTensors, &Fr)| {
            let values = values_of(h, graph, params, trace);
            let tensors: Vec<_> = h.forms.iter().cloned().zip(values).collect();
            commitment::message(&tensors, *salt)
        };
        self.hashed.iter().zip(salts).map(message).collect()
    }

    /// The values that commitment `index` of [`CompiledCircuit::hashed_tensors`] is to, one list for each
    /// of its tensors; `None` beyond the last commitment.
    pub fn hashed_values(
        &self,
        graph: &Graph,
        params: &Params,
        trace: &Trace,
        index: usize,
    ) -> Option<Vec<Vec<i64>>> {
        let hashed = self.hashed.get(index)?;
        let values = values_of(hashed, graph, params, trace);
        Some(values.into_iter().map(<[i64]>::to_vec).collect())
    }

    /// The commitments among the public values: they follow the public tensors, in this order.
    pub fn hashed_tensors(&self) -> &[HashedTensors] {
        &self.hashed
    }

    /// The columns of the proof system that hold the parameters ([`Shape::weight_columns`]), with the
    /// parameters alone: what a model commitment is to. All other rows hold 0.
    ///
    /// # Errors
    /// [`Error::Witness`] for parameters that do not fit their cells.
    pub fn weight_columns(&self, graph: &Graph, params: &Params) -> Result<Vec<WitnessColumn>, Error> {
        Ok(columns::lanes(&self.shape, &self.weights(graph, params)?))
    }

    /// The lanes with the parameters alone.
    pub(crate) fn weights(&self, graph: &Graph, params: &Params) -> Result<Vec<Vec<u32>>, Error> {
        params.validate(graph)?;
        weights(&self.shape, &self.regions, params)
    }

    /// The values of the public tensors of an execution, in the order of
    /// [`CompiledCircuit::public_tensors`].
    ///
    /// # Errors
    /// [`Error::Mismatch`] if a tensor has another length than the circuit's.
    pub fn public_values(&self, graph: &Graph, params: &Params, trace: &Trace) -> Result<Vec<i64>, Error> {
        let mut values = Vec::with_capacity(self.shape.public_values as usize);
        for t in &self.public {
            let data: &[i64] = match t.role {
                PublicRole::Input(i) => trace.values[graph.inputs[i as usize].node.index()].data(),
                PublicRole::Output(i) => trace.values[graph.outputs[i as usize].node.index()].data(),
                PublicRole::Param(i) => &params.tensors[i as usize],
            };
            if data.len() != t.len as usize {
                return Err(Error::Mismatch {
                    what: "elements of a public tensor",
                    expected: t.len as usize,
                    found: data.len(),
                });
            }
            match &t.order {
                None => values.extend_from_slice(data),
                Some(order) => values.extend(order.iter().map(|&i| data[i as usize])),
            }
        }
        Ok(values)
    }
}

/// The values of hashed tensors.
fn values_of<'a>(
    hashed: &HashedTensors,
    graph: &Graph,
    params: &'a Params,
    trace: &'a Trace,
) -> Vec<&'a [i64]> {
    let of_node = |id: NodeId| trace.values[id.index()].data();
    match hashed.role {
        HashedRole::Input(i) => vec![of_node(graph.inputs[i as usize].node)],
        HashedRole::Output(i) => vec![of_node(graph.outputs[i as usize].node)],
        HashedRole::Params => params.tensors.iter().map(Vec::as_slice).collect(),
    }
}

impl From<Lowered> for CompiledCircuit {
    fn from(l: Lowered) -> Self {
        CompiledCircuit {
            shape: Arc::new(l.shape),
            rows: l.rows,
            lanes: l.lanes,
            program: Arc::new(l.program),
            regions: l.regions,
            aux: l.aux,
            copied: l.copied,
            public: l.public,
            hashed: l.hashed,
        }
    }
}
