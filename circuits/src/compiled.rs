//! A compiled circuit: shape, program, and how a trace fills it.

use crate::arena::{Aux, Block};
use crate::config::field;
use crate::lower::{Lowered, PublicRole, PublicTensor, lower};
use crate::network::NetworkCircuit;
use crate::options::CircuitOptions;
use crate::program::Program;
use crate::shape::K_RANGE;
use crate::witness::{Witness, function_multiplicity, lanes, multiplicity};
use crate::{Error, Shape, cost};
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;
use zkml_core::execute::Trace;
use zkml_core::graph::{Graph, Params};

/// A circuit for a graph: deterministic in the graph and the options (and the parameters, where
/// they are fixed).
#[derive(Clone, Debug)]
pub struct CompiledCircuit {
    shape: Arc<Shape>,
    /// Rows of the design that are in use.
    rows: usize,
    program: Arc<Program>,
    blocks: Vec<Block>,
    aux: Vec<Aux>,
    pairs: Vec<(u32, u32)>,
    public: Vec<PublicTensor>,
}

impl CompiledCircuit {
    /// Compiles a graph with the number of lanes that the cost model prefers. `params` is needed
    /// for [`crate::ParamVisibility::Fixed`] alone.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::TooLarge`], [`Error::MissingParams`], and those of graph validation.
    pub fn new(graph: &Graph, params: Option<&Params>, options: &CircuitOptions) -> Result<Self, Error> {
        graph.validate()?;
        cost::cheapest(graph, params, options).map(Self::from)
    }

    /// Compiles a graph for a given number of lanes.
    ///
    /// # Errors
    /// As [`CompiledCircuit::new`]; also where a unit does not fit the lanes.
    pub fn with_lanes(
        graph: &Graph,
        params: Option<&Params>,
        options: &CircuitOptions,
        lanes: u16,
    ) -> Result<Self, Error> {
        graph.validate()?;
        lower(graph, params, options, lanes).map(Self::from)
    }

    /// The same circuit with several columns of the design in each column of the proof system, from 1 to 16.
    ///
    /// # Errors
    /// [`Error::InvalidShape`] for another number, [`Error::TooLarge`].
    pub fn folded(mut self, fold: u16) -> Result<Self, Error> {
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

    /// The circuit with the witness of one execution.
    ///
    /// # Errors
    /// [`Error::Mismatch`] if parameters or trace are of another graph, [`Error::Witness`] if a
    /// value does not fit its cells.
    pub fn witness(&self, graph: &Graph, params: &Params, trace: &Trace) -> Result<NetworkCircuit, Error> {
        params.validate(graph)?;
        if trace.values.len() != graph.nodes.len() {
            return Err(Error::Mismatch {
                what: "values of the trace",
                expected: graph.nodes.len(),
                found: trace.values.len(),
            });
        }
        let lanes = lanes(&self.shape, &self.blocks, &self.aux, params, trace)?;
        let public: Vec<Fr> = self
            .public_values(graph, params, trace)?
            .into_iter()
            .map(field)
            .collect();
        let witness = Witness {
            multiplicity: multiplicity(&self.shape, &lanes),
            function_multiplicity: function_multiplicity(&self.shape, &self.program, &lanes),
            instances: self.shape.split_public(&public),
            pairs: self
                .pairs
                .iter()
                .flat_map(|&(node, n)| {
                    trace.values[node as usize]
                        .data()
                        .iter()
                        .take(n as usize)
                        .copied()
                })
                .collect(),
            lanes,
        };
        Ok(NetworkCircuit {
            shape: self.shape.clone(),
            program: self.program.clone(),
            witness: Some(Arc::new(witness)),
        })
    }

    /// The public values of an execution, in the order of [`CompiledCircuit::public_tensors`].
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

impl From<Lowered> for CompiledCircuit {
    fn from(l: Lowered) -> Self {
        CompiledCircuit {
            shape: Arc::new(l.shape),
            rows: l.rows,
            program: Arc::new(l.program),
            blocks: l.blocks,
            aux: l.aux,
            pairs: l.pairs,
            public: l.public,
        }
    }
}
