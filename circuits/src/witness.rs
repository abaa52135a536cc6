//! The witness: lane cells from a trace of the executor, and the columns of the later phases
//! from the challenges.

use crate::arena::{ArgSource, Aux, Bank, Block};
use crate::config::{Challenges, field};
use crate::form::{CellRef, Pattern};
use crate::mono::Poly;
use crate::poseidon::WIDTH;
use crate::program::{PortUse, Program};
use crate::scalar::{Scalar, ScalarId};
use crate::{Error, Shape};
use ff::{BatchInvert, Field};
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::BTreeMap;
use zkml_core::execute::Trace;
use zkml_core::graph::Params;

/// Phase-1 cells and what the later phases are computed from.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    /// Cells by lane and row; rows after the last used one hold 0.
    pub lanes: Vec<Vec<u32>>,
    /// How often each value of the range table stands in the lanes.
    pub multiplicity: Vec<u32>,
    /// How often each row of the function tables is looked up.
    pub function_multiplicity: Vec<u32>,
    /// Public values by instance column.
    pub instances: Vec<Vec<Fr>>,
    /// The pair cells.
    pub pairs: Vec<i64>,
    /// The columns of the hash chip, if there is one.
    pub hash: Option<[Vec<Fr>; WIDTH]>,
}

/// Columns of phase 2.
#[derive(Debug)]
pub(crate) struct PhaseTwo {
    pub ports: Vec<[Vec<Fr>; 2]>,
    pub run: Vec<Fr>,
    pub sum: Vec<Fr>,
    pub helpers: Vec<Vec<Fr>>,
    pub table_helper: Vec<Fr>,
    pub functions: Option<[Vec<Fr>; 2]>,
}

/// Arguments of a unit whose arguments are parameters.
pub(crate) fn param_args(block: &Block, unit: u32, params: &Params) -> Result<Vec<i64>, Error> {
    block
        .args
        .iter()
        .map(|a| match a {
            ArgSource::Param(p, map) => Ok(params.tensors[*p as usize][map[unit as usize] as usize]),
            _ => Err(Error::MissingParams),
        })
        .collect()
}

/// The columns of the hash chip for these messages.
pub(crate) fn hash(shape: &Shape, program: &Program, messages: &[Vec<Fr>]) -> Option<[Vec<Fr>; WIDTH]> {
    shape.hash.then(|| {
        let mut columns = std::array::from_fn(|_| vec![Fr::ZERO; shape.active_rows()]);
        for ((first, chain), message) in program.chains.iter().zip(messages) {
            for (row, cells) in (*first as usize..).zip(chain.cells(message)) {
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column[row] = cell;
                }
            }
        }
        columns
    })
}

/// The lanes with parameters alone: rows of anything else hold 0.
pub(crate) fn weights(shape: &Shape, blocks: &[Block], params: &Params) -> Result<Vec<Vec<u32>>, Error> {
    let mut lanes = vec![vec![0u32; shape.active_rows()]; usize::from(shape.lanes)];
    for block in blocks.iter().filter(|b| b.params && b.bank == Bank::Lanes) {
        let idle = block.kind.idle_args();
        let mut cells = vec![0u32; usize::from(block.layout.width)];
        for row in 0..block.rows() {
            let units = block.units_on(row);
            for slot in 0..block.per_row {
                let unit = units.start + slot;
                let args = match unit < units.end {
                    true => param_args(block, unit, params)?,
                    false => idle.clone(),
                };
                block.kind.fill(shape.lane_bits, &args, &mut cells)?;
                for (i, &cell) in cells.iter().enumerate() {
                    lanes[block.lane(slot, i)][(block.first_row + row) as usize] = cell;
                }
            }
        }
    }
    Ok(lanes)
}

