//! Functions by table.

use crate::Error;
use crate::gadget::PlacedLut;
use crate::lower::Lowering;
use crate::lower::value::Value;
use zkml_core::ops::Lut;

impl Lowering<'_> {
    pub(in crate::lower) fn lut(&mut self, id: u32, table: &Lut) -> Result<Value, Error> {
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
            PlacedLut {
                table: table.clone(),
                offset,
            }
            .into(),
        )
    }
}
