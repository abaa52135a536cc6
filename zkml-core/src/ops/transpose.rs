//! Transpose: axis `i` of the output is axis `perm[i]` of the input.

use super::{mismatch, view::Tables};
use crate::{error::Result, shape::strides};

pub(super) fn shape(perm: &[usize], input: &[usize]) -> Result<Vec<usize>> {
    let mut sorted = perm.to_vec();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..input.len()) {
        let reason = format!("expected a permutation of {} axes, found {perm:?}", input.len());
        return Err(mismatch("Transpose", reason));
    }
    Ok(perm.iter().map(|&axis| input[axis]).collect())
}

pub(super) fn tables(perm: &[usize], input: &[usize]) -> Tables {
    let strides = strides(input);
    perm.iter()
        .map(|&axis| (0..input[axis]).map(|i| Some(i * strides[axis])).collect())
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
    fn refuses_what_is_no_permutation() {
        for perm in [vec![0, 0], vec![0], vec![0, 2], vec![0, 1, 2]] {
            assert!(super::shape(&perm, &[2, 3]).is_err());
        }
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            shape in prop::array::uniform4(1usize..4),
            perm in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
        ) {
            let data = numbered(&shape);
            let out_shape: Vec<usize> = perm.iter().map(|&axis| shape[axis]).collect();
            let out = eval(&Op::Transpose { perm: perm.clone() }, &[(&shape, &data)], &out_shape);
            for (position, value) in positions(&out_shape).zip(out) {
                let mut source = [0; 4];
                for (axis, &from) in perm.iter().enumerate() {
                    source[from] = position[axis];
                }
                prop_assert_eq!(value, at(&shape, &data, &source));
            }
        }
    }
}
