//! Reshape: the same elements in row-major order under another shape.

use super::{
    check::{mismatch, one},
    view::{View, ViewSource},
};
use crate::{error::Result, shape::element_count};
use serde::{Deserialize, Serialize};

/// The same elements in row-major order under the node's shape. One input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reshape;

impl View for Reshape {
    fn name(&self) -> &'static str {
        "Reshape"
    }

    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
        let input = one(View::name(self), inputs)?;
        if element_count(input) == element_count(declared) {
            Ok(declared.to_vec())
        } else {
            Err(mismatch(
                View::name(self),
                format!("expected as many elements as {input:?} has, found shape {declared:?}"),
            ))
        }
    }

    fn constant(&self) -> Option<i64> {
        None
    }

    fn each_source(&self, _: &[&[usize]], out: &[usize], emit: &mut dyn FnMut(ViewSource)) {
        (0..out.iter().product()).for_each(|index| emit(ViewSource::Element { input: 0, index }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{eval, takes},
    };

    #[test]
    fn keeps_the_order() {
        let out = eval(&Op::Reshape(Reshape), &[(&[2, 3], &[1, 2, 3, 4, 5, 6])], &[3, 2]);
        assert_eq!(out, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn refuses_another_number_of_elements() {
        assert!(!takes(Reshape, &[&[2, 3]], &[3, 3]));
    }
}
