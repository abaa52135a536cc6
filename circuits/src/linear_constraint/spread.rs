//! Copies of regions with one element per row, which take any coefficient.

use super::{LinearConstraints, Outer, Place, Use};
use crate::Error;
use crate::form::Pattern;
use crate::mono::{Mono, Poly};
use crate::regions::{ArgSource, ColumnKind, RegionId, Regions, Role};
use std::sync::Arc;

impl LinearConstraints {
    /// A copy of a region's forms with one element per row.
    pub(super) fn spread_copy(
        &mut self,
        regions: &mut Regions,
        region: RegionId,
        role: Role,
    ) -> Result<RegionId, Error> {
        if let Some(&copy) = self.spread.get(&(region, role)) {
            return Ok(copy);
        }
        let b = regions.region(region);
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
        let copy = regions.place(
            kind,
            ColumnKind::Lanes,
            count,
            count,
            1,
            vec![ArgSource::Region(region, Arc::new(identity))],
        );
        let linear_constraint = self.start();
        let b = regions.region(region);
        // Numbered by row and slot, so that every row of the original has the same pattern.
        for row in 0..rows {
            let gadgets = b.gadgets_on(row);
            let terms = (0..gadgets.end - gadgets.start)
                .map(|s| (Poly::term(Mono::v(s as usize), 1), b.form(Role::Output(0), s)))
                .collect();
            let pattern = self.pattern(Pattern { terms });
            let (a, scalar_b) = self.split(
                linear_constraint.numbering,
                &Outer::One,
                linear_constraint.tau.times(Mono::w(row as usize)),
            );
            self.uses.push(Use {
                place: Place::Row(first_row + row),
                pattern,
                a,
                b: scalar_b,
            });
            for (slot, gadget) in gadgets.enumerate() {
                let c = regions.region(copy);
                let m = Mono::w(row as usize).times(Mono::v(slot));
                let pattern = self.pattern(Pattern {
                    terms: vec![(Poly::term(Mono::ONE, -1), c.form(Role::Output(0), 0))],
                });
                let (a, scalar_b) = self.split(
                    linear_constraint.numbering,
                    &Outer::One,
                    linear_constraint.tau.times(m),
                );
                self.uses.push(Use {
                    place: Place::Row(c.place(gadget).0),
                    pattern,
                    a,
                    b: scalar_b,
                });
            }
        }
        self.spread.insert((region, role), copy);
        Ok(copy)
    }
}
