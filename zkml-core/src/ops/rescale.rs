//! Rescale: right shift with rounding, and optionally the rectifier after it.

use super::{
    check_axis, check_shift, mismatch,
    range::{Clamp, Of, RangeFault},
};
use crate::{error::Result, graph::Shift, rounding::shift_round, tensor::IntTensor};

pub(super) fn shape(shift: &Shift, input: &[usize]) -> Result<Vec<usize>> {
    check("Rescale", shift, input)?;
    Ok(input.to_vec())
}

/// Checks a shift against the shape of the tensor that it is applied to.
pub(super) fn check(op: &'static str, shift: &Shift, input: &[usize]) -> Result<()> {
    match shift {
        Shift::Uniform(shift) => check_shift(op, *shift),
        Shift::PerAxis { axis, shifts } => {
            check_axis(op, *axis, input)?;
            if shifts.len() != input[*axis] {
                let reason = format!(
                    "expected {} shifts, one for each index, found {}",
                    input[*axis],
                    shifts.len()
                );
                return Err(mismatch(op, reason));
            }
            shifts.iter().try_for_each(|&shift| check_shift(op, shift))
        }
    }
}

/// The shift of each element, by flat index, of a tensor of this shape.
pub fn shift_at<'a>(shift: &'a Shift, shape: &[usize]) -> impl Fn(usize) -> u32 + 'a {
    let inner = match shift {
        Shift::Uniform(_) => 1,
        Shift::PerAxis { axis, .. } => shape.iter().skip(axis + 1).product::<usize>(),
    };
    move |flat| match shift {
        Shift::Uniform(shift) => *shift,
        Shift::PerAxis { shifts, .. } => shifts[flat / inner % shifts.len()],
    }
}

pub(super) fn eval(shift: &Shift, clamp: Clamp, input: &IntTensor) -> Result<IntTensor, RangeFault> {
    let shift_of = shift_at(shift, input.shape());
    let results = input.data().iter().enumerate().map(|(flat, &x)| {
        let shifted = shift_round(x, shift_of(flat));
        clamp.apply(shifted, "rescaled value", Of::Output, flat)
    });
    Ok(IntTensor::of(input.shape(), results.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::range::Range,
        ops::testing::{eval, try_eval},
    };
    use proptest::prelude::*;

    fn rescale(shift: u32, relu: bool) -> Op {
        Op::Rescale {
            shift: Shift::Uniform(shift),
            limbs: 1,
            relu,
            saturation: None,
        }
    }

    #[test]
    fn signed_range_is_exact() {
        assert_eq!(
            eval(&rescale(1, false), &[(&[2], &[-257, 254])], &[2]),
            [-128, 127]
        );
        assert_eq!(
            try_eval(&rescale(1, false), &[(&[2], &[0, 255])], &[2])
                .unwrap_err()
                .value,
            128
        );
        assert_eq!(
            try_eval(&rescale(1, false), &[(&[2], &[-258, 0])], &[2])
                .unwrap_err()
                .value,
            -129
        );
    }

    #[test]
    fn rectified_range_is_exact() {
        assert_eq!(
            eval(&rescale(0, true), &[(&[3], &[-255, -1, 255])], &[3]),
            [0, 0, 255]
        );
        let fault = try_eval(&rescale(0, true), &[(&[3], &[1, 2, 256])], &[3]).unwrap_err();
        assert_eq!(
            (fault.value, fault.element, fault.range),
            (256, 2, Range { lo: -255, hi: 255 })
        );
        assert!(try_eval(&rescale(0, true), &[(&[1], &[-256])], &[1]).is_err());
    }

    #[test]
    fn shifts_vary_along_an_axis() {
        let shift = Shift::PerAxis {
            axis: 1,
            shifts: vec![0, 1, 2],
        };
        let op = Op::Rescale {
            shift,
            limbs: 1,
            relu: false,
            saturation: None,
        };
        let out = eval(&op, &[(&[1, 3, 2], &[4, 5, 4, 5, 4, 6])], &[1, 3, 2]);
        assert_eq!(out, [4, 5, 2, 3, 1, 2]);
    }

    #[test]
    fn refuses_malformed_shifts() {
        assert!(shape(&Shift::Uniform(63), &[1]).is_err());
        assert!(
            shape(
                &Shift::PerAxis {
                    axis: 1,
                    shifts: vec![1]
                },
                &[1]
            )
            .is_err()
        );
        assert!(
            shape(
                &Shift::PerAxis {
                    axis: 0,
                    shifts: vec![1]
                },
                &[2]
            )
            .is_err()
        );
        assert!(
            shape(
                &Shift::PerAxis {
                    axis: 0,
                    shifts: vec![1, 99]
                },
                &[2]
            )
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn matches_the_definition(x in -100_000i64..100_000, shift in 0u32..12, relu: bool) {
            let v = (x as f64 / f64::from(1 << shift) + 0.5).floor() as i64;
            let expected = match relu {
                false => (-128..128).contains(&v).then_some(v),
                true => (v.abs() < 256).then_some(v.max(0)),
            };
            prop_assert_eq!(try_eval(&rescale(shift, relu), &[(&[], &[x])], &[]).ok(), expected.map(|v| vec![v]));
        }
    }
}
