//! One claim while its equations are added.

use super::{Coef, Lin, Numbering, Outer};
use crate::arena::{Arena, BlockId, Role};
use crate::mono::{Mono, accumulate};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A claim being collected.
#[derive(Debug)]
pub(crate) struct Claim {
    /// `tau` power of the claim; all coefficients of the claim are multiplied by it.
    pub(super) tau: Mono,
    pub(super) numbering: Numbering,
    pub(super) entries: BTreeMap<(BlockId, Role), Vec<SmallVec<[Coef; 1]>>>,
    pub(super) constant: Vec<(Mono, i64)>,
}

impl Claim {
    /// Adds `coef` times a form of unit `index`.
    pub fn add(&mut self, arena: &Arena, block: BlockId, role: Role, index: u32, coef: Coef) {
        if coef.c == 0 {
            return;
        }
        let count = arena.block(block).count as usize;
        let coefs = self
            .entries
            .entry((block, role))
            .or_insert_with(|| vec![SmallVec::new(); count]);
        coefs[index as usize].push(coef);
    }

    /// Adds `coef` times a linear combination of elements.
    pub fn add_lin(&mut self, arena: &Arena, lin: &Lin, coef: Coef) {
        for &(block, index, c) in &lin.terms {
            self.add(
                arena,
                block,
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
