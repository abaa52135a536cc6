//! Copies of blocks with one element per row, which take any coefficient.

use super::{Claims, Outer, Place, Use};
use crate::Error;
use crate::arena::{Arena, ArgSource, Bank, BlockId, Role};
use crate::form::Pattern;
use crate::mono::{Mono, Poly};
use std::sync::Arc;

impl Claims {
    /// A copy of a block's forms with one element per row.
    pub(super) fn spread_copy(
        &mut self,
        arena: &mut Arena,
        block: BlockId,
        role: Role,
    ) -> Result<BlockId, Error> {
        if let Some(&copy) = self.spread.get(&(block, role)) {
            return Ok(copy);
        }
        let b = arena.block(block);
        if b.per_row == 1 || role != Role::Output(0) {
            return Err(Error::Unsupported {
                node: String::new(),
                op: b.kind.name(),
                reason: "its equations have no common form by rows; rescale its operand first".into(),
            });
        }
        let kind = b.kind.result().into();
        let (count, rows, first_row) = (b.count, b.rows(), b.first_row);
        let identity: Vec<u32> = (0..count).collect();
        let copy = arena.place(
            kind,
            Bank::Lanes,
            count,
            count,
            1,
            vec![ArgSource::Block(block, Arc::new(identity))],
        );
        let claim = self.start();
        let b = arena.block(block);
        // Numbered by row and slot, so that every row of the original has the same pattern.
        for row in 0..rows {
            let units = b.units_on(row);
            let terms = (0..units.end - units.start)
                .map(|s| (Poly::term(Mono::v(s as usize), 1), b.form(Role::Output(0), s)))
                .collect();
            let pattern = self.pattern(Pattern { terms });
            let (a, scalar_b) = self.split(
                claim.numbering,
                &Outer::One,
                claim.tau.times(Mono::w(row as usize)),
            );
            self.uses.push(Use {
                place: Place::Row(first_row + row),
                pattern,
                a,
                b: scalar_b,
            });
            for (slot, unit) in units.enumerate() {
                let c = arena.block(copy);
                let m = Mono::w(row as usize).times(Mono::v(slot));
                let pattern = self.pattern(Pattern {
                    terms: vec![(Poly::term(Mono::ONE, -1), c.form(Role::Output(0), 0))],
                });
                let (a, scalar_b) = self.split(claim.numbering, &Outer::One, claim.tau.times(m));
                self.uses.push(Use {
                    place: Place::Row(c.place(unit).0),
                    pattern,
                    a,
                    b: scalar_b,
                });
            }
        }
        self.spread.insert((block, role), copy);
        Ok(copy)
    }
}