/// Fills the lanes.
pub(crate) fn lanes(
    shape: &Shape,
    blocks: &[Block],
    aux: &[Aux],
    params: &Params,
    trace: &Trace,
) -> Result<Vec<Vec<u32>>, Error> {
    let mut lanes = vec![vec![0u32; shape.active_rows()]; usize::from(shape.lanes)];
    let aux: Vec<Vec<i64>> = aux.iter().map(|a| auxiliary(a, trace)).collect();
    let mut results: Vec<Vec<i64>> = vec![vec![]; blocks.len()];
    let read_later: std::collections::HashSet<usize> = blocks
        .iter()
        .flat_map(|b| &b.args)
        .filter_map(|a| {
            if let ArgSource::Block(id, _) = a {
                Some(id.0 as usize)
            } else {
                None
            }
        })
        .collect();
    for (index, block) in blocks.iter().enumerate() {
        let keep = read_later.contains(&index);
        if block.bank == Bank::Fixed && !keep {
            continue;
        }
        let width = usize::from(block.layout.width);
        let idle = block.kind.idle_args();
        let mut cells = vec![0u32; width];
        let mut args = vec![0i64; block.args.len()];
        for row in 0..block.rows() {
            let units = block.units_on(row);
            for slot in 0..block.per_row {
                let unit = units.start + slot;
                if unit < units.end {
                    for (value, source) in args.iter_mut().zip(&block.args) {
                        *value = argument(source, unit as usize, params, trace, &aux, &results);
                    }
                    block.kind.fill(shape.lane_bits, &args, &mut cells)?;
                    if keep {
                        results[index].push(block.layout.outputs[0].on_lanes(&cells));
                    }
                } else {
                    block.kind.fill(shape.lane_bits, &idle, &mut cells)?;
                }
                if block.bank == Bank::Lanes {
                    for (i, &cell) in cells.iter().enumerate() {
                        lanes[block.lane(slot, i)][(block.first_row + row) as usize] = cell;
                    }
                }
            }
        }
    }
    Ok(lanes)
}

fn argument(
    source: &ArgSource,
    unit: usize,
    params: &Params,
    trace: &Trace,
    aux: &[Vec<i64>],
    results: &[Vec<i64>],
) -> i64 {
    match source {
        ArgSource::Node(n) => trace.values[*n as usize].data()[unit],
        ArgSource::NodeMap(n, map) => trace.values[*n as usize].data()[map[unit] as usize],
        ArgSource::Param(p, map) => params.tensors[*p as usize][map[unit] as usize],
        ArgSource::Constant(c) => *c,
        ArgSource::Constants(c) => c[unit],
        ArgSource::Block(b, map) => results[b.0 as usize][map[unit] as usize],
        ArgSource::Aux(a) => aux[*a as usize][unit],
    }
}

fn auxiliary(aux: &Aux, trace: &Trace) -> Vec<i64> {
    if let Aux::Spare { conv, left, right } = aux {
        let (x, k) = (
            trace.values[*left as usize].data(),
            trace.values[*right as usize].data(),
        );
        let spare = conv.spare_exponents();
        let rows = conv.batch * conv.out_channels * conv.out[0];
        return (0..rows)
            .into_par_iter()
            .flat_map_iter(|i| {
                let (y, rest) = (i % conv.out[0], i / conv.out[0]);
                let (o, b) = (rest % conv.out_channels, rest / conv.out_channels);
                spare.iter().map(move |&e| conv.coefficient(x, k, b, o, y, e))
            })
            .collect();
    }
    let (Aux::Distance { node, groups }
    | Aux::Marker { node, groups }
    | Aux::Before { node, groups }
    | Aux::Largest { node, groups }) = aux
    else {
        return vec![];
    };
    let values = trace.values[*node as usize].data();
    let mut out = vec![];
    for group in groups {
        let of = |i: usize| values[group[i] as usize];
        // The first of the largest.
        let first = (0..group.len()).rev().max_by_key(|&i| of(i)).unwrap_or(0);
        match aux {
            Aux::Distance { .. } => out.extend((0..group.len()).map(|i| of(first) - of(i))),
            Aux::Marker { .. } => out.extend((0..group.len()).map(|i| i64::from(i == first))),
            Aux::Before { .. } => out.extend((0..group.len()).map(|i| i64::from(i < first))),
            Aux::Largest { .. } => out.push(of(first)),
            Aux::Spare { .. } => {}
        }
    }
    out
}

/// How often each value stands in the lanes, over all active rows.
pub(crate) fn multiplicity(shape: &Shape, lanes: &[Vec<u32>]) -> Vec<u32> {
    let mut count = vec![0u32; 1 << shape.lane_bits];
    for &cell in lanes.iter().flatten() {
        if let Some(count) = count.get_mut(cell as usize) {
            *count += 1;
        }
    }
    count
}

/// How often each row of the function tables is looked up.
pub(crate) fn function_multiplicity(shape: &Shape, program: &Program, lanes: &[Vec<u32>]) -> Vec<u32> {
    let mut count = vec![0u32; program.tables.0.len() + 1];
    for (_, id) in function_rows(shape, program, lanes) {
        if let Some(count) = count.get_mut(id) {
            *count += 1;
        }
    }
    count
}

