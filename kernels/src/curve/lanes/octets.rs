//! Between points one by one and points in lanes.

use super::super::point::{Octet, Point, Term};
use super::super::prefetch::{Cache, prefetch};
use super::operands::{xs, ys};
use super::{Arithmetic, point};
use crate::field::{Kernel, Lanes, eight};

/// Octets ahead for which points are fetched into the cache.
const AHEAD: usize = 4;

/// Eight terms for each octet.
pub(super) struct Pack<'a> {
    pub(super) source: &'a [Point],
    pub(super) terms: &'a [Term],
    pub(super) out: &'a mut [Octet],
}

impl<L: Lanes> Kernel<L> for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        let (all, _) = self.terms.as_chunks::<8>();
        for (i, (terms, out)) in all.iter().zip(self.out).enumerate() {
            for term in all.get(i + AHEAD).into_iter().flatten() {
                prefetch(self.source, term.index(), Cache::First);
            }
            let points = eight(
                #[inline(always)]
                |lane| &self.source[terms[lane].index()],
            );
            let mut negative = 0;
            for (lane, term) in terms.iter().enumerate() {
                negative |= u8::from(term.is_negative()) << lane;
            }
            let y = field.gather(ys(points));
            // The identity's would be p.
            let y = field.reduce(field.select(negative, field.neg::<1>(y), y));
            field.store_limbs(field.gather(xs(points)), &mut out.x.0);
            field.store_limbs(y, &mut out.y.0);
        }
    }
}

/// Eight points for each octet, and where they go.
pub(super) struct Unpack<'a> {
    pub(super) octets: &'a [Octet],
    pub(super) places: &'a [u32],
    pub(super) out: &'a mut [Point],
}

impl<L: Lanes> Kernel<L> for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        let (places, _) = self.places.as_chunks::<8>();
        for (octet, places) in self.octets.iter().zip(places) {
            let [x, y] = [field.load_limbs(&octet.x.0), field.load_limbs(&octet.y.0)];
            for (place, row) in places.iter().zip(point::rows(field, x, y)) {
                self.out[*place as usize] = point::of_row(field, row);
            }
        }
    }
}
