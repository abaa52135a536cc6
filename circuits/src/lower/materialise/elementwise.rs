//! Gadgets with one or two operands, element by element.

use crate::Error;
use crate::gadget::Gadget;
use crate::lower::order::Order;
use crate::lower::value::Value;
use crate::lower::{Lowering, Operand, unsupported};
use crate::regions::{ArgSource, Role};

impl Lowering<'_> {
    pub(in crate::lower) fn unary(&mut self, id: u32, kind: Gadget) -> Result<Value, Error> {
        let input = self.graph.nodes[id as usize].inputs[0];
        let order = self.order(id);
        let weights = self.weights_of(input);
        let region = self.place_node(id, kind, &order, &|e| weights(e as usize), vec![order.arg(input)])?;
        let halves = self.regions.region(region).layout.input_halves;
        let operand = Operand {
            role: Role::Input(0),
            node: input,
            map: &|u| order.element(u),
        };
        self.bind(region, &[operand], &|_| halves)?;
        Ok(order.value(region))
    }

    pub(in crate::lower) fn binary(&mut self, id: u32, kind: Gadget) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let [left, right] = node.inputs[..] else {
            return Err(unsupported("it does not have two inputs"));
        };
        let args = vec![ArgSource::Node(left.0), ArgSource::Node(right.0)];
        let region = self.place_node(id, kind, &Order::RowMajor, &|_| None, args)?;
        for (role, node) in [(Role::Input(0), left), (Role::Input(1), right)] {
            self.bind(
                region,
                &[Operand {
                    role,
                    node,
                    map: &|i| i,
                }],
                &|_| 0,
            )?;
        }
        Ok(Value::Region(region))
    }
}