/// Row and table row of every function lookup.
fn function_rows<'a>(
    shape: &'a Shape,
    program: &'a Program,
    lanes: &'a [Vec<u32>],
) -> impl Iterator<Item = (usize, usize)> + 'a {
    program.table_rows.iter().flat_map(move |&(lookup, first, rows)| {
        let id = &shape.tables[usize::from(lookup)].id;
        (first as usize..(first + rows) as usize).map(move |row| {
            let sum: i64 = id
                .terms
                .iter()
                .map(|(cell, c)| match cell {
                    CellRef::Lane(l) => i64::from(lanes[usize::from(*l)][row]) * c,
                    _ => 0,
                })
                .sum();
            (row, (sum + id.constant) as usize)
        })
    })
}

impl Witness {
    /// The columns of phase 2.
    pub fn phase_two(&self, shape: &Shape, program: &Program, ch: &Challenges<Fr>) -> PhaseTwo {
        let rows = shape.active_rows();
        let cells = Cells::new(self, shape, program);
        let runs = RunEvaluator::new(&cells, shape, program, ch);
        let mut run = vec![Fr::ZERO; rows];
        let scalars = scalars(&program.scalars, &self.pairs, ch, |j, scalars| {
            runs.evaluate(j, scalars, &mut run)
        });
        let ports = port_columns(shape, program, &scalars);

        let mut inverse: Vec<Fr> = (0..1u64 << shape.lane_bits)
            .map(|x| ch.alpha + Fr::from(x))
            .collect();
        inverse.iter_mut().batch_invert();
        // Every cell of an honest witness is in the table; a cell beyond it has an inverse too, and no
        // multiplicity that balances it.
        let inverse_of = |cell: u32| {
            inverse.get(cell as usize).copied().unwrap_or_else(|| {
                (ch.alpha + Fr::from(u64::from(cell)))
                    .invert()
                    .unwrap_or(Fr::ZERO)
            })
        };
        let helpers: Vec<Vec<Fr>> = self
            .lanes
            .par_chunks(crate::shape::CELLS_PER_HELPER)
            .map(|cells| {
                (0..rows)
                    .map(|r| cells.iter().map(|c| inverse_of(c[r])).sum())
                    .collect()
            })
            .collect();
        // Rows of the range table beyond its values hold the value 0, with multiplicity 0.
        let mut table_helper = vec![Fr::ZERO; rows];
        for (h, (m, inv)) in table_helper
            .iter_mut()
            .zip(self.multiplicity.iter().zip(&inverse))
        {
            *h = *inv * Fr::from(u64::from(*m));
        }

        let mut delta: Vec<Fr> = (0..rows)
            .into_par_iter()
            .map(|r| helpers.iter().map(|h| h[r]).sum::<Fr>() - table_helper[r])
            .collect();
        let functions = (!shape.tables.is_empty()).then(|| {
            let mut inverse = fingerprints(program, ch);
            inverse.iter_mut().batch_invert();
            let mut helper = vec![Fr::ZERO; rows];
            for (row, id) in function_rows(shape, program, &self.lanes) {
                let inverse = inverse.get(id).copied().unwrap_or(Fr::ZERO);
                helper[row] = inverse;
                delta[row] += ch.tau * inverse;
            }
            let mut table_helper = vec![Fr::ZERO; rows];
            for (r, (m, inv)) in self.function_multiplicity.iter().zip(&inverse).enumerate() {
                table_helper[r] = *inv * Fr::from(u64::from(*m));
                delta[r] -= ch.tau * table_helper[r];
            }
            [helper, table_helper]
        });
        add_claims(&cells, shape, program, ch, &scalars, &mut delta);

        let mut sum = Vec::with_capacity(rows + 1);
        let mut acc = Fr::ZERO;
        sum.push(acc);
        for d in delta {
            acc += d;
            sum.push(acc);
        }
        PhaseTwo {
            ports,
            run,
            sum,
            helpers,
            table_helper,
            functions,
        }
    }
}

/// All cells that patterns read.
struct Cells<'a> {
    lanes: &'a [Vec<u32>],
    fixed: Vec<Vec<u32>>,
    instances: &'a [Vec<Fr>],
    pairs: Vec<Fr>,
    hash: Option<&'a [Vec<Fr>; WIDTH]>,
}

