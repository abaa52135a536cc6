//! Single kernels of the field, for benches: what one product costs, and nothing around it; and how
//! many products larger kernels take.

use crate::field::scalar::{Single, SingleKernel, reduce, with_single};
use crate::field::words::{words, words_mut};
use crate::field::{Field, Kernel, Lanes, Limbs, Twiddle};
use crate::msm::digits::Windows;
use crate::{Error, Isa};
use halo2curves::bn256::Fr;

/// Products of a batched affine addition: three for its share of the inversion, and one each for the
/// slope, its square and the second coordinate.
pub const PRODUCTS_PER_ADDITION: f64 = 6.0;

/// Additions of points that a multi-scalar multiplication takes, as its choice of windows counts them.
pub fn additions(scalars: usize) -> f64 {
    Windows::wide_cost(scalars)
}

/// The same for integers of at most this absolute value.
pub fn small_additions(scalars: usize, largest: u32) -> f64 {
    Windows::narrow_cost(scalars, largest)
}

/// Which product to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Of two variables in Montgomery form (on lanes, with `R = 2^260`).
    Montgomery,
    /// Of a variable with itself.
    Square,
    /// Of a variable with a constant that was prepared.
    Constant,
}

/// Multiplies every value `rounds` times, 32 at a time: independent products keep the pipeline
/// full. The results mean nothing; they keep the compiler honest. Takes whole multiples of 32 values.
///
/// # Errors
///
/// [`Error::Unsupported`] where the machine lacks the instruction set, [`Error::Length`] where
/// values are left over.
pub fn repeat(isa: Isa, product: Product, values: &mut [Fr], factor: Fr, rounds: usize) -> Result<(), Error> {
    isa.require()?;
    let (blocks, rest) = values.as_chunks_mut::<32>();
    if !rest.is_empty() {
        let expected = 32 * blocks.len();
        return Err(Error::length("repeat", expected, values.len()));
    }
    for block in blocks {
        let kernel = Repeat {
            product,
            block,
            factor,
            rounds,
        };
        match isa {
            Isa::Portable => with_single(kernel),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Fma => crate::field::Fma::detect().map_or((), |lanes| lanes.vectorize(kernel)),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512Ifma => crate::field::Ifma::detect().map_or((), |lanes| lanes.vectorize(kernel)),
            #[cfg(not(target_arch = "x86_64"))]
            _ => {}
        }
    }
    Ok(())
}

struct Repeat<'a> {
    product: Product,
    block: &'a mut [Fr; 32],
    factor: Fr,
    rounds: usize,
}

impl SingleKernel for Repeat<'_> {
    type Output = ();

    fn run(self, single: impl Single) {
        let factor = words(&[self.factor])[0];
        let values = words_mut(self.block);
        for _ in 0..self.rounds {
            for value in &mut *values {
                *value = if self.product == Product::Square {
                    single.mul::<Fr>(value, value)
                } else {
                    single.mul::<Fr>(&factor, value)
                };
            }
        }
        values.iter_mut().for_each(|value| *value = reduce::<Fr>(*value));
    }
}

impl<L: Lanes> Kernel<L> for Repeat<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, lanes: L) {
        let field = Field::<Fr, L>::new(lanes);
        let twiddle = Twiddle::<L>::new(self.factor);
        let (groups, _) = words_mut(self.block).as_chunks_mut::<8>();
        let mut state: [Limbs<L>; 4] = [field.load(&groups[0]); 4];
        for (value, group) in state.iter_mut().zip(groups.iter()) {
            *value = field.load(group);
        }
        let factor = field.factors(field.carry(state[0]));
        for _ in 0..self.rounds {
            for value in &mut state {
                *value = match self.product {
                    Product::Montgomery => field.mul(&field.factors(*value), &factor),
                    Product::Square => field.square(&field.factors(*value)),
                    Product::Constant => field.twiddle(*value, &twiddle),
                };
            }
        }
        for (value, group) in state.iter().zip(groups) {
            field.store(*value, group);
        }
    }
}
