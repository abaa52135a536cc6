//! Elements of tensors as linear combinations of gadget results.

use crate::mono::accumulate;
use crate::regions::RegionId;
use smallvec::SmallVec;

/// An element of a tensor as a linear combination of gadget results, plus a constant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lin {
    pub terms: SmallVec<[(RegionId, u32, i64); 1]>,
    pub constant: i64,
}

impl Lin {
    pub fn element(region: RegionId, index: u32) -> Self {
        Lin {
            terms: SmallVec::from_buf([(region, index, 1)]),
            constant: 0,
        }
    }

    pub fn constant(c: i64) -> Self {
        Lin {
            terms: SmallVec::new(),
            constant: c,
        }
    }

    /// Adds up terms of the same element.
    pub fn merge(&mut self) {
        self.terms.sort_unstable_by_key(|t| (t.0, t.1));
        self.terms.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 = accumulate(kept.2, next.2, 1);
            }
            same
        });
        self.terms.retain(|t| t.2 != 0);
    }

    pub fn add(&mut self, o: &Lin, c: i64) {
        for &(region, index, k) in &o.terms {
            match self.terms.iter_mut().find(|t| t.0 == region && t.1 == index) {
                Some(t) => t.2 = accumulate(t.2, c, k),
                None => self.terms.push((region, index, accumulate(0, c, k))),
            }
        }
        self.terms.retain(|t| t.2 != 0);
        self.constant = accumulate(self.constant, c, o.constant);
    }
}
