//! Lagrange bases from powers: an inverse Fourier transform of points.

use super::geometric;
use crate::curve::{self, Engine, Point, Scratch, Term, glv};
use crate::msm::digits::{Digits, Windows};
use crate::{Error, Isa, check, root_of_unity};
use ff::{Field, PrimeField};
use halo2curves::bn256::{Fr, G1Affine};
use rayon::prelude::*;

/// Points that one task multiplies: their tables stay near the second-level cache.
const CHUNK: usize = 1 << 10;

/// Points multiplied between two reports of progress.
const STEP: usize = 1 << 15;

/// Signed digits of four bits for each half of a scalar.
const WINDOWS: Windows = Windows {
    bits: 4,
    count: 32,
    largest: 8,
};

/// `L_i = 1/n sum_j w^(-i j) g_j` for the `n = 2^k` powers `g` and the domain's generator `w`: the
/// Lagrange basis over an unknown secret. `progress` receives the fraction done, and its
/// error ends the work.
///
/// `n/2 log n` multiplications by roots of unity, each shortened to half its doublings by the
/// endomorphism; the doublings and additions of many of them are batched.
///
/// # Errors
/// [`Error::Domain`] unless there are `2^k` powers, [`Error::Unsupported`] if this machine lacks the
/// instruction set, and those of `progress`.
pub fn lagrange_from_powers<E: From<Error>>(
    powers: &[G1Affine],
    isa: Isa,
    progress: impl Fn(f64) -> Result<(), E>,
) -> Result<Vec<G1Affine>, E> {
    let engine = Engine::new(isa)?;
    let k = check::domain("lagrange_from_powers", powers.len())?;
    let n = powers.len();
    let inverse_root = root_of_unity(k).invert().unwrap_or(Fr::ONE);
    let roots = geometric(inverse_root, (n / 2).max(1));
    let mut points: Vec<Point> = (0..n).map(|i| Point::from(&powers[reverse_bits(i, k)])).collect();
    for stage in 0..k {
        let half = 1usize << stage;
        // Butterfly b joins the points b and b + half of its block.
        let low = |b: usize| b / half * 2 * half + b % half;
        let mut source: Vec<Point> = (0..n / 2).map(|b| points[low(b)]).collect();
        source.extend((0..n / 2).map(|b| points[low(b) + half]));
        // The division by n comes with the last roots.
        let scale = if stage + 1 == k {
            Fr::TWO_INV.pow_vartime([k.into()])
        } else {
            Fr::ONE
        };
        let factor = |place: usize| match place.checked_sub(n / 2) {
            None => scale,
            Some(b) => scale * roots[b % half * (n / 2 / half)],
        };
        for start in (0..n).step_by(STEP) {
            progress((f64::from(stage) + start as f64 / n as f64) / f64::from(k))?;
            let end = n.min(start + STEP);
            let chunks = source[start..end].par_chunks_mut(CHUNK).enumerate();
            chunks.for_each(|(chunk, points)| {
                let start = start + chunk * CHUNK;
                let factors: Vec<Fr> = (start..start + points.len()).map(factor).collect();
                multiply(engine, points, &factors);
            });
        }
        let add = |(chunk, out): (usize, &mut [Point])| {
            let pair = |i: usize| {
                let (b, upper) = (i / (2 * half) * half + i % half, i / half % 2 == 1);
                [Term::plus(b), Term::signed(n / 2 + b, upper)]
            };
            let start = chunk * CHUNK;
            let pairs: Vec<_> = (start..start + out.len()).map(pair).collect();
            engine.add_pairs(&source, &pairs, out, &mut Scratch::default());
        };
        points.par_chunks_mut(CHUNK).enumerate().for_each(add);
    }
    progress(1.0)?;
    Ok(curve::decode(&points))
}

fn reverse_bits(i: usize, bits: u32) -> usize {
    if bits == 0 {
        0
    } else {
        i.reverse_bits() >> (usize::BITS - bits)
    }
}

