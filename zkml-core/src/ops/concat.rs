//! Concat: the inputs one after the other along an axis.

use super::{
    check::{check_axis, mismatch},
    view::{View, ViewSource},
};
use crate::error::Result;
use serde::{Deserialize, Serialize};

/// The inputs one after the other along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concat {
    /// The axis.
    pub axis: usize,
}

impl View for Concat {
    fn name(&self) -> &'static str {
        "Concat"
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let (name, axis) = (View::name(self), self.axis);
        let Some((&first, rest)) = inputs.split_first() else {
            return Err(mismatch(name, "expected at least one input, found none"));
        };
        check_axis(name, axis, first)?;
        let mut shape = first.to_vec();
        for &input in rest {
            let fits =
                input.len() == first.len() && (0..first.len()).all(|i| i == axis || input[i] == first[i]);
            if !fits {
                let reason =
                    format!("expected shapes equal but for axis {axis}, found {first:?} and {input:?}");
                return Err(mismatch(name, reason));
            }
            shape[axis] = shape[axis].saturating_add(input[axis]);
        }
        Ok(shape)
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, inputs: &[&[usize]], _: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let rows: usize = inputs[0][..self.axis].iter().product();
        let chunks: Vec<usize> = inputs
            .iter()
            .map(|shape| shape[self.axis..].iter().product())
            .collect();
        for row in 0..rows {
            for (input, &chunk) in chunks.iter().enumerate() {
                (row * chunk..(row + 1) * chunk).for_each(|index| emit(ViewSource::Element { input, index }));
            }
        }
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
    fn refuses_shapes_that_differ() {
        assert!(!takes(Concat { axis: 0 }, &[], &[]));
        assert!(!takes(Concat { axis: 2 }, &[&[1, 2]], &[]));
        assert!(!takes(Concat { axis: 0 }, &[&[1, 2], &[1, 3]], &[]));
        assert!(!takes(Concat { axis: 0 }, &[&[1, 2], &[1]], &[]));
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            base in prop::collection::vec(1usize..4, 1..4),
            axis: prop::sample::Index,
            lengths in prop::collection::vec(1usize..4, 1..4),
        ) {
            let axis = axis.index(base.len());
            let with = |length: usize| { let mut shape = base.clone(); shape[axis] = length; shape };
            let shapes: Vec<_> = lengths.iter().map(|&length| with(length)).collect();
            let data: Vec<Vec<i64>> = shapes
                .iter()
                .enumerate()
                .map(|(i, shape)| numbered(shape).iter().map(|v| v + 1000 * i as i64).collect())
                .collect();
            let inputs: Vec<_> = shapes.iter().zip(&data).map(|(s, d)| (&s[..], &d[..])).collect();
            let out_shape = with(lengths.iter().sum());
            let out = eval(&Op::Concat(Concat { axis }), &inputs, &out_shape);
            for (mut position, value) in positions(&out_shape).zip(out) {
                let mut input = 0;
                while position[axis] >= lengths[input] {
                    position[axis] -= lengths[input];
                    input += 1;
                }
                prop_assert_eq!(value, at(&shapes[input], &data[input], &position));
            }
        }
    }
}
