//! The lanes: cells of all gadgets, from a trace of the executor.

use crate::regions::{ArgSource, Aux, ColumnKind, Region};
use crate::{Error, Shape};
use rayon::prelude::*;
use zkml_core::execute::Trace;
use zkml_core::graph::Params;

/// Arguments of a gadget whose arguments are parameters.
pub(crate) fn param_args(region: &Region, gadget: u32, params: &Params) -> Result<Vec<i64>, Error> {
    region
        .args
        .iter()
        .map(|a| match a {
            ArgSource::Param(p, map) => Ok(params.tensors[*p as usize][map[gadget as usize] as usize]),
            _ => Err(Error::MissingParams),
        })
        .collect()
}

/// The lanes with parameters alone: rows of anything else hold 0.
pub(crate) fn weights(shape: &Shape, regions: &[Region], params: &Params) -> Result<Vec<Vec<u32>>, Error> {
    let mut lanes = vec![vec![0u32; shape.active_rows()]; usize::from(shape.lanes)];
    for region in regions
        .iter()
        .filter(|b| b.params && b.column_kind == ColumnKind::Lanes)
    {
        let idle = region.kind.idle_args();
        let mut cells = vec![0u32; usize::from(region.layout.width)];
        for row in 0..region.rows() {
            let gadgets = region.gadgets_on(row);
            for slot in 0..region.per_row {
                let gadget = gadgets.start + slot;
                let args = match gadget < gadgets.end {
                    true => param_args(region, gadget, params)?,
                    false => idle.clone(),
                };
                region.kind.fill(shape.lane_bits, &args, &mut cells)?;
                for (i, &cell) in cells.iter().enumerate() {
                    lanes[region.lane(slot, i)][(region.first_row + row) as usize] = cell;
                }
            }
        }
    }
    Ok(lanes)
}

/// Fills the lanes.
pub(crate) fn lanes(
    shape: &Shape,
    regions: &[Region],
    aux: &[Aux],
    params: &Params,
    trace: &Trace,
) -> Result<Vec<Vec<u32>>, Error> {
    let mut lanes = vec![vec![0u32; shape.active_rows()]; usize::from(shape.lanes)];
    let aux: Vec<Vec<i64>> = aux.iter().map(|a| auxiliary(a, trace)).collect();
    let mut results: Vec<Vec<i64>> = vec![vec![]; regions.len()];
    let read_later: std::collections::HashSet<usize> = regions
        .iter()
        .flat_map(|b| &b.args)
        .filter_map(|a| {
            if let ArgSource::Region(id, _) = a {
                Some(id.0 as usize)
            } else {
                None
            }
        })
        .collect();
    for (index, region) in regions.iter().enumerate() {
        let keep = read_later.contains(&index);
        if region.column_kind == ColumnKind::Fixed && !keep {
            continue;
        }
        let width = usize::from(region.layout.width);
        let idle = region.kind.idle_args();
        let mut cells = vec![0u32; width];
        let mut args = vec![0i64; region.args.len()];
        for row in 0..region.rows() {
            let gadgets = region.gadgets_on(row);
            for slot in 0..region.per_row {
                let gadget = gadgets.start + slot;
                if gadget < gadgets.end {
                    for (value, source) in args.iter_mut().zip(&region.args) {
                        *value = argument(source, gadget as usize, params, trace, &aux, &results);
                    }
                    region.kind.fill(shape.lane_bits, &args, &mut cells)?;
                    if keep {
                        results[index].push(region.layout.outputs[0].on_lanes(&cells));
                    }
                } else {
                    region.kind.fill(shape.lane_bits, &idle, &mut cells)?;
                }
                if region.column_kind == ColumnKind::Lanes {
                    for (i, &cell) in cells.iter().enumerate() {
                        lanes[region.lane(slot, i)][(region.first_row + row) as usize] = cell;
                    }
                }
            }
        }
    }
    Ok(lanes)
}

fn argument(
    source: &ArgSource,
    gadget: usize,
    params: &Params,
    trace: &Trace,
    aux: &[Vec<i64>],
    results: &[Vec<i64>],
) -> i64 {
    match source {
        ArgSource::Node(n) => trace.values[*n as usize].data()[gadget],
        ArgSource::NodeMap(n, map) => trace.values[*n as usize].data()[map[gadget] as usize],
        ArgSource::Param(p, map) => params.tensors[*p as usize][map[gadget] as usize],
        ArgSource::Constant(c) => *c,
        ArgSource::Constants(c) => c[gadget],
        ArgSource::Region(b, map) => results[b.0 as usize][map[gadget] as usize],
        ArgSource::Aux(a) => aux[*a as usize][gadget],
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
