//! Absolute values.

use super::prelude::*;
use crate::ops::Magnitude;

impl Lowerer<'_> {
    /// `|x|` of materialised cells, at their scale.
    pub(super) fn magnitude(&mut self, x: FloatId) -> Result<Value> {
        let value = self.operand(x)?;
        let limbs = value.width.signed_limbs();
        let shape = self.shape(self.current);
        let op = Op::Magnitude(Magnitude { limbs });
        let node = self.emit(op, &[value.node], &shape, value.scale)?;
        self.origins.insert(node, self.current);
        let width = Width { limbs, signed: false };
        Ok(Value::cells(node, value.scale, width))
    }
}
