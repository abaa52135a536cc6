//! Between points one by one and points in lanes.

use super::super::point::{Octet, Point, Term};
use super::operands::{xs, ys};
use super::{Arithmetic, point};
use crate::field::{Kernel, Lanes, eight};

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
        let (terms, _) = self.terms.as_chunks::<8>();
        for (terms, out) in terms.iter().zip(self.out) {
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

/// Eight points for each octet.
pub(super) struct Unpack<'a> {
    pub(super) octets: &'a [Octet],
    pub(super) out: &'a mut [Point],
}

impl<L: Lanes> Kernel<L> for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Arithmetic::new(lanes);
        for (octet, out) in self.octets.iter().zip(self.out.chunks_mut(8)) {
            point::write(
                field,
                field.load_limbs(&octet.x.0),
                field.load_limbs(&octet.y.0),
                out,
            );
        }
    }
}
