//! Rescaling: a shift to the right that rounds half up.

use super::shifts::Shifts;
use crate::Error;
use crate::arena::Role;
use crate::lower::value::Value;
use crate::lower::{Lowering, Operand};
use crate::unit::UnitKind;
use zkml_core::graph::Shift;

impl Lowering<'_> {
    pub(in crate::lower) fn rescale(
        &mut self,
        id: u32,
        shift: &Shift,
        limbs: u8,
        relu: bool,
    ) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let shifts = Shifts::new(shift, &node.shape, self.graph.lane_bits);
        let remainder = shifts.remainder(limbs)?;
        let kind = UnitKind::Rescale {
            limbs,
            remainder,
            relu,
        };
        let order = self.order(id);
        let args = vec![order.arg(input), shifts.arg(node.len(), &order)];
        // Whether the input is an accumulator decides the weights of its claim.
        let weights = self.weights_of(input);
        let block = self.place_node(id, kind, &order, &|e| weights(e as usize), args)?;
        let operand = Operand {
            role: Role::Input(0),
            node: input,
            map: &|u| order.element(u),
        };
        self.bind(block, &[operand], &|u| {
            shifts.halves(order.element(u) as usize, remainder)
        })?;
        Ok(order.value(block))
    }
}
