//! The one place that names what the circuits crate offers.

use halo2_proofs::plonk::{Circuit, ConstraintSystem};
use halo2curves::bn256::Fr;
pub(crate) use zkml_circuits::Shape;
pub use zkml_circuits::{CircuitOptions, NetworkCircuit, Optimize, ParamVisibility, Visibility, commitment};
#[cfg(feature = "prover")]
pub use zkml_circuits::{Codes, PhaseColumn, WitnessColumn};

/// The constraint system of a shape, as keys have it: every selector is a fixed column.
pub(crate) fn constraint_system(shape: &Shape) -> ConstraintSystem<Fr> {
    let mut cs = ConstraintSystem::default();
    NetworkCircuit::configure_with_params(&mut cs, shape.clone());
    // Which rows a selector is on in matters to the columns' content only.
    let selectors = vec![Vec::new(); cs.num_selectors()];
    let (cs, _) = cs.directly_convert_selectors_to_fixed(selectors);
    cs
}

#[cfg(feature = "keys")]
pub(crate) use keys::*;
#[cfg(feature = "prover")]
pub(crate) use prover::*;

#[cfg(feature = "keys")]
mod keys {
    use super::*;
    use crate::Error;
    pub(crate) use zkml_circuits::{CompiledCircuit, HashedRole, HashedTensors, PublicRole};
    use zkml_core::graph::{Graph, Params};

    /// Checks a graph that may come from a stranger, and that laying it out takes bounded time and memory.
    pub(crate) fn check_layout_work(graph: &Graph) -> Result<(), Error> {
        Ok(zkml_circuits::check_layout_work(graph)?)
    }

    /// Lays out the circuit of a graph once more: with as many lanes, and the same fold. Parameters are needed where
    /// they are fixed.
    pub(crate) fn compile_again(
        graph: &Graph,
        params: Option<&Params>,
        options: &CircuitOptions,
        layout: (u16, u16),
    ) -> Result<CompiledCircuit, Error> {
        Ok(CompiledCircuit::with_layout(graph, params, options, layout)?)
    }
}

#[cfg(feature = "prover")]
mod prover {
    use super::*;
    use crate::{Error, field};
    pub(crate) use zkml_circuits::Extras;
    use zkml_core::IntTensor;
    pub(crate) use zkml_core::execute::Trace;
    use zkml_core::graph::{Graph, Params};

    /// Checks a graph and its parameters.
    pub(crate) fn validate(graph: &Graph, params: &Params) -> Result<(), Error> {
        graph.validate()?;
        Ok(params.validate(graph)?)
    }

    /// Lays out the circuit of a graph.
    pub(crate) fn compile(
        graph: &Graph,
        params: &Params,
        options: &CircuitOptions,
    ) -> Result<CompiledCircuit, Error> {
        Ok(CompiledCircuit::new(graph, Some(params), options)?)
    }

    /// Runs a graph on integers.
    pub(crate) fn execute(graph: &Graph, params: &Params, inputs: &[IntTensor]) -> Result<Trace, Error> {
        Ok(zkml_core::execute::execute(graph, params, inputs)?)
    }

    /// Fills a circuit with a run.
    pub(crate) fn witness(
        circuit: &CompiledCircuit,
        graph: &Graph,
        params: &Params,
        trace: &Trace,
        extras: &Extras<'_>,
    ) -> Result<NetworkCircuit, Error> {
        Ok(circuit.witness_with(graph, params, trace, extras)?)
    }

    /// The values of the public tensors of a run: one tensor after the other, each row-major.
    pub(crate) fn public_values(
        graph: &Graph,
        params: &Params,
        circuit: &CompiledCircuit,
        trace: &Trace,
    ) -> Vec<Fr> {
        let value = |port: &zkml_core::graph::Port| trace.values[port.node.index()].data();
        let tensor = |role| match role {
            PublicRole::Input(i) => value(&graph.inputs[i as usize]),
            PublicRole::Output(i) => value(&graph.outputs[i as usize]),
            PublicRole::Param(i) => &params.tensors[i as usize],
        };
        let tensors = circuit.public_tensors().iter();
        tensors
            .flat_map(|t| tensor(t.role))
            .map(|x| field::from_integer(*x))
            .collect()
    }
}
