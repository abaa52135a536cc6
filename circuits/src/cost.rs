//! The cost model: how many lanes, and how far to fold.
//!
//! A proof costs about as much as its columns have cells: commitment, transforms and openings of
//! a column are linear in its rows, up to a logarithm. Few lanes make many rows, many lanes
//! waste cells of gadgets that do not fill a row.
//!
//! A contract that verifies pays for each commitment (one scalar multiplication), and a tenth of that for
//! each evaluation; wide gates make many operations. [Folding](mod@crate::fold) trades commitments for rows;
//! the prover pays with the evaluation of all gates on each of them.

use crate::form::LinForm;
use crate::lower::{Lowered, lower};
use crate::options::{CircuitOptions, Optimize};
use crate::regions::ColumnKind;
use crate::shape::{CELLS_PER_HELPER, K_RANGE, MAX_FACTORS, MAX_FOLD};
use crate::{Error, Shape};
use std::ops::RangeInclusive;
use zkml_core::graph::{Graph, Params};

/// Numbers of lookup helpers that are tried; lanes fill them.
const HELPERS: RangeInclusive<u16> = 2..=42;

/// The number of lanes that is tried first, to learn how many cells there are.
const FIRST: u16 = 24;

/// Circuits with other lanes have about as many other columns; some of them have fewer.
const SLACK: f64 = 0.9;

/// Numbers of lanes that are tried for a contract, which is not cheapest where a proof is.
const LANES_FOR_EVM: [u16; 14] = [6, 9, 12, 15, 18, 21, 24, 30, 36, 45, 54, 66, 84, 108];

/// Relative cost of columns by kind, in columns of small integers: what is committed to, transformed, opened and read
/// by gates.
struct Weights {
    lane: f64,
    helper: f64,
    full: f64,
    fixed: f64,
    permuted: f64,
    /// Columns that every proof has: the quotient, the random polynomial, the openings.
    common: f64,
}

/// What columns cost the engine. A commitment to full-width numbers takes most of their cost; helpers are sums of
/// few numbers, and fixed columns are committed to once.
const ENGINE: Weights = Weights {
    lane: 1.0,
    helper: 1.3,
    full: 2.5,
    fixed: 0.7,
    permuted: 0.9,
    common: 15.0,
};

/// What columns cost a proof for a contract, against which [`MOST_FOR_EVM`] is set: there is more to gain by few
/// columns, and the bound leaves room for it.
const CONTRACT: Weights = Weights {
    lane: 1.0,
    helper: 1.2,
    full: 1.2,
    fixed: 0.35,
    permuted: 0.7,
    common: 8.0,
};

/// Share of a column's cost that evaluating the gates makes up: a folded circuit pays it for each column
/// of the design.
const GATES_SHARE: f64 = 0.1;

/// Most that proving may cost for a contract's sake, relative to the cheapest circuit.
const MOST_FOR_EVM: f64 = 1.95;

/// Gas of a scalar multiplication, an addition and the loop around them.
const COMMITMENT_GAS: f64 = 6_500.0;
/// Gas of a commitment's calldata and of an evaluation: its calldata, and where it is opened.
const POINT_GAS: f64 = 1_024.0;
const EVALUATION_GAS: f64 = 560.0;
/// Gas of a multiplication and addition of the gates: the mean of a contract of its own, which has
/// them as code, and of the reusable verifier, which reads them as data.
const OPERATION_GAS: f64 = 80.0;

/// Compiles with several numbers of lanes and keeps the cheapest circuit.
///
/// # Errors
/// Those of [`lower`], if it fails with every number.
pub(crate) fn cheapest(
    graph: &Graph,
    params: Option<&Params>,
    options: &CircuitOptions,
) -> Result<Lowered, Error> {
    let mut search = Search {
        lower: &|lanes| lower(graph, params, options, lanes),
        optimize: options.optimize,
        best: None,
        failure: None,
    };
    if options.optimize == Optimize::Evm {
        return search.for_contract();
    }
    search.best_first();
    search.finish()
}

/// A search for the cheapest number of lanes.
struct Search<'a> {
    lower: &'a dyn Fn(u16) -> Result<Lowered, Error>,
    optimize: Optimize,
    best: Option<(f64, Lowered)>,
    failure: Option<Error>,
}

