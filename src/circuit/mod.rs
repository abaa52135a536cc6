//! Circuit files: all that it takes to make a model's keys, without its weights.
//!
//! A verifying key is what its maker says it is: one whose columns leave out constraints looks like the honest one and
//! accepts false outputs. From a circuit file, which says what is computed, anyone makes the key again and compares.
//!
//! A file comes from a stranger. Its graph is checked, the work of laying it out is bounded before it is laid out, and
//! its size is compared with the key's before columns are allocated.

mod check;
mod file;
mod graph;

#[cfg(feature = "prover")]
pub(crate) use graph::model_digest;
pub(crate) use graph::published;

#[cfg(feature = "prover")]
use crate::backend::CompiledCircuit;
use crate::backend::{self, CircuitOptions, ParamVisibility};
use crate::schema::{self, TensorInfo};
use crate::transcript::TranscriptKind;
use crate::{Digest, Error};
use zkml_core::graph::{Graph, Params};

/// A model's circuit as it is published: the integer graph with shapes, scales, shifts and function tables, who may see
/// which tensors, the layout, and the values of those parameters that everyone sees.
///
/// Nodes and hidden parameters have no names in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Circuit {
    graph: Graph,
    options: CircuitOptions,
    layout: (u16, u16),
    transcript: TranscriptKind,
    params: Option<Params>,
    model_digest: Digest,
    digest: Digest,
}

impl Circuit {
    /// The circuit of a model that was laid out so.
    #[cfg(feature = "prover")]
    pub(crate) fn of_model(
        graph: &Graph,
        params: &Params,
        options: CircuitOptions,
        circuit: &CompiledCircuit,
        transcript: TranscriptKind,
    ) -> Result<Self, Error> {
        let graph = published(graph, options.params);
        let model_digest = model_digest(&graph, &options, circuit.shape())?;
        let shown = matches!(options.params, ParamVisibility::Fixed | ParamVisibility::Public);
        Self {
            graph,
            options,
            layout: circuit.layout(),
            transcript,
            params: shown.then(|| params.clone()),
            model_digest,
            digest: Digest::from([0; 32]),
        }
        .checked()
    }

    /// Checks everything but that the layout is the one that the digest names, and takes the digest of the content.
    fn checked(mut self) -> Result<Self, Error> {
        backend::check_layout_work(&self.graph)?;
        if published(&self.graph, self.options.params) != self.graph {
            return Err(malformed(
                "expected no names of nodes and of hidden parameters, found some",
            ));
        }
        let shown = matches!(
            self.options.params,
            ParamVisibility::Fixed | ParamVisibility::Public
        );
        if shown != self.params.is_some() {
            return Err(malformed(
                "expected the values of fixed and public parameters, and of no others",
            ));
        }
        if let Some(params) = &self.params {
            params.validate(&self.graph)?;
        }
        schema::check_plain(self.graph.inputs.iter().chain(&self.graph.outputs))?;
        self.digest = Digest::of(b"zkml-circuit", &[&self.payload()?]);
        Ok(self)
    }

    /// Digest of the circuit: of the file's content.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Digest of the model's architecture, as keys state it.
    pub fn model_digest(&self) -> &Digest {
        &self.model_digest
    }

    /// The integer graph, without names of nodes and hidden parameters.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Who may see which tensors, and what the layout was chosen for.
    pub fn options(&self) -> &CircuitOptions {
        &self.options
    }

    /// The hash that the challenges of its proofs come from.
    pub fn transcript(&self) -> TranscriptKind {
        self.transcript
    }

    /// The values of the parameters, if everyone sees them.
    pub fn params(&self) -> Option<&Params> {
        self.params.as_ref()
    }

    /// The inputs.
    pub fn inputs(&self) -> Vec<TensorInfo> {
        schema::inputs(&self.graph)
    }

    /// The outputs.
    pub fn outputs(&self) -> Vec<TensorInfo> {
        schema::outputs(&self.graph)
    }
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("circuit", reason)
}
