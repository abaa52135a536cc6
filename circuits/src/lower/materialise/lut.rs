//! Functions by table.

use crate::Error;
use crate::lower::Lowering;
use crate::lower::value::Value;
use crate::unit::{LutUnit, UnitKind};
use zkml_core::graph::LutTable;

impl Lowering<'_> {
    pub(in crate::lower) fn lut(&mut self, id: u32, table: &LutTable) -> Result<Value, Error> {
        let placed = self
            .tables
            .iter()
            .find(|(t, _)| t.values == table.values && t.slopes == table.slopes);
        let offset = match placed {
            Some(&(_, offset)) => offset,
            None => {
                let offset = self.tables.iter().map(|(t, _)| t.values.len() as u32).sum();
                self.tables.push((table.clone(), offset));
                offset
            }
        };
        self.unary(
            id,
            UnitKind::Lut(LutUnit {
                table: table.clone(),
                offset,
            }),
        )
    }
}
