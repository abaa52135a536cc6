//! The lanes: cells of all units, from a trace of the executor.

use crate::arena::{ArgSource, Aux, Bank, Block};
use crate::{Error, Shape};
use rayon::prelude::*;
use zkml_core::execute::Trace;
use zkml_core::graph::Params;

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
