//! Broadcast: NumPy broadcasting to the declared shape.

use super::{
    check::{mismatch, one},
    view::{View, ViewSource, each_of_tables},
};
use crate::{error::Result, shape::strides};
use serde::{Deserialize, Serialize};

/// NumPy broadcasting of the input to the node's shape. Shapes align at their last axes; missing axes and axes of length
/// 1 repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast;

impl View for Broadcast {
    fn name(&self) -> &'static str {
        "Broadcast"
    }

    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
        let input = one(View::name(self), inputs)?;
        let fits = input.len() <= declared.len()
            && input
                .iter()
                .rev()
                .zip(declared.iter().rev())
                .all(|(&from, &to)| from == to || from == 1);
        if fits {
            Ok(declared.to_vec())
        } else {
            let reason = format!("expected a shape that broadcasts to {declared:?}, found {input:?}");
            Err(mismatch(View::name(self), reason))
        }
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, inputs: &[&[usize]], out: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let input = inputs[0];
        let strides = strides(input);
        let missing = out.len() - input.len();
        let table = |axis: usize| {
            let step = match axis.checked_sub(missing) {
                Some(from) if input[from] > 1 => strides[from],
                _ => 0,
            };
            (0..out[axis]).map(|i| Some(i * step)).collect()
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
    fn refuses_shapes_that_do_not_broadcast() {
        assert!(!takes(Broadcast, &[&[2]], &[3]));
        assert!(!takes(Broadcast, &[&[2, 2]], &[2]));
        assert!(!takes(Broadcast, &[&[3]], &[1]));
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            out_shape in prop::collection::vec(1usize..4, 0..4),
            ones: [bool; 4],
            missing: prop::sample::Index,
        ) {
            let missing = missing.index(out_shape.len() + 1);
            let shape: Vec<usize> =
                (missing..out_shape.len()).map(|axis| if ones[axis] { 1 } else { out_shape[axis] }).collect();
            let data = numbered(&shape);
            let out = eval(&Op::Broadcast(Broadcast), &[(&shape, &data)], &out_shape);
            for (position, value) in positions(&out_shape).zip(out) {
                let source: Vec<usize> =
                    shape.iter().zip(&position[missing..]).map(|(&n, &i)| if n == 1 { 0 } else { i }).collect();
                prop_assert_eq!(value, at(&shape, &data, &source));
            }
        }
    }
}