impl Search<'_> {
    /// Compiles with a number of lanes; the circuit, unless it is the best so far.
    fn attempt(&mut self, lanes: u16) -> Option<Lowered> {
        match (self.lower)(lanes) {
            Ok(lowered) => {
                let cost = estimate(&lowered.shape, self.optimize);
                if self.best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    return self.best.replace((cost, lowered)).map(|(_, lowered)| lowered);
                }
                Some(lowered)
            }
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }

    /// Tries numbers of lanes in the order of what they could cost at best, until none of the
    /// rest can be cheaper.
    fn best_first(&mut self) {
        let candidates = HELPERS.map(|helpers| helpers * CELLS_PER_HELPER as u16);
        let mut tried = Vec::new();
        for lanes in std::iter::once(FIRST).chain(candidates.clone()) {
            self.attempt(lanes);
            tried.push(lanes);
            if self.best.is_some() {
                break;
            }
        }
        let Some((_, sample)) = &self.best else { return };
        let (cells, sample) = (lane_cells(sample), sample.shape.clone());
        let at_best = |lanes: u16| {
            let rows = cells.div_ceil(u64::from(lanes)) as usize;
            let shape = Shape {
                lanes,
                ..sample.clone()
            };
            let shape = shape.folded(1, rows.max(1 << sample.lane_bits));
            SLACK * estimate(&shape, self.optimize)
        };
        let mut rest: Vec<(f64, u16)> = candidates
            .filter(|lanes| !tried.contains(lanes))
            .map(|lanes| (at_best(lanes), lanes))
            .collect();
        rest.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (bound, lanes) in rest {
            if self.best.as_ref().is_some_and(|(least, _)| bound >= *least) {
                break;
            }
            self.attempt(lanes);
        }
    }

    /// The circuit whose verification takes least gas, among those that are proven fast enough.
    fn for_contract(mut self) -> Result<Lowered, Error> {
        let mut candidates: Vec<Lowered> = LANES_FOR_EVM
            .into_iter()
            .filter_map(|lanes| self.attempt(lanes))
            .collect();
        let least = self.best.as_ref().map(|(cost, best)| {
            candidates.push(best.clone());
            *cost
        });
        match least.and_then(|cost| for_contract(candidates, MOST_FOR_EVM * cost)) {
            Some(lowered) => Ok(lowered),
            None => self.finish(),
        }
    }

    fn finish(self) -> Result<Lowered, Error> {
        match (self.best, self.failure) {
            (Some((_, best)), _) => Ok(best),
            (None, Some(error)) => Err(error),
            (None, None) => Err(Error::TooLarge {
                rows: usize::MAX,
                max_k: *K_RANGE.end(),
            }),
        }
    }
}

/// Cells that gadgets take in the lanes.
fn lane_cells(lowered: &Lowered) -> u64 {
    let regions = lowered
        .regions
        .iter()
        .filter(|b| b.column_kind == ColumnKind::Lanes);
    regions
        .map(|b| u64::from(b.count) * u64::from(b.layout.width))
        .sum()
}

/// The circuit whose verification takes least gas, among those that are proven for at most `limit`.
fn for_contract(candidates: Vec<Lowered>, limit: f64) -> Option<Lowered> {
    let folded = candidates.into_iter().flat_map(|l| {
        let shape = |fold| l.shape.clone().folded(fold, l.rows);
        let shapes: Vec<Shape> = (1..=MAX_FOLD).map(shape).collect();
        shapes
            .into_iter()
            .map(move |shape| Lowered { shape, ..l.clone() })
    });
    folded
        .filter(|l| l.shape.k <= *K_RANGE.end() && proving(&l.shape, &CONTRACT) <= limit)
        .min_by(|a, b| gas(&a.shape).total_cmp(&gas(&b.shape)))
}

/// Columns by kind: of the design, and of the proof system after folding.
struct Columns {
    lanes: [f64; 2],
    helpers: [f64; 2],
    other_advice: [f64; 2],
    fixed: [f64; 2],
    permuted: f64,
    products: f64,
}

