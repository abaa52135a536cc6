//! Gather: `out[.., j, ..] = in[.., indices[j], ..]` along an axis, for constant indices.

use super::{check_axis, mismatch, view::Tables};
use crate::{error::Result, shape::strides};

pub(super) fn shape(axis: usize, indices: &[usize], input: &[usize]) -> Result<Vec<usize>> {
    check_axis("Gather", axis, input)?;
    if let Some(index) = indices.iter().find(|&&index| index >= input[axis]) {
        let reason = format!(
            "expected indices below {} along axis {axis}, found {index}",
            input[axis]
        );
        return Err(mismatch("Gather", reason));
    }
    let mut shape = input.to_vec();
    shape[axis] = indices.len();
    Ok(shape)
}

pub(super) fn tables(axis: usize, indices: &[usize], input: &[usize]) -> Tables {
    let strides = strides(input);
    (0..input.len())
        .map(|i| {
            if i == axis {
                indices.iter().map(|&index| Some(index * strides[i])).collect()
            } else {
                (0..input[i]).map(|index| Some(index * strides[i])).collect()
            }
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
    fn refuses_indices_outside() {
        assert!(super::shape(0, &[2], &[2]).is_err());
        assert!(super::shape(1, &[0], &[2]).is_err());
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
            let out = eval(&Op::Gather { axis, indices: indices.clone() }, &[(&shape, &data)], &out_shape);
            for (mut position, value) in positions(&out_shape).zip(out) {
                position[axis] = indices[position[axis]];
                prop_assert_eq!(value, at(&shape, &data, &position));
            }
        }
    }
}
