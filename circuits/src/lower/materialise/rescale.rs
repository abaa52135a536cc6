//! Rescaling: a shift to the right that rounds half up.

use super::shifts::Shifts;
use crate::Error;
use crate::gadget::RescaleTo;
use crate::linear_constraint::MAX_NEW_PATTERNS;
use crate::lower::order::count_patterns;
use crate::lower::value::Value;
use crate::lower::{Lowering, Operand};
use crate::mono::Mono;
use crate::regions::{ColumnKind, Role};
use zkml_core::ops::Rescale;

impl Lowering<'_> {
    pub(in crate::lower) fn rescale(&mut self, id: u32, op: &Rescale) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let shifts = Shifts::new(&op.shift, &node.shape, self.graph.lane_bits);
        let clamp = op.clamp();
        let remainder = shifts.remainder(clamp.widest())?;
        let kind = RescaleTo { clamp, remainder }.into();
        let order = self.order(id);
        let args = vec![order.arg(input), shifts.arg(node.len(), &order)];
        // Whether the input is an accumulator decides the weights of its linear constraint.
        let weights = self.weights_of(input);
        let count = node.len() as u32;
        let mut per_row = self.per_row(&kind)?;
        let mut run = self.run_of(id, &order, per_row, &|e| weights(e as usize));
        // Channels with shifts of their own can make every row another pattern: then runs go by channel, and
        // where that does not help, rows have one element, which takes any weight.
        let shifted = |gadget: u32| {
            let e = order.element(gadget) as usize;
            let halves = Mono::halves(shifts.halves(e, remainder));
            Some(weights(e).unwrap_or(Mono::ONE).times(halves))
        };
        let too_many = |run: u32, per_row: u32| {
            count_patterns(count, run, per_row, &shifted, MAX_NEW_PATTERNS + 1) > MAX_NEW_PATTERNS
        };
        if too_many(run, per_row) {
            run = self.run_of(id, &order, per_row, &shifted);
            if too_many(run, per_row) {
                per_row = 1;
            }
        }
        let region = self
            .regions
            .place(kind, ColumnKind::Lanes, count, run, per_row, args);
        let operand = Operand {
            role: Role::Input(0),
            node: input,
            map: &|u| order.element(u),
        };
        self.bind(region, &[operand], &|u| {
            shifts.halves(order.element(u) as usize, remainder)
        })?;
        Ok(order.value(region))
    }
}
