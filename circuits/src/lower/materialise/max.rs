//! The maximum of windows.

use super::shifts::Shifts;
use crate::Error;
use crate::gadget::{Gadget, MAX_FAN_IN, MaxOfSet};
use crate::linear_constraint::Coef;
use crate::lower::order::{Order, choose_run};
use crate::lower::value::Value;
use crate::lower::{Lowering, Operand, unsupported};
use crate::mono::Mono;
use crate::regions::{ArgSource, ColumnKind, RegionId, Role};
use std::sync::Arc;
use zkml_core::ops::{Clamp, Max, reduction_map};

impl Lowering<'_> {
    pub(in crate::lower) fn max(&mut self, id: u32, op: &Max) -> Result<Value, Error> {
        let (clamp, distance) = (op.clamp(), op.spread());
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let in_shape = &self.graph.node(input).shape;
        let windows = reduction_map(node.op.name(), op.windows.sets(), in_shape, node.len())?;
        let width = windows.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let shifts = Shifts::new(&op.shift, in_shape, self.graph.lane_bits);
        if width <= MAX_FAN_IN {
            let order = self.order(id);
            let ordered: Vec<Vec<u32>> = (0..windows.len() as u32)
                .map(|u| windows[order.element(u) as usize].clone())
                .collect();
            let region = self.max_of_node(id, &ordered, &shifts, (clamp, distance), &order)?;
            return Ok(order.value(region));
        }
        // Groups of a window first. A group's maximum may be as far below the largest one as an element, and that
        // outside the range of the result: one limb more than each of these holds it.
        let part = Clamp::none(clamp.widest().max(distance) + 1, false);
        let groups = width.div_ceil(MAX_FAN_IN);
        let chunks: Vec<Vec<u32>> = windows
            .iter()
            .flat_map(|w| {
                (0..groups).map(move |g| {
                    (0..MAX_FAN_IN)
                        .map(|i| w[(g * MAX_FAN_IN + i) % w.len()])
                        .collect()
                })
            })
            .collect();
        let mut region = self.max_of_node(id, &chunks, &shifts, (part, part.limbs), &Order::RowMajor)?;
        let mut left = groups;
        loop {
            let fan_in = left.min(MAX_FAN_IN);
            let next = left.div_ceil(MAX_FAN_IN);
            let last = next == 1;
            let members: Vec<Vec<u32>> = (0..node.len())
                .flat_map(|out| {
                    (0..next).map(move |g| {
                        (0..fan_in)
                            .map(|i| (out * left + (g * fan_in + i) % left) as u32)
                            .collect()
                    })
                })
                .collect();
            let (clamp, distance) = if last {
                (clamp, distance)
            } else {
                (part, part.limbs)
            };
            region = self.max_of_region(region, &members, fan_in, clamp, distance)?;
            if last {
                return Ok(Value::Region(region));
            }
            left = next;
        }
    }

    /// Maxima of sets of elements of the node's input.
    fn max_of_node(
        &mut self,
        id: u32,
        windows: &[Vec<u32>],
        shifts: &Shifts<'_>,
        (clamp, distance): (Clamp, u8),
        order: &Order,
    ) -> Result<RegionId, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let width = windows.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let remainder = shifts.remainder(clamp.widest().max(distance))?;
        let kind = Gadget::from(MaxOfSet {
            inputs: width as u8,
            clamp,
            distance,
            remainder,
        });
        // Windows cut short by padding repeat an element.
        let element = |gadget: u32, j: usize| {
            let w = &windows[gadget as usize];
            w[j % w.len()]
        };
        let count = windows.len() as u32;
        let mut args: Vec<ArgSource> = (0..width)
            .map(|j| ArgSource::NodeMap(input.0, Arc::new((0..count).map(|u| element(u, j)).collect())))
            .collect();
        let gadget_shifts: Vec<i64> = windows
            .iter()
            .map(|w| i64::from(shifts.at(w[0] as usize)))
            .collect();
        for (w, &s) in windows.iter().zip(&gadget_shifts) {
            if w.iter().any(|&e| i64::from(shifts.at(e as usize)) != s) {
                return Err(unsupported(
                    "its windows reach over elements with different shifts",
                ));
            }
        }
        args.push(ArgSource::Constants(Arc::new(gadget_shifts)));
        let weights = self.weights_of(input);
        let weights = |u: u32| weights(element(u, 0) as usize);
        let region = if windows.len() == node.len() {
            // Weights by element; windows come by gadget.
            let mut gadgets: Vec<u32> = (0..count).collect();
            gadgets.sort_unstable_by_key(|&u| order.element(u));
            self.place_node(id, kind, order, &|e| weights(gadgets[e as usize]), args)?
        } else {
            let per_row = self.per_row(&kind)?;
            let run = choose_run(&[windows.len()], per_row, false, &weights);
            self.regions
                .place(kind, ColumnKind::Lanes, count, run, per_row, args)
        };
        let maps: Vec<_> = (0..width).map(|j| move |u: u32| element(u, j)).collect();
        let operands: Vec<Operand<'_>> = maps
            .iter()
            .enumerate()
            .map(|(j, map)| Operand {
                role: Role::Input(j as u8),
                node: input,
                map,
            })
            .collect();
        self.bind(region, &operands, &|u| {
            shifts.halves(element(u, 0) as usize, remainder)
        })?;
        Ok(region)
    }

    /// Maxima of sets of results of a region.
    fn max_of_region(
        &mut self,
        from: RegionId,
        members: &[Vec<u32>],
        width: usize,
        clamp: Clamp,
        distance: u8,
    ) -> Result<RegionId, Error> {
        let kind = Gadget::from(MaxOfSet {
            inputs: width as u8,
            clamp,
            distance,
            remainder: 0,
        });
        let count = members.len() as u32;
        let mut args: Vec<ArgSource> = (0..width)
            .map(|j| ArgSource::Region(from, Arc::new(members.iter().map(|m| m[j]).collect())))
            .collect();
        args.push(ArgSource::Constant(0));
        let per_row = self.per_row(&kind)?;
        let region = self
            .regions
            .place(kind, ColumnKind::Lanes, count, count.max(1), per_row, args);
        let mut linear_constraint = self.linear_constraints.start();
        for (gadget, set) in members.iter().enumerate() {
            let b = self.regions.region(region);
            let (row, slot) = b.place(gadget as u32);
            for (j, &member) in set.iter().enumerate() {
                let weight = Mono::w((row - b.first_row) as usize).times(Mono::v(slot as usize * width + j));
                linear_constraint.add(
                    &self.regions,
                    region,
                    Role::Input(j as u8),
                    gadget as u32,
                    Coef::mono(weight, -1),
                );
                linear_constraint.add(
                    &self.regions,
                    from,
                    Role::Output(0),
                    member,
                    Coef::mono(weight, 1),
                );
            }
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)?;
        Ok(region)
    }
}
