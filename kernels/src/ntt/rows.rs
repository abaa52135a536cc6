//! The second pass: transforms along the rows, and reduction.

use super::butterfly;
use super::roots::Roots;
use super::strided::Strided;
use crate::field::words::{Words, words};
use crate::field::{Block, Field, Kernel, Lanes};
use ff::Field as _;
use halo2curves::bn256::Fr;

/// What all rows of a transform share.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, L: Lanes> {
    /// What the first pass wrote: for each group of eight columns, `R` times eight elements.
    pub(super) source: &'a [Words],
    /// `R`
    pub(super) height: usize,
    /// Factors of the butterflies, of the subgroup of `C` elements.
    pub(super) roots: &'a Roots<L>,
    /// Result `i` of the whole transform is multiplied by this to the power of `i`.
    pub(super) shift: Option<Fr>,
}

impl<L: Lanes> Rows<'_, L> {
    /// Transforms the rows `first..first + 8`: value `(k, j)` is element `k + R j` of the result,
    /// element `j` of the columns that `target` selects. `scratch` has `C` blocks.
    pub(super) fn run(self, lanes: L, first: usize, target: Strided<'_>, scratch: &mut [Block]) {
        let shift = self.shift.map(|shift| {
            let mut power = shift.pow_vartime([first as u64]);
            let starts = std::array::from_fn(|_| {
                let word = words(&[power])[0];
                power *= shift;
                word
            });
            (starts, words(&[shift.pow_vartime([self.height as u64])])[0])
        });
        lanes.vectorize(Group {
            rows: self,
            first,
            target,
            scratch,
            shift,
        });
    }
}

/// Eight rows.
struct Group<'a, L: Lanes> {
    rows: Rows<'a, L>,
    first: usize,
    target: Strided<'a>,
    scratch: &'a mut [Block],
    /// The first power of the shift by lane, and the ratio to the next one.
    shift: Option<([Words; 8], Words)>,
}

impl<L: Lanes> Kernel<L> for Group<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self, lanes: L) {
        let field = Field::<Fr, L>::new(lanes);
        let Rows {
            source,
            height,
            roots,
            ..
        } = self.rows;
        let columns = self.scratch.as_chunks_mut::<8>().0;
        for (blocks, tile) in columns.iter_mut().zip(source.chunks_exact(8 * height)) {
            let tile = tile.as_chunks::<8>().0;
            let Some(rows) = tile[self.first..].first_chunk::<8>() else {
                continue;
            };
            for (c, block) in blocks.iter_mut().enumerate() {
                let elements = [
                    &rows[0][c],
                    &rows[1][c],
                    &rows[2][c],
                    &rows[3][c],
                    &rows[4][c],
                    &rows[5][c],
                    &rows[6][c],
                    &rows[7][c],
                ];
                field.store_limbs(field.gather(elements), &mut block.0);
            }
        }
        butterfly::transform(field, self.scratch, roots);
        let unused = usize::BITS - self.scratch.len().trailing_zeros();
        match self.shift {
            None => {
                for j in 0..self.scratch.len() {
                    let value = field.load_limbs(&self.scratch[j.reverse_bits() >> unused].0);
                    field.store(value, self.target.chunk(j));
                }
            }
            Some((starts, ratio)) => {
                let ratio = field.factors(field.enter(field.load(&[ratio; 8])));
                let mut factor = field.enter(field.load(&starts));
                for j in 0..self.scratch.len() {
                    let value = field.load_limbs(&self.scratch[j.reverse_bits() >> unused].0);
                    let factors = field.factors(factor);
                    field.store(field.mul(&field.factors(value), &factors), self.target.chunk(j));
                    factor = field.mul(&factors, &ratio);
                }
            }
        }
    }
}
