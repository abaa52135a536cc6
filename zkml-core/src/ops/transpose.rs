//! Transpose: axis `i` of the output is axis `perm[i]` of the input.

use super::{
    check::{mismatch, one},
    view::{View, ViewSource, each_of_tables},
};
use crate::{error::Result, shape::strides};
use serde::{Deserialize, Serialize};

/// Axis `i` of the output is axis `perm[i]` of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transpose {
    /// Permutation of the axes.
    pub perm: Vec<usize>,
}

impl View for Transpose {
    fn name(&self) -> &'static str {
        "Transpose"
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(View::name(self), inputs)?;
        let mut sorted = self.perm.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..input.len()) {
            let reason = format!(
                "expected a permutation of {} axes, found {:?}",
                input.len(),
                self.perm
            );
            return Err(mismatch(View::name(self), reason));
        }
        Ok(self.perm.iter().map(|&axis| input[axis]).collect())
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, inputs: &[&[usize]], _: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let strides = strides(inputs[0]);
        let table = |&axis: &usize| (0..inputs[0][axis]).map(|i| Some(i * strides[axis])).collect();
        each_of_tables(&self.perm.iter().map(table).collect(), 0, emit);
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
    fn refuses_what_is_no_permutation() {
        for perm in [vec![0, 0], vec![0], vec![0, 2], vec![0, 1, 2]] {
            assert!(!takes(Transpose { perm }, &[&[2, 3]], &[]));
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
            let out = eval(&Op::Transpose(Transpose { perm: perm.clone() }), &[(&shape, &data)], &out_shape);
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
