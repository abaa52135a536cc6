//! Reshape: the same elements in row-major order under another shape.

use super::{mismatch, view::ViewSource};
use crate::{error::Result, shape::element_count};

pub(super) fn shape(input: &[usize], declared: &[usize]) -> Result<Vec<usize>> {
    if element_count(input) == element_count(declared) {
        Ok(declared.to_vec())
    } else {
        Err(mismatch(
            "Reshape",
            format!("expected as many elements as {input:?} has, found shape {declared:?}"),
        ))
    }
}

pub(super) fn each_source(out: &[usize], emit: &mut impl FnMut(ViewSource)) {
    (0..out.iter().product()).for_each(|index| emit(ViewSource::Element { input: 0, index }));
}

#[cfg(test)]
mod tests {
    use crate::{graph::Op, ops::testing::eval};

    #[test]
    fn keeps_the_order() {
        let out = eval(&Op::Reshape, &[(&[2, 3], &[1, 2, 3, 4, 5, 6])], &[3, 2]);
        assert_eq!(out, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn refuses_another_number_of_elements() {
        assert!(super::shape(&[2, 3], &[3, 3]).is_err());
    }
}
