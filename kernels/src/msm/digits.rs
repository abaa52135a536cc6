//! Signed digits of scalars, and the windows that cost the least.
//!
//! A number `k` is `sum_w d_w 2^(c w)` with digits between `-2^(c-1)` and `2^(c-1)`: adding
//! `2^(c-1)` to every digit makes them the plain windows of `k + H`, `H = sum_w 2^(c w + c - 1)`, so
//! that each digit is read without its neighbours, and negative numbers need no care. In the top
//! window, `H` has the highest bit of the number type instead.

use rayon::prelude::*;

/// Cost of reducing one bucket in additions, beyond what summing it would take: rows and columns
/// take two, of which the tree saves one (a bucket of `m` points takes `m - 1` additions).
const PER_BUCKET: f64 = 1.3;

/// Cost in additions of a window's small rest: the last running sums, and part of an inversion.
const PER_WINDOW: f64 = 150.0;

/// Largest window of small integers: above, the buckets leave the caches.
const MAX_WINDOW: u32 = 17;

/// Largest window of wide numbers, whose digits are kept in 16 bits.
const MAX_WIDE_WINDOW: u32 = 16;

/// Windows of a kind of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Windows {
    /// Bits of a window.
    pub(crate) bits: u32,
    /// Number of windows.
    pub(crate) count: u32,
    /// Largest digit in absolute value.
    pub(crate) largest: u32,
}

impl Windows {
    /// For `points` multiplications by numbers of at most `2^126.1` in absolute value.
    pub(crate) fn wide(points: usize) -> Self {
        let choices = (3..=MAX_WIDE_WINDOW).map(|bits| Self {
            bits,
            count: 128u32.div_ceil(bits),
            largest: 1 << (bits - 1),
        });
        cheapest(choices, |windows| windows.cost(points))
    }

    /// Additions that a multiplication of as many full-width scalars takes: two numbers for each.
    pub(crate) fn wide_cost(scalars: usize) -> f64 {
        Self::wide(2 * scalars).cost(2 * scalars)
    }

    /// Additions that a multiplication of as many integers of at most this absolute value takes.
    pub(crate) fn narrow_cost(scalars: usize, largest: u32) -> f64 {
        Self::narrow(scalars, largest).cost(scalars)
    }

    /// Additions for `points` numbers in these windows.
    fn cost(&self, points: usize) -> f64 {
        let buckets = f64::from(self.largest);
        f64::from(self.count) * (points as f64 + PER_BUCKET * buckets + PER_WINDOW)
    }

    /// For `points` multiplications by integers of at most this absolute value.
    pub(crate) fn narrow(points: usize, largest: u32) -> Self {
        let one = Self {
            bits: 33,
            count: 1,
            largest,
        };
        // A digit more than the magnitude has, for the sign.
        let width = 33 - largest.leading_zeros();
        let split = (2..=4).map(|count| {
            let bits = width.div_ceil(count).max(2);
            Self {
                bits,
                count,
                largest: 1 << (bits - 1),
            }
        });
        let fits = |windows: &Self| windows.largest <= 1 << (MAX_WINDOW - 1);
        cheapest(std::iter::once(one).chain(split).filter(fits), |windows| {
            windows.cost(points)
        })
    }

    /// What is added to a 128-bit number before its digits are read.
    pub(crate) fn wide_offset(self) -> u128 {
        (0..self.count - 1).fold(1 << 127, |sum, w| sum + (1 << (w * self.bits + self.bits - 1)))
    }

    /// Digit `window` of each 128-bit number, to which the offset was added: their low and their high words.
    #[inline(always)]
    pub(crate) fn wide_digits(self, window: u32, [low, high]: [&[u64]; 2], digits: &mut [i16]) {
        let start = window * self.bits;
        let width = if window + 1 == self.count {
            128 - start
        } else {
            self.bits
        };
        let (mask, half) = ((1 << width) - 1, 1 << (width - 1));
        for ((digit, low), high) in digits.iter_mut().zip(low).zip(high) {
            let from_start = match start {
                0..64 => low >> start | high << 1 << (63 - start),
                _ => high >> (start - 64),
            };
            // A digit has at most 16 bits.
            *digit = ((from_start & mask) as i32 - half) as i16;
        }
    }

    /// What is added to a small number before its digits are read.
    pub(crate) fn narrow_offset(self) -> i64 {
        (0..self.count - 1).fold(0, |sum, w| sum + (1 << (w * self.bits + self.bits - 1)))
    }

    /// Digit `window` of a small number, to which the offset was added.
    #[inline(always)]
    pub(crate) fn narrow_digit(self, shifted: i64, window: u32) -> i32 {
        let rest = shifted >> (window * self.bits);
        if window + 1 == self.count {
            rest as i32
        } else {
            (rest & ((1 << self.bits) - 1)) as i32 - (1 << (self.bits - 1))
        }
    }
}

/// Numbers whose digits are next to each other in memory.
const BLOCK: usize = 1 << 12;

/// Numbers whose words are next to each other while their digits are read: a window's shift is one for all of them.
const PART: usize = 1 << 7;

/// The digits of many 128-bit numbers: block by block, and in a block window by window, so that the sort by a window
/// reads nothing else.
pub(crate) struct Digits {
    windows: Windows,
    digits: Vec<i16>,
}

