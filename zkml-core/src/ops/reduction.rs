//! Which input elements each output element of a sum or a maximum is taken over.

use super::{
    check::mismatch,
    view::{Tables, separable},
    window::{self, Window2d},
};
use crate::{
    error::Result,
    shape::{MAX_ELEMENTS, strides},
    tensor::IntTensor,
};
use std::convert::Infallible;

/// The sets that an operation reduces.
#[derive(Clone, Copy, Debug)]
pub enum Sets<'a> {
    /// A window over the last two axes of a tensor of rank 4.
    Window(&'a Window2d),
    /// Whole axes.
    Axes(&'a [usize]),
}

impl Sets<'_> {
    /// Largest number of elements in a set of an input of this shape.
    pub fn size(self, input: &[usize]) -> usize {
        match self {
            Sets::Window(window) => window.kernel[0].saturating_mul(window.kernel[1]),
            Sets::Axes(axes) => axes.iter().map(|&axis| input[axis]).product(),
        }
    }
}

/// For each output element, row-major, the flat indices of the input elements in its set: kernel elements in row-major
/// order, or positions along the reduced axes in row-major order. Padding is left out.
///
/// `op` is the operation of a valid graph that the sets are of, and `count` the number of its output elements.
///
/// # Errors
///
/// [`crate::Error::Shape`] if the sets have more than [`MAX_ELEMENTS`] elements in all.
pub fn reduction_map(
    op: &'static str,
    sets: Sets<'_>,
    in_shape: &[usize],
    count: usize,
) -> Result<Vec<Vec<u32>>> {
    let total = count.saturating_mul(sets.size(in_shape));
    if total > MAX_ELEMENTS {
        let reason = format!("expected at most {MAX_ELEMENTS} elements in all windows, found {total}");
        return Err(mismatch(op, reason));
    }
    let mut map = Vec::with_capacity(count);
    each_set(op, sets, in_shape, |set| {
        map.push(set.to_vec());
        Ok(())
    })?;
    Ok(map)
}

/// The sum over each set.
pub(super) fn sums(op: &'static str, sets: Sets<'_>, input: &IntTensor) -> Vec<i64> {
    let mut sums = Vec::new();
    let visited: Result<(), Infallible> = each_set(op, sets, input.shape(), |set| {
        sums.push(set.iter().map(|&i| input.data()[i as usize]).sum());
        Ok(())
    });
    let Ok(()) = visited;
    sums
}

/// Visits the sets in the output's row-major order. Shapes and attributes are checked before.
pub(crate) fn each_set<E>(
    op: &'static str,
    sets: Sets<'_>,
    input: &[usize],
    emit: impl FnMut(&[u32]) -> Result<(), E>,
) -> Result<(), E> {
    match sets {
        Sets::Window(window) => each_window(op, window, input, emit),
        Sets::Axes(axes) => each_slice(axes, input, emit),
    }
}

fn each_window<E>(
    op: &'static str,
    window: &Window2d,
    input: &[usize],
    mut emit: impl FnMut(&[u32]) -> Result<(), E>,
) -> Result<(), E> {
    let [height, width] = [input[2], input[3]];
    let Ok([rows, columns]) = window::axes(op, window, [height, width]) else {
        return Ok(());
    };
    let mut set = Vec::new();
    for plane in 0..input[0] * input[1] {
        for out_y in 0..rows.output {
            for out_x in 0..columns.output {
                set.clear();
                for y in rows.kernel_range(out_y).filter_map(|k| rows.tap(out_y, k)) {
                    let row = (plane * height + y) * width;
                    let taps = columns.kernel_range(out_x).filter_map(|k| columns.tap(out_x, k));
                    set.extend(taps.map(|x| (row + x) as u32));
                }
                emit(&set)?;
            }
        }
    }
    Ok(())
}

fn each_slice<E>(
    axes: &[usize],
    input: &[usize],
    mut emit: impl FnMut(&[u32]) -> Result<(), E>,
) -> Result<(), E> {
    let strides = strides(input);
    let tables = |reduced: bool| -> Tables {
        (0..input.len())
            .filter(|axis| axes.contains(axis) == reduced)
            .map(|axis| (0..input[axis]).map(|i| Some(i * strides[axis])).collect())
            .collect()
    };
    let mut offsets = Vec::new();
    separable(&tables(true), &mut |offset| {
        offsets.extend(offset);
        Ok(())
    })?;
    let mut set = vec![0; offsets.len()];
    separable(&tables(false), &mut |base| {
        for (slot, offset) in set.iter_mut().zip(&offsets) {
            *slot = (base.unwrap_or(0) + offset) as u32;
        }
        emit(&set)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::positions;
    use crate::ops::{Op, SumPool, infer_shape};
    use proptest::prelude::*;

    #[test]
    fn bounds_the_total() {
        let kernel = [1 << 14, 1 << 13];
        let window = Window2d {
            kernel,
            strides: [1, 1],
            pads_begin: kernel,
            pads_end: [0, 0],
            dilations: [1, 1],
        };
        let out = infer_shape(
            &Op::SumPool(SumPool {
                window: window.clone(),
            }),
            &[&[1, 1, 1, 1]],
            &[],
        )
        .unwrap();
        let count = out.iter().product();
        assert!(reduction_map("SumPool", Sets::Window(&window), &[1, 1, 1, 1], count).is_err());
    }

    proptest! {
        #[test]
        fn axis_sets_hold_the_positions_that_agree_elsewhere(
            shape in prop::collection::vec(1usize..4, 1..5),
            chosen: [bool; 4],
        ) {
            let axes: Vec<usize> = (0..shape.len()).filter(|&axis| chosen[axis]).collect();
            let mut out = shape.clone();
            axes.iter().for_each(|&axis| out[axis] = 1);
            let map = reduction_map("ReduceSum", Sets::Axes(&axes), &shape, out.iter().product()).unwrap();
            for (position, set) in positions(&out).zip(map) {
                let expected: Vec<u32> = positions(&shape)
                    .zip(0u32..)
                    .filter(|(p, _)| (0..shape.len()).all(|i| axes.contains(&i) || p[i] == position[i]))
                    .map(|(_, flat)| flat)
                    .collect();
                prop_assert_eq!(set, expected);
            }
        }
    }
}
