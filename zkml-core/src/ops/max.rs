//! Max: maximum over windows or an axis of the shifted input, and optionally the rectifier after it.
//!
//! With `a_i` the shifted elements of a window and `M` the largest, `M - a_i < 2^(L b)` for all `i`.
//! Without the rectifier the result `M` is signed. With it the result is `m = max(M, 0)`, and
//! `m < 2^(L b)` and `m - M < 2^(L b)`.

use super::{
    check_axis, check_size, mismatch,
    range::{Clamp, Of, Range, RangeFault},
    reduction::{Sets, each_set},
    rescale::{self, shift_at},
    sum_pool::pooled,
    window,
};
use crate::{
    error::Result,
    graph::{MaxWindows, Shift},
    rounding::shift_round,
    tensor::IntTensor,
};

pub(super) fn shape(windows: &MaxWindows, shift: &Shift, input: &[usize]) -> Result<Vec<usize>> {
    rescale::check("Max", shift, input)?;
    match windows {
        MaxWindows::Pool(window) => {
            let shape = pooled("Max", window, input)?;
            // Bounds the number of windows before looking at each.
            check_size("Max", &shape)?;
            let axes = window::axes("Max", window, [input[2], input[3]])?;
            if !axes.iter().all(window::WindowAxis::covers_input) {
                let reason =
                    "expected every window to hold an element of the input, found one of padding only";
                return Err(mismatch("Max", reason));
            }
            Ok(shape)
        }
        MaxWindows::Axis(axis) => {
            check_axis("Max", *axis, input)?;
            let mut shape = input.to_vec();
            shape[*axis] = 1;
            Ok(shape)
        }
    }
}

pub(super) fn eval(
    windows: &MaxWindows,
    shift: &Shift,
    clamp: Clamp,
    spread: Range,
    input: &IntTensor,
    out: &[usize],
) -> Result<IntTensor, RangeFault> {
    let shift_of = shift_at(shift, input.shape());
    let shifted: Vec<i64> = input
        .data()
        .iter()
        .enumerate()
        .map(|(flat, &x)| shift_round(x, shift_of(flat)))
        .collect();
    let mut results = Vec::with_capacity(out.iter().product());
    each_set("Max", Sets::of_max(windows), input.shape(), |set| {
        let elements = || set.iter().map(|&i| shifted[i as usize]);
        let (largest, smallest) = elements().fold((i64::MIN, i64::MAX), |(largest, smallest), a| {
            (largest.max(a), smallest.min(a))
        });
        let element = results.len();
        let result = clamp.apply(largest, "maximum", Of::Output, element)?;
        // Both are shifted accumulators below 2^62: their difference fits 63 bits.
        let distance = largest - smallest;
        spread.check(
            distance,
            "distance from the largest to the smallest element",
            Of::Output,
            element,
        )?;
        results.push(result);
        Ok(())
    })?;
    Ok(IntTensor::of(out, results))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::{Op, Window2d},
        ops::{
            reduction_map,
            testing::{eval, try_eval},
        },
    };
    use proptest::prelude::*;

    fn over_axis(relu: bool) -> Op {
        Op::Max {
            windows: MaxWindows::Axis(0),
            shift: Shift::Uniform(0),
            limbs: 1,
            relu,
            saturation: None,
        }
    }

    fn window(kernel: usize, pad: usize) -> Window2d {
        Window2d {
            kernel: [kernel; 2],
            strides: [kernel; 2],
            pads_begin: [pad; 2],
            pads_end: [pad; 2],
            dilations: [1; 2],
        }
    }

    #[test]
    fn padding_takes_no_part() {
        let op = Op::Max {
            windows: MaxWindows::Pool(window(2, 1)),
            shift: Shift::Uniform(1),
            limbs: 1,
            relu: false,
            saturation: None,
        };
        assert_eq!(
            eval(&op, &[(&[1, 1, 2, 2], &[-2, -4, -6, -7])], &[1, 1, 2, 2]),
            [-1, -2, -3, -3]
        );
    }

    #[test]
    fn refuses_windows_of_padding_only() {
        assert!(shape(&MaxWindows::Pool(window(2, 2)), &Shift::Uniform(0), &[1, 1, 4, 4]).is_err());
        assert!(shape(&MaxWindows::Axis(1), &Shift::Uniform(0), &[4]).is_err());
        assert!(shape(&MaxWindows::Axis(0), &Shift::Uniform(63), &[4]).is_err());
    }

    #[test]
    fn shifts_may_vary_within_a_window() {
        let shift = Shift::PerAxis {
            axis: 0,
            shifts: vec![0, 3],
        };
        let op = Op::Max {
            windows: MaxWindows::Axis(0),
            shift,
            limbs: 1,
            relu: false,
            saturation: None,
        };
        assert_eq!(eval(&op, &[(&[2], &[5, 44])], &[1]), [6]);
    }

    #[test]
    fn the_largest_may_be_as_negative_as_the_distance_allows() {
        assert_eq!(eval(&over_axis(true), &[(&[2], &[-255, -510])], &[1]), [0]);
        assert!(try_eval(&over_axis(true), &[(&[2], &[-256, -256])], &[1]).is_err());
        assert!(try_eval(&over_axis(true), &[(&[2], &[-255, -511])], &[1]).is_err());
        assert_eq!(eval(&over_axis(false), &[(&[2], &[127, -128])], &[1]), [127]);
        assert!(try_eval(&over_axis(false), &[(&[2], &[127, -129])], &[1]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(a in prop::array::uniform3(-300i64..300), relu: bool) {
            let largest = *a.iter().max().unwrap();
            let result = if relu { largest.max(0) } else { largest };
            let valid = a.iter().all(|x| largest - x < 256)
                && if relu { result - largest < 256 && result < 256 } else { (-128..128).contains(&largest) };
            let found = try_eval(&over_axis(relu), &[(&[3], &a)], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![result]));
        }

        #[test]
        fn pooling_reduces_the_mapped_elements(
            data in prop::collection::vec(-60i64..60, 2 * 7 * 7), kernel in 1usize..4, pad in 0usize..2,
        ) {
            let in_shape = [1, 2, 7, 7];
            let op = Op::Max {
                windows: MaxWindows::Pool(window(kernel, pad.min(kernel - 1))),
                shift: Shift::Uniform(0),
                limbs: 1,
                relu: false, saturation: None };
            let out_shape = crate::ops::infer_shape(&op, &[&in_shape], &[]).unwrap();
            let map = reduction_map(&op, &in_shape, &out_shape).unwrap();
            let expected: Vec<i64> =
                map.iter().map(|set| set.iter().map(|&i| data[i as usize]).max().unwrap()).collect();
            prop_assert_eq!(eval(&op, &[(&in_shape, &data)], &out_shape), expected);
        }
    }
}
