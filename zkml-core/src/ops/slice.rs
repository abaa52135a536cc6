//! Slice: `out[i_0, ...] = in[starts[0] + i_0 * steps[0], ...]`.
//!
//! The declared shape says how many elements are taken along each axis.

use super::{mismatch, view::Tables};
use crate::{error::Result, shape::strides};

pub(super) fn shape(
    starts: &[usize],
    steps: &[i64],
    input: &[usize],
    declared: &[usize],
) -> Result<Vec<usize>> {
    let rank = input.len();
    if [starts.len(), steps.len(), declared.len()] != [rank; 3] {
        let reason = format!(
            "expected {rank} starts, steps and output axes, found {}, {} and {}",
            starts.len(),
            steps.len(),
            declared.len()
        );
        return Err(mismatch("Slice", reason));
    }
    for axis in 0..rank {
        let (start, step, count, length) = (starts[axis], steps[axis], declared[axis], input[axis]);
        // In 128 bits neither the product nor the sum can overflow.
        let last = start as i128 + i128::from(step) * (count as i128 - 1);
        if step == 0 || count == 0 || start >= length || !(0..length as i128).contains(&last) {
            let reason = format!(
                "expected indices below {length} along axis {axis}, found {count} from {start} in steps of {step}"
            );
            return Err(mismatch("Slice", reason));
        }
    }
    Ok(declared.to_vec())
}

pub(super) fn tables(starts: &[usize], steps: &[i64], input: &[usize], out: &[usize]) -> Tables {
    let strides = strides(input);
    (0..out.len())
        .map(|axis| {
            let index = |i: usize| (starts[axis] as i64 + i as i64 * steps[axis]) as usize;
            (0..out[axis]).map(|i| Some(index(i) * strides[axis])).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{
        graph::Op,
        ops::testing::{at, eval, numbered, positions},
    };
    use proptest::prelude::*;

    #[test]
    fn steps_backwards() {
        let op = Op::Slice {
            starts: vec![4],
            steps: vec![-2],
        };
        assert_eq!(eval(&op, &[(&[5], &[0, 1, 2, 3, 4])], &[3]), [4, 2, 0]);
    }

    #[test]
    fn refuses_indices_outside() {
        assert!(super::shape(&[0], &[1], &[5], &[6]).is_err());
        assert!(super::shape(&[5], &[1], &[5], &[1]).is_err());
        assert!(super::shape(&[1], &[-1], &[5], &[3]).is_err());
        assert!(super::shape(&[0], &[0], &[5], &[3]).is_err());
        assert!(super::shape(&[0], &[i64::MAX], &[5], &[usize::MAX]).is_err());
        assert!(super::shape(&[0, 0], &[1], &[5], &[3]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            (shape, starts, steps, counts) in prop::collection::vec((1usize..6, -3i64..4, any::<[prop::sample::Index; 2]>()), 1..4)
                .prop_map(|axes| {
                    let mut parts = (vec![], vec![], vec![], vec![]);
                    for (length, step, [start, count]) in axes {
                        let step = if step == 0 { 1 } else { step };
                        let start = start.index(length);
                        let room = if step > 0 { length - 1 - start } else { start };
                        let most = room / step.unsigned_abs() as usize + 1;
                        parts.0.push(length);
                        parts.1.push(start);
                        parts.2.push(step);
                        parts.3.push(1 + count.index(most));
                    }
                    parts
                })
        ) {
            let data = numbered(&shape);
            let op = Op::Slice { starts: starts.clone(), steps: steps.clone() };
            let out = eval(&op, &[(&shape, &data)], &counts);
            for (position, value) in positions(&counts).zip(out) {
                let source: Vec<usize> = (0..shape.len())
                    .map(|axis| (starts[axis] as i64 + position[axis] as i64 * steps[axis]) as usize)
                    .collect();
                prop_assert_eq!(value, at(&shape, &data, &source));
            }
        }
    }
}