/// Multiplies each point by its factor, in place.
fn multiply(engine: Engine, points: &mut [Point], factors: &[Fr]) {
    let places: Vec<usize> = (0..points.len()).filter(|i| factors[*i] != Fr::ONE).collect();
    let m = places.len();
    if m == 0 {
        return;
    }
    let halves = Digits::of_pairs(WINDOWS, &places, |place| glv::split(&factors[*place]));
    let mut scratch = Scratch::default();
    // The sums, then the multiples of all points by 1 to 8, then the images of these.
    let mut arena = vec![Point::IDENTITY; m];
    arena.extend(places.iter().map(|place| points[*place]));
    let largest = WINDOWS.largest as usize;
    let mut out = vec![Point::IDENTITY; m];
    for digit in 2..=largest {
        let pair = |i| [Term::plus(m + i), Term::plus((digit - 1) * m + i)];
        let pairs: Vec<_> = (0..m).map(pair).collect();
        engine.add_pairs(&arena, &pairs, &mut out, &mut scratch);
        arena.extend_from_slice(&out);
    }
    arena.extend_from_within(m..);
    engine.endomorphism(&mut arena[(1 + largest) * m..]);
    let (mut pairs, mut sums) = (Vec::with_capacity(m), Vec::with_capacity(m));
    for window in (0..WINDOWS.count).rev() {
        if window + 1 < WINDOWS.count {
            for _ in 0..WINDOWS.bits {
                engine.double(&mut arena[..m], &mut scratch);
            }
        }
        for (half, digits) in halves.iter().enumerate() {
            pairs.clear();
            sums.clear();
            for (i, digit) in digits.window(window).flatten().enumerate() {
                if digit != 0 {
                    let row = half * largest + digit.unsigned_abs() as usize;
                    pairs.push([Term::plus(i), Term::signed(row * m + i, digit < 0)]);
                    sums.push(i);
                }
            }
            engine.add_pairs(&arena, &pairs, &mut out[..pairs.len()], &mut scratch);
            for (place, sum) in sums.iter().zip(&out) {
                arena[*place] = *sum;
            }
        }
    }
    for (place, product) in places.into_iter().zip(arena) {
        points[place] = product;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FixedBase, lagrange_from_secret, powers};
    use super::*;
    use halo2curves::bn256::G1;

    fn free(_: f64) -> Result<(), Error> {
        Ok(())
    }

    #[test]
    fn multiplication_equals_the_curves_own() {
        let half = Fr::TWO_INV;
        let edges = [
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            half,
            glv::LAMBDA,
            -glv::LAMBDA,
            Fr::from(16),
        ];
        let points: Vec<G1Affine> = (0..21u64)
            .map(|i| (G1Affine::generator() * Fr::from(i % 5)).into())
            .collect();
        let factors: Vec<Fr> = edges.into_iter().cycle().take(21).collect();
        for engine in Engine::all() {
            let mut products = curve::encode(&points);
            multiply(engine, &mut products, &factors);
            for ((point, factor), product) in points.iter().zip(&factors).zip(&products) {
                let product = G1::from(G1Affine::from(product));
                assert_eq!(product, point * factor, "{engine:?}: {point:?} by {factor:?}");
            }
        }
    }

    #[test]
    fn equals_the_bases_from_the_secret() {
        let secret = Fr::from(0x1234_5678_9abc_def1);
        let base = FixedBase::new(G1Affine::generator(), 1 << 7, Isa::detect()).unwrap();
        for k in [0, 1, 2, 5, 7] {
            let g = powers(&base, secret, k, free).unwrap();
            let expected = lagrange_from_secret(&base, secret, k, free).unwrap();
            for isa in Isa::available() {
                assert_eq!(
                    lagrange_from_powers(&g, isa, free),
                    Ok(expected.clone()),
                    "k = {k} on {isa}"
                );
            }
        }
    }

    #[test]
    fn other_lengths_are_errors_and_progress_stops_the_work() {
        let powers = [G1Affine::generator(); 3];
        let error = Error::Domain {
            operation: "lagrange_from_powers",
            found: 3,
        };
        assert_eq!(lagrange_from_powers(&powers, Isa::Portable, free), Err(error));
        let stop = |_| Err(Error::empty("test", "reason to go on"));
        assert_eq!(
            lagrange_from_powers(&powers[..2], Isa::Portable, stop),
            stop(0.0).map(|()| vec![])
        );
    }
}
