//! Lut: a function of one variable by table and linear interpolation; see [`LutTable`].

use super::{
    check_size, mismatch,
    range::{Of, Range, RangeFault},
};
use crate::{error::Result, graph::LutTable, rounding::shift_round, tensor::IntTensor};

/// Largest width of a table's index or of its fraction.
const MAX_INDEX_BITS: u32 = 16;

/// Smallest arguments beyond this are refused, so that no range overflows.
const MAX_LO: u64 = 1 << 62;

pub(super) fn shape(table: &LutTable, input: &[usize]) -> Result<Vec<usize>> {
    let LutTable {
        lo,
        index_bits,
        fraction_bits,
        values,
        slopes,
        ..
    } = table;
    if *index_bits > MAX_INDEX_BITS || *fraction_bits > MAX_INDEX_BITS {
        let reason = format!(
            "expected at most {MAX_INDEX_BITS} bits for index and fraction, found {index_bits} and {fraction_bits}"
        );
        return Err(mismatch("Lut", reason));
    }
    let segments = 1usize << index_bits;
    if [values.len(), slopes.len()] != [segments; 2] {
        let reason = format!(
            "expected {segments} values and slopes, found {} and {}",
            values.len(),
            slopes.len()
        );
        return Err(mismatch("Lut", reason));
    }
    if lo.unsigned_abs() >= MAX_LO {
        return Err(mismatch(
            "Lut",
            format!("expected a smallest argument below 62 bits, found {lo}"),
        ));
    }
    check_size("Lut", input)?;
    Ok(input.to_vec())
}

/// Checks the table against the width: all values, slopes and interpolated results are in range.
/// The shape rule has checked the lengths.
pub(super) fn check(table: &LutTable, lane_bits: u32) -> Result<()> {
    let LutTable {
        index_bits,
        fraction_bits,
        values,
        slopes,
        limbs,
        ..
    } = table;
    if *index_bits > lane_bits || *fraction_bits > lane_bits {
        let reason = format!(
            "expected at most {lane_bits} bits, those of a limb, for index and fraction, \
             found {index_bits} and {fraction_bits}"
        );
        return Err(mismatch("Lut", reason));
    }
    let range = Range::signed(u32::from(*limbs) * lane_bits);
    for (i, (&value, &slope)) in values.iter().zip(slopes).enumerate() {
        // Within a segment the result is monotone: its last argument has the other extreme.
        let fits = range.contains(value)
            && range.contains(slope)
            && scaled(value, slope, (1 << fraction_bits) - 1, *fraction_bits)
                .is_some_and(|y| range.contains(shift_round(y, *fraction_bits)));
        if !fits {
            let reason = format!(
                "expected values, slopes and results in [{}, {}], found the value {value} and the slope {slope} \
                 in segment {i}",
                range.lo, range.hi
            );
            return Err(mismatch("Lut", reason));
        }
    }
    Ok(())
}

/// `value * 2^f + slope * r`, or `None` if it does not fit an accumulator of 62 bits.
fn scaled(value: i64, slope: i64, r: i64, fraction_bits: u32) -> Option<i64> {
    let sum = (i128::from(value) << fraction_bits) + i128::from(slope) * i128::from(r);
    i64::try_from(sum).ok().filter(|sum| sum.unsigned_abs() < 1 << 62)
}

/// The arguments of the table.
pub(crate) fn domain(table: &LutTable) -> Range {
    Range {
        lo: table.lo,
        hi: table.lo + ((1 << (table.index_bits + table.fraction_bits)) - 1),
    }
}

pub(super) fn eval(table: &LutTable, input: &IntTensor) -> Result<IntTensor, RangeFault> {
    let domain = domain(table);
    let results = input.data().iter().enumerate().map(|(flat, &x)| {
        let x = domain.check(x, "argument", Of::Input(0), flat)?;
        Ok(value(table, x))
    });
    Ok(IntTensor::of(input.shape(), results.collect::<Result<_, _>>()?))
}

/// The function at an argument of the domain.
pub(crate) fn value(table: &LutTable, x: i64) -> i64 {
    let fraction_bits = table.fraction_bits;
    let u = x - table.lo;
    let segment = (u >> fraction_bits) as usize;
    let r = u & ((1 << fraction_bits) - 1);
    // Sums fit: `check` has computed the extremes of every segment.
    let y = (table.values[segment] << fraction_bits) + table.slopes[segment] * r;
    shift_round(y, fraction_bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph::Op, ops::testing::try_eval};
    use proptest::prelude::*;

    fn table(values: Vec<i64>, slopes: Vec<i64>, lo: i64, fraction_bits: u32) -> LutTable {
        let index_bits = values.len().ilog2();
        LutTable {
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
        assert!(shape(&good, &[1]).is_ok() && check(&good, 8).is_ok());
        let shapes = [
            LutTable {
                index_bits: 3,
                ..good.clone()
            },
            LutTable {
                index_bits: u32::MAX,
                ..good.clone()
            },
            LutTable {
                fraction_bits: u32::MAX,
                ..good.clone()
            },
            LutTable {
                slopes: vec![1; 3],
                ..good.clone()
            },
            LutTable {
                lo: i64::MIN,
                ..good.clone()
            },
        ];
        assert!(shapes.iter().all(|bad| shape(bad, &[1]).is_err()));
        let widths = [
            LutTable {
                fraction_bits: 9,
                ..good.clone()
            },
            LutTable {
                values: vec![1, 2, 3, 128],
                ..good.clone()
            },
            LutTable {
                slopes: vec![-129, 1, 1, 1],
                ..good.clone()
            },
            LutTable {
                values: vec![1, 2, 3, 127],
                slopes: vec![1, 1, 1, 9],
                ..good.clone()
            },
        ];
        assert!(widths.iter().all(|bad| check(bad, 8).is_err()));
        let wide = LutTable {
            limbs: 3,
            values: vec![i64::MAX; 4],
            ..good
        };
        assert!(check(&wide, 16).is_err());
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
