//! Broadcast: NumPy broadcasting to the declared shape. Shapes align at their last axes;
//! missing axes and axes of length 1 repeat.

use super::{mismatch, view::Tables};
use crate::{error::Result, shape::strides};

pub(super) fn shape(input: &[usize], declared: &[usize]) -> Result<Vec<usize>> {
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
        Err(mismatch("Broadcast", reason))
    }
}

pub(super) fn tables(input: &[usize], out: &[usize]) -> Tables {
    let strides = strides(input);
    let missing = out.len() - input.len();
    (0..out.len())
        .map(|axis| {
            let step = match axis.checked_sub(missing) {
                Some(from) if input[from] > 1 => strides[from],
                _ => 0,
            };
            (0..out[axis]).map(|i| Some(i * step)).collect()
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
    fn refuses_shapes_that_do_not_broadcast() {
        assert!(super::shape(&[2], &[3]).is_err());
        assert!(super::shape(&[2, 2], &[2]).is_err());
        assert!(super::shape(&[3], &[1]).is_err());
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
            let out = eval(&Op::Broadcast, &[(&shape, &data)], &out_shape);
            for (position, value) in positions(&out_shape).zip(out) {
                let source: Vec<usize> =
                    shape.iter().zip(&position[missing..]).map(|(&n, &i)| if n == 1 { 0 } else { i }).collect();
                prop_assert_eq!(value, at(&shape, &data, &source));
            }
        }
    }
}
