//! Lut: a function of one variable by table and linear interpolation.

use super::{
    check::{check_limbs, mismatch, one},
    operation::prelude::*,
    range::{Of, Range},
};
use crate::{reach::interval::extremes, rounding::shift_round};

/// Largest width of a table's index or of its fraction.
const MAX_INDEX_BITS: u32 = 16;

/// Smallest arguments beyond this are refused, so that no range overflows.
const MAX_LO: u64 = 1 << 62;

/// A function of one integer by table and linear interpolation; signed result.
///
/// For `x` in `[lo, lo + 2^(index_bits + fraction_bits))`, with
/// `u = x - lo`, `i = u >> fraction_bits`, `r = u mod 2^fraction_bits`:
///
/// `y = floor((values[i] * 2^f + slopes[i] * r + 2^(f-1)) / 2^f)` with `f = fraction_bits`,
/// and `y = values[i]` for `f = 0`.
///
/// All values and slopes, and `y`, lie in the signed range of `limbs` limbs.
/// `index_bits <= lane_bits` and `fraction_bits <= lane_bits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lut {
    /// Name of the function, for messages ("sigmoid").
    pub function: String,
    /// Smallest argument.
    pub lo: i64,
    /// The table has `2^index_bits` segments.
    pub index_bits: u32,
    /// A segment has `2^fraction_bits` arguments.
    pub fraction_bits: u32,
    /// Value at the start of each segment.
    pub values: Vec<i64>,
    /// Increase of the value over each segment.
    pub slopes: Vec<i64>,
    /// Width of values, slopes and results.
    pub limbs: u8,
}

impl Lut {
    /// The arguments of the table.
    pub(crate) fn domain(&self) -> Range {
        Range {
            lo: self.lo,
            hi: self.lo + ((1 << (self.index_bits + self.fraction_bits)) - 1),
        }
    }

    /// The function at an argument of the domain.
    pub(crate) fn value(&self, x: i64) -> i64 {
        let fraction_bits = self.fraction_bits;
        let u = x - self.lo;
        let segment = (u >> fraction_bits) as usize;
        let r = u & ((1 << fraction_bits) - 1);
        // Sums fit: `check_widths` has computed the extremes of every segment.
        let y = (self.values[segment] << fraction_bits) + self.slopes[segment] * r;
        shift_round(y, fraction_bits)
    }

    /// The values over intervals of the domain: exact where the table never decreases or never increases, all of its
    /// values otherwise.
    fn values_over(&self, arguments: &Intervals) -> Intervals {
        let domain = self.domain();
        let values: Vec<i64> = (0..self.values.len() as i64)
            .flat_map(|segment| {
                let first = domain.lo + (segment << self.fraction_bits);
                [first, first + (1 << self.fraction_bits) - 1]
            })
            .map(|x| self.value(x))
            .collect();
        let shape = arguments.lo.shape();
        if values.is_sorted() {
            return arguments.monotone(|_, x| self.value(x));
        }
        if values.iter().rev().is_sorted() {
            let ends = arguments.ends().map(|(lo, hi)| (self.value(hi), self.value(lo)));
            return Intervals::collect(shape, ends);
        }
        let (lo, hi) = extremes(values.into_iter().map(|y| (y, y)));
        Intervals::uniform(shape, Range { lo, hi })
    }
}

impl Operation for Lut {
    fn name(&self) -> &'static str {
        "Lut"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(self.name(), inputs)?;
        let (index_bits, fraction_bits) = (self.index_bits, self.fraction_bits);
        if index_bits > MAX_INDEX_BITS || fraction_bits > MAX_INDEX_BITS {
            let reason = format!(
                "expected at most {MAX_INDEX_BITS} bits for index and fraction, found {index_bits} and {fraction_bits}"
            );
            return Err(mismatch(self.name(), reason));
        }
        let segments = 1usize << index_bits;
        if [self.values.len(), self.slopes.len()] != [segments; 2] {
            let reason = format!(
                "expected {segments} values and slopes, found {} and {}",
                self.values.len(),
                self.slopes.len()
            );
            return Err(mismatch(self.name(), reason));
        }
        if self.lo.unsigned_abs() >= MAX_LO {
            let reason = format!("expected a smallest argument below 62 bits, found {}", self.lo);
            return Err(mismatch(self.name(), reason));
        }
        Ok(input.to_vec())
    }

    /// Checks the table against the width: all values, slopes and interpolated results are in range.
    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)?;
        let (index_bits, fraction_bits) = (self.index_bits, self.fraction_bits);
        if index_bits > lane_bits || fraction_bits > lane_bits {
            let reason = format!(
                "expected at most {lane_bits} bits, those of a limb, for index and fraction, \
                 found {index_bits} and {fraction_bits}"
            );
            return Err(mismatch(self.name(), reason));
        }
        let range = Range::signed_limbs(self.limbs, lane_bits);
        for (i, (&value, &slope)) in self.values.iter().zip(&self.slopes).enumerate() {
            // Within a segment the result is monotone: its last argument has the other extreme.
            let fits = range.contains(value)
                && range.contains(slope)
                && scaled(value, slope, (1 << fraction_bits) - 1, fraction_bits)
                    .is_some_and(|y| range.contains(shift_round(y, fraction_bits)));
            if !fits {
                let reason = format!(
                    "expected values, slopes and results in [{}, {}], found the value {value} and the slope {slope} \
                     in segment {i}",
                    range.lo, range.hi
                );
                return Err(mismatch(self.name(), reason));
            }
        }
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange::signed(self.limbs))
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let domain = self.domain();
        let results = inputs[0].data().iter().enumerate().map(|(flat, &x)| {
            let x = domain.check(x, "argument", Of::Input(0), flat)?;
            Ok(self.value(x))
        });
        Ok(IntTensor::of(out, results.collect::<Result<_, _>>()?))
    }

    fn bounds(&self, lane_bits: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(Range::signed_limbs(self.limbs, lane_bits).into())
    }

    fn reach(&self, _: u32, inputs: &[&Intervals], _: &[usize]) -> Outcome {
        let domain = self.domain();
        Outcome::of(self.values_over(&inputs[0].within(domain))).checked(
            "argument",
            inputs[0].extremes(),
            domain,
        )
    }
}

