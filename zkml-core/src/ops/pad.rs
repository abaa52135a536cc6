//! Pad: the input with a constant around it.

use super::{mismatch, view::Tables};
use crate::{error::Result, shape::strides};

pub(super) fn shape(before: &[usize], after: &[usize], input: &[usize]) -> Result<Vec<usize>> {
    let rank = input.len();
    if [before.len(), after.len()] != [rank; 2] {
        let reason = format!(
            "expected padding for {rank} axes, found {} and {}",
            before.len(),
            after.len()
        );
        return Err(mismatch("Pad", reason));
    }
    Ok((0..rank)
        .map(|axis| {
            input[axis]
                .saturating_add(before[axis])
                .saturating_add(after[axis])
        })
        .collect())
}

pub(super) fn tables(before: &[usize], after: &[usize], input: &[usize]) -> Tables {
    let strides = strides(input);
    (0..input.len())
        .map(|axis| {
            let inside = (0..input[axis]).map(|i| Some(i * strides[axis]));
            let outside = |count| std::iter::repeat_n(None, count);
            outside(before[axis])
                .chain(inside)
                .chain(outside(after[axis]))
                .collect()
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
    fn refuses_padding_for_other_axes() {
        assert!(super::shape(&[1], &[1, 1], &[2, 2]).is_err());
        assert_eq!(super::shape(&[usize::MAX], &[1], &[2]).unwrap(), [usize::MAX]);
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
            let op = Op::Pad { before: before.clone(), after, value };
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
