//! Many multiples of one point.

use crate::curve::runs::{self, Runs};
use crate::curve::{self, Engine, Point, Scratch, Term, glv};
use crate::memory;
use crate::{Error, Isa};
use group::{Curve, Group};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;

/// Bits of a scalar, and one for the sign of its highest digit.
const BITS: u32 = 255;

/// Multiplications that one task prepares.
const CHUNK: usize = 1 << 12;

/// Multiples `d 2^(c w) base` for every digit `1 <= d <= 2^(c-1)` and every window `w`: a
/// multiplication by a scalar in signed digits is one addition for each window but the first.
#[derive(Debug)]
pub struct FixedBase(Table);

impl FixedBase {
    /// Prepares windows that suit about `count` multiplications.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if this machine lacks the instruction set.
    pub fn new(base: G1Affine, count: usize, isa: Isa) -> Result<Self, Error> {
        Ok(Self(Table::new(Engine::new(isa)?, base, window(count))))
    }

    /// `scalar * base` for every scalar, on the caller's rayon pool.
    pub fn multiply(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        self.0.multiply(scalars)
    }
}

/// The window with the fewest additions for the table and the multiplications together.
fn window(count: usize) -> u32 {
    let cost = |bits: &u32| BITS.div_ceil(*bits) as usize * (count + (1 << (bits - 1)));
    // Larger tables leave the caches.
    (2..=15).min_by_key(cost).unwrap_or(2)
}

#[derive(Debug)]
struct Table {
    engine: Engine,
    /// Bits of a window.
    bits: u32,
    /// Number of windows.
    windows: usize,
    /// Digit by digit from 1 on, all windows of a digit together.
    multiples: Vec<Point>,
}

impl Table {
    fn new(engine: Engine, base: G1Affine, bits: u32) -> Self {
        let windows = BITS.div_ceil(bits) as usize;
        let mut power = G1::from(base);
        let mut starts = Vec::with_capacity(windows);
        for _ in 0..windows {
            starts.push(power);
            power = (0..bits).fold(power, |power, _| power.double());
        }
        let mut affine = vec![G1Affine::default(); windows];
        G1::batch_normalize(&starts, &mut affine);
        let mut multiples = memory::with_capacity(windows << (bits - 1));
        multiples.extend(affine.iter().map(Point::from));
        // From the multiples by 1 to m those by m + 1 to 2m: the last one is added to all.
        for _ in 1..bits {
            let known = multiples.len();
            let last = known - windows;
            multiples.resize(2 * known, Point::IDENTITY);
            let (source, next) = multiples.split_at_mut(known);
            let add = |(chunk, out): (usize, &mut [Point])| {
                let pair = |i| [Term::plus(i), Term::plus(last + i % windows)];
                let start = chunk * CHUNK;
                let pairs: Vec<_> = (start..start + out.len()).map(pair).collect();
                engine.add_pairs(source, &pairs, out, &mut Scratch::default());
            };
            next.par_chunks_mut(CHUNK).enumerate().for_each(add);
        }
        Self {
            engine,
            bits,
            windows,
            multiples,
        }
    }

    fn multiply(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let list = |scalars: &[Fr]| {
            let mut runs = Runs::with_capacity(scalars.len() * self.windows, scalars.len());
            scalars.iter().for_each(|scalar| runs.push(self.terms(scalar)));
            runs
        };
        let lists: Vec<Runs> = scalars.par_chunks(CHUNK).map(list).collect();
        curve::decode(&runs::sum(self.engine, &self.multiples, &lists))
    }

    /// The entries of the table that add up to the multiple by a scalar.
    fn terms(&self, scalar: &Fr) -> impl Iterator<Item = Term> {
        let (bits, windows) = (self.bits, self.windows);
        let shifted = add_half_digits(glv::words(scalar), bits, windows);
        (0..windows).filter_map(move |window| {
            let half = if window + 1 < windows { 1 << (bits - 1) } else { 0 };
            let digit = plain_digit(&shifted, window as u32 * bits, bits) - half;
            let place = (digit.unsigned_abs() as usize).checked_sub(1)? * windows + window;
            Some(Term::signed(place, digit < 0))
        })
    }
}

/// `number + sum_w 2^(c w + c - 1)` over all windows but the highest, which makes plain digits of
/// signed ones. The sum stays below `2^255`.
fn add_half_digits(mut number: [u64; 4], bits: u32, windows: usize) -> [u64; 4] {
    for window in 1..windows as u32 {
        let position = window * bits - 1;
        let mut carry = 1 << (position % 64);
        for word in &mut number[position as usize / 64..] {
            let (sum, overflow) = word.overflowing_add(carry);
            *word = sum;
            carry = overflow.into();
        }
    }
    number
}

/// Bits `start..start + bits` of a number, zeros above it.
fn plain_digit(number: &[u64; 4], start: u32, bits: u32) -> i32 {
    let (word, shift) = (start as usize / 64, start % 64);
    let high = number.get(word + 1).copied().unwrap_or(0);
    let both = u128::from(number[word]) | u128::from(high) << 64;
    ((both >> shift) & ((1 << bits) - 1)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn scalars(count: usize) -> Vec<Fr> {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let half = Fr::from(2).invert().unwrap();
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, half, -half, Fr::from(u64::MAX)];
        scalars.extend((0..count).map(|_| Fr::random(&mut rng)));
        scalars
    }

    #[test]
    fn equals_plain_multiplication_for_every_window() {
        let base = G1Affine::from(G1::generator() * Fr::from(99));
        let scalars = scalars(12);
        for bits in 2..=15 {
            let products = Table::new(Engine::Plain, base, bits).multiply(&scalars);
            for (scalar, product) in scalars.iter().zip(products) {
                assert_eq!(G1::from(product), base * scalar, "windows of {bits} bits");
            }
        }
    }

    #[test]
    fn any_count_and_the_identity() {
        let base = G1Affine::generator();
        for count in [0, 1, 100, CHUNK + 1] {
            let scalars = scalars(count);
            let products = FixedBase::new(base, count, Isa::detect())
                .unwrap()
                .multiply(&scalars);
            assert_eq!(products.len(), scalars.len());
            let (scalar, product) = (scalars[scalars.len() - 1], products[products.len() - 1]);
            assert_eq!(G1::from(product), base * scalar);
        }
        let zeros = FixedBase::new(G1Affine::default(), 5, Isa::detect())
            .unwrap()
            .multiply(&scalars(1));
        assert!(zeros.iter().all(|point| *point == G1Affine::default()));
    }
}