impl<'a> Cells<'a> {
    fn new(witness: &'a Witness, shape: &Shape, program: &Program) -> Self {
        let mut pairs = vec![Fr::ZERO; shape.active_rows()];
        for (&row, &p) in program.pair_rows.iter().zip(&witness.pairs) {
            pairs[row as usize] = field(p);
        }
        let mut fixed = vec![vec![0u32; shape.active_rows()]; usize::from(shape.fixed_lanes)];
        for &(lane, row, value) in &program.fixed_cells {
            fixed[usize::from(lane)][row as usize] = value;
        }
        Cells {
            lanes: &witness.lanes,
            fixed,
            instances: &witness.instances,
            pairs,
            hash: witness.hash.as_ref(),
        }
    }

    /// A cell times a field element.
    fn times(&self, cell: CellRef, row: usize, c: Fr) -> Fr {
        match cell {
            CellRef::Lane(l) => c * Fr::from(u64::from(self.lanes[usize::from(l)][row])),
            CellRef::Fixed(l) => c * Fr::from(u64::from(self.fixed[usize::from(l)][row])),
            CellRef::Instance(i) => {
                c * self.instances[usize::from(i)]
                    .get(row)
                    .copied()
                    .unwrap_or(Fr::ZERO)
            }
            CellRef::Pair => c * self.pairs[row],
            CellRef::Hash(i) => self.hash.map_or(Fr::ZERO, |h| c * h[usize::from(i)][row]),
        }
    }
}

/// A pattern at the challenges: one coefficient for each cell, and a constant.
struct EvaluatedPattern {
    cells: Vec<(CellRef, Fr)>,
    constant: Fr,
}

impl EvaluatedPattern {
    fn new(pattern: &Pattern, ch: &Challenges<Fr>) -> Self {
        let mut cells: BTreeMap<CellRef, Fr> = BTreeMap::new();
        let mut constant = Fr::ZERO;
        for (poly, form) in &pattern.terms {
            let poly = evaluate(poly, ch);
            constant += poly * field(form.constant);
            for &(cell, c) in &form.terms {
                *cells.entry(cell).or_insert(Fr::ZERO) += poly * field(c);
            }
        }
        EvaluatedPattern {
            cells: cells.into_iter().collect(),
            constant,
        }
    }

    fn on(&self, cells: &Cells<'_>, row: usize) -> Fr {
        self.cells
            .iter()
            .map(|&(cell, c)| cells.times(cell, row, c))
            .sum::<Fr>()
            + self.constant
    }
}

/// Evaluates runs, with the patterns of all rows computed beforehand.
struct RunEvaluator<'a> {
    program: &'a Program,
    patterns: Vec<Vec<Fr>>,
}

impl<'a> RunEvaluator<'a> {
    fn new(cells: &Cells<'_>, shape: &Shape, program: &'a Program, ch: &Challenges<Fr>) -> Self {
        let evaluated: Vec<EvaluatedPattern> =
            shape.runs.iter().map(|p| EvaluatedPattern::new(p, ch)).collect();
        let of_step = |u: &PortUse| evaluated[usize::from(u.pattern)].on(cells, u.row as usize);
        let patterns = program
            .runs
            .par_iter()
            .map(|r| r.steps.iter().map(of_step).collect())
            .collect();
        RunEvaluator { program, patterns }
    }

