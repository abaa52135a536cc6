//! The part of an integer graph that everyone may see.

use crate::artifact::encode;
use crate::backend::{CircuitOptions, ParamVisibility, Shape};
use crate::{Digest, Error};
use zkml_core::graph::Graph;

const WHAT: &str = "this circuit";

/// The graph without the names that no key and no proof shows: those of nodes, and of parameters unless proofs show
/// these by name. Names tell where a model comes from, and the circuit does not depend on them.
pub(crate) fn published(graph: &Graph, params: ParamVisibility) -> Graph {
    let mut graph = graph.clone();
    graph.nodes.iter_mut().for_each(|node| node.name.clear());
    if params != ParamVisibility::Public {
        graph.params.iter_mut().for_each(|spec| spec.name.clear());
    }
    graph
}

/// Digest of an architecture and its circuit: the [`published`] graph, the visibility of its tensors, and the circuit's
/// shape.
pub(crate) fn model_digest(
    published: &Graph,
    options: &CircuitOptions,
    shape: &Shape,
) -> Result<Digest, Error> {
    Ok(Digest::of(
        b"zkml-model",
        &[
            &encode(WHAT, published)?,
            &encode(WHAT, options)?,
            &encode(WHAT, shape)?,
        ],
    ))
}
