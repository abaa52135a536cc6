//! One linear constraint while its equations are added.

use super::{Coef, Lin, Numbering, Outer};
use crate::mono::{Mono, accumulate};
use crate::regions::{RegionId, Regions, Role};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A linear constraint being collected.
#[derive(Debug)]
pub(crate) struct LinearConstraint {
    /// `tau` power of the linear constraint; all coefficients of the linear constraint are multiplied by it.
    pub(super) tau: Mono,
    pub(super) numbering: Numbering,
    pub(super) entries: BTreeMap<(RegionId, Role), Vec<SmallVec<[Coef; 1]>>>,
    pub(super) constant: Vec<(Mono, i64)>,
}

impl LinearConstraint {
    /// Adds `coef` times a form of gadget `index`.
    pub fn add(&mut self, regions: &Regions, region: RegionId, role: Role, index: u32, coef: Coef) {
        if coef.c == 0 {
            return;
        }
        let count = regions.region(region).count as usize;
        let coefs = self
            .entries
            .entry((region, role))
            .or_insert_with(|| vec![SmallVec::new(); count]);
        coefs[index as usize].push(coef);
    }

    /// Adds `coef` times a linear combination of elements.
    pub fn add_lin(&mut self, regions: &Regions, lin: &Lin, coef: Coef) {
        for &(region, index, c) in &lin.terms {
            self.add(
                regions,
                region,
                Role::Output(0),
                index,
                Coef {
                    c: accumulate(0, c, coef.c),
                    ..coef
                },
            );
        }
        if lin.constant != 0 {
            assert!(
                coef.outer == Outer::One,
                "constants are copied where coefficients are scalars"
            );
            self.constant
                .push((coef.mono, accumulate(0, coef.c, lin.constant)));
        }
    }
}
