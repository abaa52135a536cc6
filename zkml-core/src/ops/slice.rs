//! Slice: `out[i_0, ...] = in[starts[0] + i_0 * steps[0], ...]`.

use super::{
    check::{mismatch, one},
    view::{View, ViewSource, each_of_tables},
};
use crate::{error::Result, shape::strides};
use serde::{Deserialize, Serialize};

/// `out[i_0, ...] = in[starts[0] + i_0 * steps[0], ...]`; steps may be negative.
///
/// The declared shape says how many elements are taken along each axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// First index along each axis.
    pub starts: Vec<usize>,
    /// Step along each axis, not 0.
    pub steps: Vec<i64>,
}

impl View for Slice {
    fn name(&self) -> &'static str {
        "Slice"
    }

    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
        let input = one(View::name(self), inputs)?;
        let Slice { starts, steps } = self;
        let rank = input.len();
        if [starts.len(), steps.len(), declared.len()] != [rank; 3] {
            let reason = format!(
                "expected {rank} starts, steps and output axes, found {}, {} and {}",
                starts.len(),
                steps.len(),
                declared.len()
            );
            return Err(mismatch(View::name(self), reason));
        }
        for axis in 0..rank {
            let (start, step, count, length) = (starts[axis], steps[axis], declared[axis], input[axis]);
            // In 128 bits neither the product nor the sum can overflow.
            let last = start as i128 + i128::from(step) * (count as i128 - 1);
            if step == 0 || count == 0 || start >= length || !(0..length as i128).contains(&last) {
                let reason = format!(
                    "expected indices below {length} along axis {axis}, found {count} from {start} in steps of {step}"
                );
                return Err(mismatch(View::name(self), reason));
            }
        }
        Ok(declared.to_vec())
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, inputs: &[&[usize]], out: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let strides = strides(inputs[0]);
        let index = |axis: usize, i: usize| (self.starts[axis] as i64 + i as i64 * self.steps[axis]) as usize;
        let table = |axis: usize| {
            (0..out[axis])
                .map(|i| Some(index(axis, i) * strides[axis]))
                .collect()
        };
        each_of_tables(&(0..out.len()).map(table).collect(), 0, emit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{at, eval, numbered, positions, takes},
    };
    use proptest::prelude::*;

    #[test]
    fn steps_backwards() {
        let op = Op::Slice(Slice {
            starts: vec![4],
            steps: vec![-2],
        });
        assert_eq!(eval(&op, &[(&[5], &[0, 1, 2, 3, 4])], &[3]), [4, 2, 0]);
    }

    #[test]
    fn refuses_indices_outside() {
        assert!(!takes(
            Slice {
                starts: vec![0],
                steps: vec![1]
            },
            &[&[5]],
            &[6]
        ));
        assert!(!takes(
            Slice {
                starts: vec![5],
                steps: vec![1]
            },
            &[&[5]],
            &[1]
        ));
        assert!(!takes(
            Slice {
                starts: vec![1],
                steps: vec![-1]
            },
            &[&[5]],
            &[3]
        ));
        assert!(!takes(
            Slice {
                starts: vec![0],
                steps: vec![0]
            },
            &[&[5]],
            &[3]
        ));
        assert!(!takes(
            Slice {
                starts: vec![0],
                steps: vec![i64::MAX]
            },
            &[&[5]],
            &[usize::MAX]
        ));
        assert!(!takes(
            Slice {
                starts: vec![0, 0],
                steps: vec![1]
            },
            &[&[5]],
            &[3]
        ));
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
            let op = Op::Slice(Slice { starts: starts.clone(), steps: steps.clone() });
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