/// `value * 2^f + slope * r`, or `None` if it does not fit an accumulator of 62 bits.
fn scaled(value: i64, slope: i64, r: i64, fraction_bits: u32) -> Option<i64> {
    let sum = (i128::from(value) << fraction_bits) + i128::from(slope) * i128::from(r);
    i64::try_from(sum).ok().filter(|sum| sum.unsigned_abs() < 1 << 62)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{takes, try_eval},
    };
    use proptest::prelude::*;

    fn table(values: Vec<i64>, slopes: Vec<i64>, lo: i64, fraction_bits: u32) -> Lut {
        let index_bits = values.len().ilog2();
        Lut {
            function: "test".into(),
            lo,
            index_bits,
            fraction_bits,
            values,
            slopes,
            limbs: 1,
        }
    }

    #[test]
    fn refuses_malformed_tables() {
        let good = table(vec![1, 2, 3, 4], vec![1; 4], -8, 2);
        assert!(takes(good.clone(), &[&[1]], &[]) && good.check_widths(8).is_ok());
        let shapes = [
            Lut {
                index_bits: 3,
                ..good.clone()
            },
            Lut {
                index_bits: u32::MAX,
                ..good.clone()
            },
            Lut {
                fraction_bits: u32::MAX,
                ..good.clone()
            },
            Lut {
                slopes: vec![1; 3],
                ..good.clone()
            },
            Lut {
                lo: i64::MIN,
                ..good.clone()
            },
        ];
        assert!(shapes.into_iter().all(|bad| !takes(bad, &[&[1]], &[])));
        let widths = [
            Lut {
                fraction_bits: 9,
                ..good.clone()
            },
            Lut {
                values: vec![1, 2, 3, 128],
                ..good.clone()
            },
            Lut {
                slopes: vec![-129, 1, 1, 1],
                ..good.clone()
            },
            Lut {
                values: vec![1, 2, 3, 127],
                slopes: vec![1, 1, 1, 9],
                ..good.clone()
            },
        ];
        assert!(widths.iter().all(|bad| bad.check_widths(8).is_err()));
        let wide = Lut {
            limbs: 3,
            values: vec![i64::MAX; 4],
            ..good
        };
        assert!(wide.check_widths(16).is_err());
    }

    #[test]
    fn without_fraction_it_is_a_table() {
        let op = Op::Lut(table(vec![9, -7, 5, -3], vec![0; 4], -2, 0));
        assert_eq!(
            try_eval(&op, &[(&[4], &[-2, -1, 0, 1])], &[4]).unwrap(),
            [9, -7, 5, -3]
        );
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            values in prop::collection::vec(-60i64..60, 8),
            slopes in prop::collection::vec(-60i64..60, 8),
            lo in -100i64..100, f in 0u32..5, offset in -4i64..140,
        ) {
            let x = lo + offset;
            let op = Op::Lut(table(values.clone(), slopes.clone(), lo, f));
            let expected = (0..8 << f).contains(&offset).then(|| {
                let (i, r) = (offset as usize >> f, offset % (1 << f));
                (values[i] as f64 + (slopes[i] * r) as f64 / f64::from(1 << f) + 0.5).floor() as i64
            });
            prop_assert_eq!(try_eval(&op, &[(&[1], &[x])], &[1]).ok(), expected.map(|y| vec![y]));
        }
    }
}