impl Digits {
    /// Those of pairs of numbers, the first ones and the second ones. `pair` gives numbers of at most `2^126.1`
    /// in absolute value.
    pub(crate) fn of_pairs<T: Sync>(
        windows: Windows,
        from: &[T],
        pair: impl Fn(&T) -> [i128; 2] + Sync,
    ) -> [Self; 2] {
        let count = windows.count as usize;
        let offset = windows.wide_offset();
        let mut both = [(); 2].map(|()| vec![0; count * from.len()]);
        let [first, second] = &mut both;
        let blocks = first
            .par_chunks_mut(count * BLOCK)
            .zip(second.par_chunks_mut(count * BLOCK));
        blocks.zip(from.par_chunks(BLOCK)).for_each(|(digits, from)| {
            let mut digits = <[&mut [i16]; 2]>::from(digits);
            for (part, values) in from.chunks(PART).enumerate() {
                // The words of first and of second numbers: low ones, then high ones.
                let mut words = [[[0; PART]; 2]; 2];
                for (i, value) in values.iter().enumerate() {
                    for (words, number) in words.iter_mut().zip(pair(value)) {
                        let shifted = (number as u128).wrapping_add(offset);
                        words[0][i] = shifted as u64;
                        words[1][i] = (shifted >> 64) as u64;
                    }
                }
                for (digits, [low, high]) in digits.iter_mut().zip(&words) {
                    for window in 0..windows.count {
                        let digits =
                            &mut digits[window as usize * from.len() + part * PART..][..values.len()];
                        windows.wide_digits(window, [low, high], digits);
                    }
                }
            }
        });
        both.map(|digits| Self { windows, digits })
    }

    /// The windows that they are of.
    pub(crate) fn windows(&self) -> Windows {
        self.windows
    }

    /// The digits of a window, block by block.
    pub(crate) fn window(&self, window: u32) -> impl Iterator<Item = impl Iterator<Item = i32>> + Clone {
        let count = self.windows.count as usize;
        self.digits.chunks(count * BLOCK).map(move |block| {
            let len = block.len() / count;
            block[window as usize * len..][..len]
                .iter()
                .map(|digit| i32::from(*digit))
        })
    }
}

fn cheapest(choices: impl Iterator<Item = Windows>, cost: impl Fn(&Windows) -> f64) -> Windows {
    choices
        .min_by(|a, b| cost(a).total_cmp(&cost(b)))
        .expect("four windows of nine bits hold every 32-bit number")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_wide(number: i128, windows: Windows) {
        let shifted = (number as u128).wrapping_add(windows.wide_offset());
        let sum = (0..windows.count).rev().fold(0i128, |sum, w| {
            let mut digit = [0];
            windows.wide_digits(w, [&[shifted as u64], &[(shifted >> 64) as u64]], &mut digit);
            let digit = i32::from(digit[0]);
            assert!(
                digit.unsigned_abs() <= windows.largest,
                "{number}: {digit} in {windows:?}"
            );
            sum.wrapping_mul(1 << windows.bits) + i128::from(digit)
        });
        assert_eq!(sum, number, "{windows:?}");
    }

    fn check_narrow(number: i32, windows: Windows) {
        let shifted = i64::from(number) + windows.narrow_offset();
        let sum = (0..windows.count).rev().fold(0i64, |sum, w| {
            let digit = windows.narrow_digit(shifted, w);
            assert!(
                digit.unsigned_abs() <= windows.largest,
                "{number}: {digit} in {windows:?}"
            );
            (sum << windows.bits) + i64::from(digit)
        });
        assert_eq!(sum, i64::from(number), "{windows:?}");
    }

    fn all_wide() -> Vec<Windows> {
        let mut all: Vec<Windows> = (0..26).map(|log| Windows::wide(1 << log)).collect();
        all.dedup();
        all
    }

    #[test]
    fn extremes_have_digits() {
        let bound = 156_000_000_000_000_000_000_000_000_000_000_000_000 / 10 * 6;
        for windows in all_wide() {
            for number in [0, 1, -1, bound, -bound, bound - 1, 1 << 126, -(1 << 126)] {
                check_wide(number, windows);
            }
        }
        for largest in [1, 2, 3, 127, 128, 1 << 15, i32::MAX as u32, 1 << 31] {
            for points in [1, 1 << 10, 1 << 18, 1 << 24] {
                let windows = Windows::narrow(points, largest);
                for number in [0, largest as i32, (largest as i32).wrapping_neg(), 1, -1] {
                    check_narrow(number, windows);
                }
            }
        }
    }

    #[test]
    fn small_ranges_take_one_window_and_wide_ones_more() {
        let count = |points, largest| Windows::narrow(points, largest).count;
        assert_eq!(count(1 << 18, 128), 1);
        assert_eq!(count(1 << 18, 1 << 15), 1);
        assert_eq!(count(1 << 12, 1 << 15), 2);
        assert!(count(1 << 18, 1 << 31) > 1);
    }

    proptest! {
        #[test]
        fn wide_digits_make_up_the_number(number in -(1i128 << 126)..=1 << 126, log in 0usize..25) {
            check_wide(number, Windows::wide(1 << log));
        }

        #[test]
        fn narrow_digits_make_up_the_number(number: i32, log in 0usize..25, slack in 0u32..10) {
            let largest = number.unsigned_abs().max(1).saturating_add(slack).min(1 << 31);
            check_narrow(number, Windows::narrow(1 << log, largest));
        }
    }
}
