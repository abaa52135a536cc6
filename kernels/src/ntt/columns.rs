//! The first pass: transforms down the columns, and the factors between the passes.

use super::butterfly;
use super::roots::Roots;
use crate::field::words::{Words, words};
use crate::field::{Block, Field, Kernel, Lanes};
use ff::Field as _;
use halo2curves::bn256::Fr;

/// What all columns of a transform share.
#[derive(Clone, Copy)]
pub(super) struct Columns<'a, L: Lanes> {
    /// `R` rows of `C` elements.
    pub(super) source: &'a [Words],
    /// `C`
    pub(super) width: usize,
    /// Factors of the butterflies, of the subgroup of `R` elements or its coset.
    pub(super) roots: &'a Roots<L>,
    /// The root of unity of order `R C`, or its inverse.
    pub(super) root: Fr,
    /// Result `(k, c)` is multiplied by `scale shift^c root^(k c)`.
    pub(super) shift: Fr,
    /// See `shift`.
    pub(super) scale: Fr,
}

impl<L: Lanes> Columns<'_, L> {
    /// Transforms the columns `first..first + 8` into `target`: `R` times eight elements, row by
    /// row; values below `4p`, not reduced. `scratch` has `R` blocks.
    pub(super) fn run(self, lanes: L, first: usize, target: &mut [Words], scratch: &mut [Block]) {
        let powers = |scale: Fr, base: Fr| -> [Words; 8] {
            let mut power = scale * base.pow_vartime([first as u64]);
            std::array::from_fn(|_| {
                let word = words(&[power])[0];
                power *= base;
                word
            })
        };
        let starts = powers(self.scale, self.shift);
        let ratios = powers(Fr::ONE, self.root);
        lanes.vectorize(Group {
            columns: self,
            first,
            target,
            scratch,
            starts,
            ratios,
        });
    }
}

/// Eight columns.
struct Group<'a, L: Lanes> {
    columns: Columns<'a, L>,
    first: usize,
    target: &'a mut [Words],
    scratch: &'a mut [Block],
    /// `scale shift^c` by lane.
    starts: [Words; 8],
    /// `root^c` by lane.
    ratios: [Words; 8],
}

impl<L: Lanes> Kernel<L> for Group<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Field::<Fr, L>::new(lanes);
        let Columns {
            source, width, roots, ..
        } = self.columns;
        for (block, row) in self.scratch.iter_mut().zip(source.chunks_exact(width)) {
            if let Some(elements) = row[self.first..].first_chunk() {
                field.store_limbs(field.load(elements), &mut block.0);
            }
        }
        butterfly::transform(field, self.scratch, roots);
        let unused = usize::BITS - self.scratch.len().trailing_zeros();
        let ratio = field.factors(field.enter(field.load(&self.ratios)));
        let mut factor = field.enter(field.load(&self.starts));
        for (k, elements) in self.target.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let value = field.load_limbs(&self.scratch[k.reverse_bits() >> unused].0);
            let factors = field.factors(factor);
            // The factor stays below 2.1p, so this is below 2p + 78p 2.1p / 2^260 < 4p.
            field.store_unreduced(field.mul(&field.factors(value), &factors), elements);
            factor = field.mul(&factors, &ratio);
        }
    }
}
