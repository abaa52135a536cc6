//! Division by constants.

use crate::Error;
use crate::gadget::DivByConstant;
use crate::linear_constraint::Lin;
use crate::lower::value::Value;
use crate::lower::{Lowering, Operand};
use crate::regions::{ArgSource, ColumnKind, Role};
use std::sync::Arc;
use zkml_core::ops::{DivConst, Divisor};

impl Lowering<'_> {
    pub(in crate::lower) fn div_const(&mut self, id: u32, op: &DivConst) -> Result<Value, Error> {
        let DivConst { ref divisor, limbs } = *op;
        if let Divisor::Uniform(divisor) = *divisor {
            return self.unary(id, DivByConstant { divisor, limbs }.into());
        }
        // One region for each divisor.
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let mut by_divisor: std::collections::BTreeMap<u32, Vec<u32>> = std::collections::BTreeMap::new();
        let divisor = divisor.at();
        for i in 0..node.len() {
            by_divisor.entry(divisor(i)).or_default().push(i as u32);
        }
        let mut lins = vec![Lin::default(); node.len()];
        for (d, elements) in by_divisor {
            let kind = DivByConstant { divisor: d, limbs }.into();
            let (count, per_row) = (elements.len() as u32, self.per_row(&kind)?);
            let elements = Arc::new(elements);
            let arg = ArgSource::NodeMap(input.0, elements.clone());
            let region = self
                .regions
                .place(kind, ColumnKind::Lanes, count, count, per_row, vec![arg]);
            let operand = Operand {
                role: Role::Input(0),
                node: input,
                map: &|u| elements[u as usize],
            };
            self.bind(region, &[operand], &|_| 1)?;
            for (gadget, &e) in elements.iter().enumerate() {
                lins[e as usize] = Lin::element(region, gadget as u32);
            }
        }
        Ok(Value::Lins(Arc::new(lins)))
    }
}
