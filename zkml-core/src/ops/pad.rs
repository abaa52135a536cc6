//! Pad: the input with a constant around it.

use super::{
    check::{mismatch, one},
    view::{View, ViewSource, each_of_tables},
};
use crate::{error::Result, shape::strides};
use serde::{Deserialize, Serialize};

/// The input with `value` around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pad {
    /// Elements before, for each axis.
    pub before: Vec<usize>,
    /// Elements after, for each axis.
    pub after: Vec<usize>,
    /// The constant, at the node's scale.
    pub value: i64,
}

impl View for Pad {
    fn name(&self) -> &'static str {
        "Pad"
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(View::name(self), inputs)?;
        let (rank, before, after) = (input.len(), &self.before, &self.after);
        if [before.len(), after.len()] != [rank; 2] {
            let reason = format!(
                "expected padding for {rank} axes, found {} and {}",
                before.len(),
                after.len()
            );
            return Err(mismatch(View::name(self), reason));
        }
        Ok((0..rank)
            .map(|axis| {
                input[axis]
                    .saturating_add(before[axis])
                    .saturating_add(after[axis])
            })
            .collect())
    }

    fn constant(&self) -> Option<i64> {
        Some(self.value)
    }

    fn each_source(&self, inputs: &[&[usize]], _: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        let strides = strides(inputs[0]);
        let table = |axis: usize| {
            let inside = (0..inputs[0][axis]).map(|i| Some(i * strides[axis]));
            let outside = |count| std::iter::repeat_n(None, count);
            outside(self.before[axis])
                .chain(inside)
                .chain(outside(self.after[axis]))
                .collect()
        };
        each_of_tables(&(0..inputs[0].len()).map(table).collect(), self.value, emit);
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
    fn refuses_padding_for_other_axes() {
        let pad = |before: &[usize], after: &[usize]| Pad {
            before: before.to_vec(),
            after: after.to_vec(),
            value: 0,
        };
        assert!(!takes(pad(&[1], &[1, 1]), &[&[2, 2]], &[]));
        assert_eq!(
            View::shape(&pad(&[usize::MAX], &[1]), &[&[2]], &[]).unwrap(),
            [usize::MAX]
        );
    }

    proptest! {
        #[test]
        fn matches_the_definition(axes in prop::collection::vec((1usize..4, 0usize..3, 0usize..3), 1..4), value: i32) {
            let shape: Vec<_> = axes.iter().map(|a| a.0).collect();
            let before: Vec<_> = axes.iter().map(|a| a.1).collect();
            let after: Vec<_> = axes.iter().map(|a| a.2).collect();
            let value = i64::from(value);
            let data = numbered(&shape);
            let out_shape: Vec<_> = axes.iter().map(|a| a.0 + a.1 + a.2).collect();
            let op = Op::Pad(Pad { before: before.clone(), after, value });
            let out = eval(&op, &[(&shape, &data)], &out_shape);
            for (position, found) in positions(&out_shape).zip(out) {
                let source: Option<Vec<usize>> = (0..shape.len())
                    .map(|i| position[i].checked_sub(before[i]).filter(|&p| p < shape[i]))
                    .collect();
                prop_assert_eq!(found, source.map_or(value, |source| at(&shape, &data, &source)));
            }
        }
    }
}
