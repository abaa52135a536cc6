//! Gather: `out[.., j, ..] = in[.., indices[j], ..]` along an axis, for constant indices.

use super::{
    check::{check_axis, mismatch, one},
    view::{View, ViewSource, each_of_tables},
};
use crate::{error::Result, shape::strides};
use serde::{Deserialize, Serialize};

/// `out[.., j, ..] = in[.., indices[j], ..]` along `axis`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gather {
    /// The axis.
    pub axis: usize,
    /// Constant indices.
    pub indices: Vec<usize>,
}

impl View for Gather {
    fn name(&self) -> &'static str {
        "Gather"
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let (name, axis) = (View::name(self), self.axis);
        let input = one(name, inputs)?;
        check_axis(name, axis, input)?;
        if let Some(index) = self.indices.iter().find(|&&index| index >= input[axis]) {
            let reason = format!(
                "expected indices below {} along axis {axis}, found {index}",
                input[axis]
            );
            return Err(mismatch(name, reason));
        }
        let mut shape = input.to_vec();
        shape[axis] = self.indices.len();
        Ok(shape)
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, inputs: &[&[usize]], _: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let input = inputs[0];
        let strides = strides(input);
        let table = |axis: usize| {
            if axis == self.axis {
                self.indices
                    .iter()
                    .map(|&index| Some(index * strides[axis]))
                    .collect()
            } else {
                (0..input[axis])
                    .map(|index| Some(index * strides[axis]))
                    .collect()
            }
        };
        each_of_tables(&(0..input.len()).map(table).collect(), 0, emit);
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
    fn refuses_indices_outside() {
        assert!(!takes(
            Gather {
                axis: 0,
                indices: vec![2]
            },
            &[&[2]],
            &[]
        ));
        assert!(!takes(
            Gather {
                axis: 1,
                indices: vec![0]
            },
            &[&[2]],
            &[]
        ));
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            shape in prop::collection::vec(1usize..4, 1..4),
            axis: prop::sample::Index,
            picks in prop::collection::vec(any::<prop::sample::Index>(), 1..5),
        ) {
            let axis = axis.index(shape.len());
            let indices: Vec<usize> = picks.iter().map(|pick| pick.index(shape[axis])).collect();
            let data = numbered(&shape);
            let mut out_shape = shape.clone();
            out_shape[axis] = indices.len();
            let out = eval(&Op::Gather(Gather { axis, indices: indices.clone() }), &[(&shape, &data)], &out_shape);
            for (mut position, value) in positions(&out_shape).zip(out) {
                position[axis] = indices[position[axis]];
                prop_assert_eq!(value, at(&shape, &data, &position));
            }
        }
    }
}