    /// The result of run `j`; writes its rows of the run column.
    fn evaluate(&self, j: usize, scalars: &[Fr], run: &mut [Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for (step, pattern) in self.program.runs[j].steps.iter().zip(&self.patterns[j]) {
            sum += scalars[step.a.0 as usize] * scalars[step.b.0 as usize] * pattern;
            run[step.row as usize] = sum;
        }
        sum
    }
}

/// Adds what the ports' patterns are worth to the steps of the claim sum.
fn add_claims(
    cells: &Cells<'_>,
    shape: &Shape,
    program: &Program,
    ch: &Challenges<Fr>,
    scalars: &[Fr],
    delta: &mut [Fr],
) {
    for (patterns, uses) in shape.ports.iter().zip(&program.ports) {
        let evaluated: Vec<EvaluatedPattern> =
            patterns.iter().map(|p| EvaluatedPattern::new(p, ch)).collect();
        let values: Vec<Fr> = uses
            .par_iter()
            .map(|u| {
                evaluated[usize::from(u.pattern)].on(cells, u.row as usize)
                    * scalars[u.a.0 as usize]
                    * scalars[u.b.0 as usize]
            })
            .collect();
        for (u, value) in uses.iter().zip(values) {
            delta[u.row as usize] += value;
        }
    }
}

/// `alpha + i + gamma c + gamma^2 s` of every row of the function tables.
fn fingerprints(program: &Program, ch: &Challenges<Fr>) -> Vec<Fr> {
    table_tuples(program)
        .into_iter()
        .map(|[i, c, s]| ch.alpha + field(i) + ch.gamma * (field(c) + ch.gamma * field(s)))
        .collect()
}

/// Rows of the function tables. One more row than the tables have, which no index reaches,
/// keeps the columns from being zero, and fills the rest.
pub(crate) fn table_tuples(program: &Program) -> Vec<[i64; 3]> {
    let rows = &program.tables.0;
    let sentinel = [rows.len() as i64, 1, 1];
    rows.iter()
        .enumerate()
        .map(|(i, &(c, s))| [i as i64, c, s])
        .chain([sentinel])
        .collect()
}

/// All scalars at the challenges; `run` evaluates a run from the scalars before it.
fn scalars(
    nodes: &[Scalar],
    pairs: &[i64],
    ch: &Challenges<Fr>,
    mut run: impl FnMut(usize, &[Fr]) -> Fr,
) -> Vec<Fr> {
    let mut values: Vec<Fr> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let at = |id: ScalarId| values[id.0 as usize];
        let value = match *node {
            Scalar::U => ch.u,
            Scalar::V => ch.v,
            Scalar::W => ch.w,
            Scalar::Sigma => ch.sigma,
            Scalar::Tau => ch.tau,
            Scalar::One => Fr::ONE,
            Scalar::MinusOne => -Fr::ONE,
            Scalar::Half => Fr::from(2).invert().unwrap_or(Fr::ZERO),
            Scalar::Pair(j) => field(pairs[j as usize]),
            Scalar::Run(j) => run(j as usize, &values),
            Scalar::Mac(a, b, c) => at(a) * at(b) + at(c),
        };
        values.push(value);
    }
    values
}

fn evaluate(poly: &Poly, ch: &Challenges<Fr>) -> Fr {
    let half = Fr::from(2).invert().unwrap_or(Fr::ZERO);
    poly.terms()
        .iter()
        .map(|&(m, c)| {
            [
                (ch.u, m.u),
                (ch.v, m.v),
                (ch.w, m.w),
                (ch.sigma, m.sigma),
                (ch.tau, m.tau),
                (half, m.halves),
            ]
            .into_iter()
            .filter(|x| x.1 > 0)
            .fold(field(c), |acc, (x, e)| acc * x.pow_vartime([u64::from(e)]))
        })
        .sum()
}

/// The scalars of every use, and the strip.
fn port_columns(shape: &Shape, program: &Program, scalars: &[Fr]) -> Vec<[Vec<Fr>; 2]> {
    let rows = shape.active_rows();
    let mut columns: Vec<[Vec<Fr>; 2]> = program
        .ports
        .iter()
        .map(|uses| {
            let mut ab = [vec![Fr::ZERO; rows], vec![Fr::ZERO; rows]];
            for u in uses {
                ab[0][u.row as usize] = scalars[u.a.0 as usize];
                ab[1][u.row as usize] = scalars[u.b.0 as usize];
            }
            ab
        })
        .collect();
    for step in program.runs.iter().flat_map(|r| &r.steps) {
        columns[0][0][step.row as usize] = scalars[step.a.0 as usize];
        columns[0][1][step.row as usize] = scalars[step.b.0 as usize];
    }
    for (row, cells) in strip_rows(program) {
        for (i, id) in cells.into_iter().enumerate() {
            columns[i / 2][i % 2][row as usize] = scalars[id.0 as usize];
        }
    }
    columns
}

/// The scalars in the four cells of each row of the strip, the first two ports' `a` and `b`:
/// base scalars, then operands and result of each step.
pub(crate) fn strip_rows(program: &Program) -> impl Iterator<Item = (u32, [ScalarId; 4])> + '_ {
    let base = (0..2).map(|r| std::array::from_fn(|i| ScalarId(4 * r + i as u32)));
    let steps = program.scalars.iter().enumerate().filter_map(|(i, s)| match *s {
        Scalar::Mac(a, b, c) => Some([a, b, c, ScalarId(i as u32)]),
        _ => None,
    });
    (program.strip_start..).zip(base.chain(steps))
}
