//! Points sorted into buckets by the digits of their scalars.

use super::digits::{Digits, Windows};
use crate::curve::Term;
use crate::curve::runs::Runs;

/// Sorts the points by absolute digit: run `d - 1` has the points with digit `d`, and those with
/// digit `-d` negated. Digit 0 drops out.
///
/// A counting sort, of digits in blocks. Small digits are computed twice, which costs less than to keep them.
pub(super) fn sort<D>(largest: u32, blocks: impl Iterator<Item = D> + Clone) -> Runs
where
    D: Iterator<Item = i32>,
{
    // First the sizes of the runs, then their starts. What has no digit is written behind the end,
    // without a branch that would often be mispredicted.
    let mut bounds = vec![0u32; largest as usize + 1];
    for digits in blocks.clone() {
        for digit in digits {
            bounds[digit.unsigned_abs() as usize] += 1;
        }
    }
    bounds[0] = 0;
    let mut total = 0;
    for bound in &mut bounds {
        total += std::mem::replace(bound, total);
    }
    bounds[0] = total;
    let mut terms = vec![Term::plus(0); total as usize + 1];
    let mut index = 0;
    for digits in blocks {
        for digit in digits {
            let place = &mut bounds[digit.unsigned_abs() as usize];
            terms[*place as usize] = Term::signed(index, digit < 0);
            *place += u32::from(digit != 0);
            index += 1;
        }
    }
    terms.truncate(total as usize);
    // The start of each run has moved to its end, which is the start of the next one.
    bounds[0] = 0;
    Runs::from_parts(terms, bounds)
}

/// Sorts by one window of wide numbers.
pub(super) fn wide(window: u32, digits: &Digits) -> Runs {
    sort(digits.windows().largest, digits.window(window))
}

/// Sorts by one window of small integers.
pub(super) fn narrow(windows: Windows, window: u32, values: &[i32]) -> Runs {
    let offset = windows.narrow_offset();
    let digits = values
        .iter()
        .map(|value| windows.narrow_digit(i64::from(*value) + offset, window));
    sort(windows.largest, std::iter::once(digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::runs;
    use crate::curve::{Engine, Point};
    use halo2curves::bn256::{Fr, G1, G1Affine};

    #[test]
    fn buckets_have_the_points_of_their_digit() {
        let points: Vec<_> = (1..=9u64)
            .map(|i| Point::from(&G1Affine::from(G1::generator() * Fr::from(i))))
            .collect();
        let digits = [3, 0, -3, 1, -1, 3, 0, -4, 4];
        let sums = runs::sum(
            Engine::Plain,
            &points,
            &[sort(4, std::iter::once(digits.into_iter()))],
        );
        // 4 - 5, nothing, 1 - 3 + 6, -8 + 9.
        for (sum, expected) in sums.iter().zip([-1i64, 0, 4, 1]) {
            let factor = Fr::from(expected.unsigned_abs());
            let expected = G1::generator() * if expected < 0 { -factor } else { factor };
            assert_eq!(G1::from(G1Affine::from(sum)), expected);
        }
        assert_eq!(sums.len(), 4);
    }
}
