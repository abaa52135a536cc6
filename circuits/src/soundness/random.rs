//! Random graphs: the circuit accepts exactly what the executor computes.

use super::common::Builder;
use super::common::samples::Sample;
use super::{CONSTRAINT_SUM, Forgery};
use crate::Error;
use crate::assurance::RandomGraph;
use crate::lower::lower;
use std::collections::BTreeSet;

/// Lanes of the circuits: every gadget of a random graph fits.
pub(super) const LANES: u16 = 24;

/// The random graph with this seed, if there is one and the compiler takes it.
pub(crate) fn compilable(seed: u64) -> Option<Sample> {
    let RandomGraph {
        graph,
        params,
        options,
        inputs,
    } = RandomGraph::new(seed)?;
    match lower(&graph, Some(&params), &options, LANES) {
        Ok(lowered) => super::audit::audit(&lowered),
        Err(Error::Unsupported { .. } | Error::TooWide { .. }) => return None,
        Err(e) => panic!("seed {seed}: {e}"),
    }
    Some(Sample {
        name: "random",
        builder: Builder { graph, params },
        options,
        inputs,
    })
}

#[test]
fn circuits_accept_exactly_what_the_executor_computes() {
    let (mut proven, mut seen) = (0, BTreeSet::new());
    for seed in 0..150 {
        let Some(sample) = compilable(seed) else {
            continue;
        };
        let honest = Forgery::with_lanes(&sample, LANES);
        assert_eq!(honest.failures(), BTreeSet::new(), "seed {seed}");
        proven += 1;
        seen.extend(sample.builder.graph.nodes.iter().map(|n| n.op.name()));
        for tensor in 0..honest.lowered.public.len() {
            let mut forged = honest.clone();
            let len = forged.lowered.public[tensor].len;
            forged.linear_constraint(tensor, seed as u32 % len, 1);
            forged.rejected_by(&[CONSTRAINT_SUM]);
        }
    }
    assert!(proven >= 40, "only {proven} graphs were compiled");
    assert!(seen.len() >= 18, "only these operations: {seen:?}");
}
