//! Which input elements each output element of a sum or a maximum is taken over.

use super::{
    infer_shape, mismatch,
    view::{Tables, separable},
    window,
};
use crate::{
    error::Result,
    graph::{MaxWindows, Op, Window2d},
    shape::{MAX_ELEMENTS, strides},
};

/// The sets that an operation reduces.
#[derive(Clone, Copy)]
pub(crate) enum Sets<'a> {
    /// A window over the last two axes of a tensor of rank 4.
    Window(&'a Window2d),
    /// Whole axes.
    Axes(&'a [usize]),
}

impl<'a> Sets<'a> {
    pub fn of_max(windows: &'a MaxWindows) -> Self {
        match windows {
            MaxWindows::Pool(window) => Sets::Window(window),
            MaxWindows::Axis(axis) => Sets::Axes(std::slice::from_ref(axis)),
        }
    }

    fn of(op: &'a Op) -> Option<Self> {
        match op {
            Op::Max { windows, .. } => Some(Self::of_max(windows)),
            Op::SumPool(window) => Some(Sets::Window(window)),
            Op::ReduceSum { axes } => Some(Sets::Axes(axes)),
            Op::ArgMax { axis, .. } => Some(Sets::Axes(std::slice::from_ref(axis))),
            _ => None,
        }
    }

    /// Largest number of elements in a set.
    pub fn size(self, input: &[usize]) -> usize {
        match self {
            Sets::Window(window) => window.kernel[0].saturating_mul(window.kernel[1]),
            Sets::Axes(axes) => axes.iter().map(|&axis| input[axis]).product(),
        }
    }
}

/// Largest number of input elements that one output element of an operation on this input
/// reduces; 1 if it is no reduction. Shapes are checked before.
pub(crate) fn set_size(op: &Op, input: &[usize]) -> usize {
    Sets::of(op).map_or(1, |sets| sets.size(input))
}

/// For each output element, row-major, the flat indices of the input elements that [`Op::Max`],
/// [`Op::ReduceSum`], [`Op::SumPool`] or [`Op::ArgMax`] reduces: kernel elements in row-major order,
/// or positions along the reduced axes in row-major order. Padding is left out.
///
/// # Errors
///
/// [`crate::Error::Shape`] for other operations, if `out_shape` is not the operation's, or if the sets
/// have more than [`MAX_ELEMENTS`] elements in all.
pub fn reduction_map(op: &Op, in_shape: &[usize], out_shape: &[usize]) -> Result<Vec<Vec<u32>>> {
    let Some(sets) = Sets::of(op) else {
        return Err(mismatch(
            op.name(),
            "expected a reduction (max, reduce-sum, sum-pool, arg-max)",
        ));
    };
    let inferred = infer_shape(op, &[in_shape], out_shape)?;
    if inferred != out_shape {
        return Err(mismatch(
            op.name(),
            format!("expected the output shape {inferred:?}, found {out_shape:?}"),
        ));
    }
    let count: usize = out_shape.iter().product();
    let total = count.saturating_mul(sets.size(in_shape));
    if total > MAX_ELEMENTS {
        let reason = format!("expected at most {MAX_ELEMENTS} elements in all windows, found {total}");
        return Err(mismatch(op.name(), reason));
    }
    let mut map = Vec::with_capacity(count);
    each_set(op.name(), sets, in_shape, |set| {
        map.push(set.to_vec());
        Ok(())
    })?;
    Ok(map)
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
    use proptest::prelude::*;

    #[test]
    fn refuses_other_operations() {
        assert!(reduction_map(&Op::Reshape, &[2], &[2]).is_err());
        assert!(reduction_map(&Op::ReduceSum { axes: vec![0] }, &[2], &[2]).is_err());
    }

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
        let out = infer_shape(&Op::SumPool(window.clone()), &[&[1, 1, 1, 1]], &[]).unwrap();
        assert!(reduction_map(&Op::SumPool(window), &[1, 1, 1, 1], &out).is_err());
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
            let map = reduction_map(&Op::ReduceSum { axes: axes.clone() }, &shape, &out).unwrap();
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
