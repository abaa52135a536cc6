//! The cost model: how many lanes.
//!
//! A proof costs about as much as its columns have cells: commitment, transforms and openings of
//! a column are linear in its rows, up to a logarithm. Few lanes make many rows, many lanes
//! waste cells of units that do not fill a row.

use crate::lower::{Lowered, lower};
use crate::options::{CircuitOptions, Optimize};
use crate::{Error, Shape};
use zkml_core::graph::{Graph, Params};

/// Numbers of lanes that are tried: multiples of the cells of a lookup helper.
const LANES: [u16; 14] = [6, 9, 12, 15, 18, 21, 24, 30, 36, 45, 54, 66, 84, 108];

/// Relative cost of a column by kind, in commitments of full-width columns: small numbers commit
/// faster, fixed columns are committed once.
const LANE_COST: f64 = 1.0;
const FULL_COST: f64 = 1.2;
const FIXED_COST: f64 = 0.35;
const PERMUTED_COST: f64 = 0.7;

/// Compiles with each number of lanes and keeps the cheapest.
pub(crate) fn cheapest(
    graph: &Graph,
    params: Option<&Params>,
    options: &CircuitOptions,
) -> Result<Lowered, Error> {
    let mut best: Option<(f64, Lowered)> = None;
    let mut failure = None;
    for lanes in LANES {
        match lower(graph, params, options, lanes) {
            Ok(l) => {
                let cost = estimate(&l.shape, options.optimize);
                if best.as_ref().is_none_or(|(c, _)| cost < *c) {
                    best = Some((cost, l));
                } else if best.as_ref().is_some_and(|(c, _)| cost > 1.5 * c) {
                    // Wider is dearer from here on.
                    break;
                }
            }
            Err(e) => failure = Some(e),
        }
    }
    match (best, failure) {
        (Some((_, l)), _) => Ok(l),
        (None, Some(e)) => Err(e),
        (None, None) => Err(Error::TooLarge {
            rows: usize::MAX,
            max_k: *crate::shape::K_RANGE.end(),
        }),
    }
}

/// Number of columns of a shape by kind: lanes, other advice, fixed, permuted.
fn columns(shape: &Shape) -> [f64; 4] {
    let functions = if shape.tables.is_empty() { 0 } else { 3 };
    let permuted = 2 * shape.ports.len() + 2;
    let products = permuted.div_ceil(3);
    let advice = 1 + permuted + 2 + shape.helpers() + functions + products;
    let patterns: usize = shape.ports.iter().map(Vec::len).sum::<usize>() + shape.runs.len();
    let fixed =
        7 + usize::from(shape.fixed_lanes) + patterns + shape.gates.len() + shape.tables.len() + functions;
    [
        f64::from(shape.lanes),
        advice as f64,
        fixed as f64,
        permuted as f64,
    ]
}

fn estimate(shape: &Shape, optimize: Optimize) -> f64 {
    let [lanes, advice, fixed, permuted] = columns(shape);
    let rows = shape.rows() as f64;
    let prover =
        rows * (lanes * LANE_COST + advice * FULL_COST + fixed * FIXED_COST + permuted * PERMUTED_COST + 8.0);
    let verifier = lanes + advice + fixed + permuted;
    match optimize {
        Optimize::Prover => prover,
        // A verifier pays for each column; rows count only where columns are equal.
        Optimize::Verifier | Optimize::Evm => verifier * prover.powf(0.25),
    }
}