impl Columns {
    fn of(shape: &Shape) -> Self {
        let fold = usize::from(shape.fold);
        let functions = usize::from(!shape.tables.is_empty());
        let lanes = usize::from(shape.lanes);
        // The columns of the hash chip are not folded.
        let hash = if shape.hash { 3 } else { 0 };
        let phase_one = lanes + 2 + functions;
        let helpers = shape.helpers();
        let phase_two = 2 * shape.coefficient_columns.len() + 3 + 2 * functions;
        let permuted = (2 * shape.coefficient_columns.len() + 1).div_ceil(fold) + 1;
        let patterns: usize =
            shape.coefficient_columns.iter().map(Vec::len).sum::<usize>() + shape.evaluations.len();
        let whole = 1
            + 2 * hash
            + usize::from(shape.committed)
            + shape.gates.iter().filter(|g| g.factors() == MAX_FACTORS).count();
        let fixed = 7
            + 2 * hash
            + usize::from(shape.committed)
            + usize::from(shape.fixed_lanes)
            + patterns
            + shape.gates.len()
            + shape.tables.len()
            + 3 * functions;
        let [folded_lanes, folded_helpers] = [lanes, helpers].map(|columns| columns as f64 / fold as f64);
        let folded = phase_one.div_ceil(fold) + (phase_two + helpers).div_ceil(fold) + hash;
        Columns {
            lanes: [lanes as f64, folded_lanes],
            helpers: [helpers as f64, folded_helpers],
            other_advice: [
                (phase_one + phase_two + hash - lanes) as f64,
                folded as f64 - folded_lanes - folded_helpers,
            ],
            fixed: [fixed as f64, (whole + (fixed - whole).div_ceil(fold)) as f64],
            permuted: permuted as f64,
            products: permuted.div_ceil(3) as f64,
        }
    }

    /// Advice columns of the design and of the proof system.
    fn advice(&self) -> [f64; 2] {
        [0, 1].map(|i| self.lanes[i] + self.helpers[i] + self.other_advice[i])
    }
}

fn estimate(shape: &Shape, optimize: Optimize) -> f64 {
    let columns = Columns::of(shape);
    let verifier = columns.advice()[0] + columns.products + columns.fixed[0] + columns.permuted;
    match optimize {
        Optimize::Prover => proving(shape, &ENGINE),
        Optimize::Evm => proving(shape, &CONTRACT),
        // A verifier pays for each column; rows count only where columns are equal.
        Optimize::Verifier => verifier * proving(shape, &ENGINE).powf(0.25),
    }
}

/// Cost of a proof, in cells of lanes.
fn proving(shape: &Shape, weights: &Weights) -> f64 {
    let c = Columns::of(shape);
    let by_kind = |i: usize| {
        c.lanes[i] * weights.lane
            + c.helpers[i] * weights.helper
            + (c.other_advice[i] + c.products) * weights.full
            + c.fixed[i] * weights.fixed
    };
    let gates = GATES_SHARE * (by_kind(0) - by_kind(1));
    shape.rows() as f64 * (by_kind(1) + gates + c.permuted * weights.permuted + weights.common)
}

/// Gas of verifying a proof, up to what all circuits cost.
fn gas(shape: &Shape) -> f64 {
    let c = Columns::of(shape);
    let points = c.advice()[1] + c.products;
    let evaluations = c.advice()[0] + c.fixed[0] + c.permuted + 3.0 * c.products;
    (points + c.fixed[1] + c.permuted) * COMMITMENT_GAS
        + points * POINT_GAS
        + evaluations * EVALUATION_GAS
        + operations(shape) as f64 * OPERATION_GAS
}

/// Multiplications of evaluating the gates once that depend on the lanes: those of the patterns, of the local
/// gates and of the lookups.
fn operations(shape: &Shape) -> usize {
    let form = |f: &LinForm| f.terms.len();
    let patterns = shape
        .coefficient_columns
        .iter()
        .flatten()
        .chain(&shape.evaluations);
    let in_patterns: usize = patterns
        .flat_map(|p| &p.terms)
        .map(|(poly, f)| poly.terms().len() + form(f))
        .sum();
    let constraints = shape.gates.iter().flat_map(|g| &g.constraints);
    let in_gates: usize = constraints
        .flat_map(|c| &c.products)
        .map(|(_, factors)| factors.iter().map(|f| form(f) + 1).sum::<usize>())
        .sum();
    let in_tables: usize = shape
        .tables
        .iter()
        .map(|t| form(&t.id) + form(&t.value) + form(&t.slope))
        .sum();
    // A helper of three cells: their product, its three parts, the sum.
    in_patterns + in_gates + in_tables + shape.helpers() * 2 * CELLS_PER_HELPER
}
