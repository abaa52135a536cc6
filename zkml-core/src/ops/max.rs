//! Max: maximum over windows or an axis of the shifted input, and optionally the rectifier after it.

use super::{
    check::{check_axis, check_limbs, check_size, mismatch, one},
    clamp::{Clamp, Saturation},
    operation::prelude::*,
    range::{Of, Range},
    reduction::{Sets, each_set},
    shift::Shift,
    sum_pool::pooled,
    window::{self, Window2d},
};
use crate::rounding::shift_round;

/// The sets of elements that a maximum is taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MaxWindows {
    /// Max pooling; padding takes no part, and every window holds at least one element.
    Pool(Window2d),
    /// Maximum along one axis, which the output keeps with length 1.
    Axis(usize),
}

impl MaxWindows {
    /// The sets that the maxima are taken over.
    pub fn sets(&self) -> Sets<'_> {
        match self {
            MaxWindows::Pool(window) => Sets::Window(window),
            MaxWindows::Axis(axis) => Sets::Axes(std::slice::from_ref(axis)),
        }
    }
}

/// [`Saturation`] of a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MaxSaturation {
    /// How far the maximum may lie outside.
    pub maximum: Saturation,
    /// Limbs of the distances from the maximum to the other elements of a window.
    pub spread: u8,
}

/// Maximum over windows of the shifted input, and optionally the rectifier after it.
///
/// With `a_i` the shifted elements of a window and `M` the largest, `M - a_i < 2^(L b)` for all
/// `i`. With `relu = false` the result is `M`, in the signed range. With `relu = true` it is
/// `m = max(M, 0)`, where `m < 2^(L b)` and `m - M < 2^(L b)`. With `saturation` the result is the value of
/// its range that is nearest to `M`, and `M - a_i < 2^(S b)` with `S` the limbs of the spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Max {
    /// The windows.
    pub windows: MaxWindows,
    /// Shift applied to each element before.
    pub shift: Shift,
    /// Width of the result.
    pub limbs: u8,
    /// Whether negative results become 0.
    pub relu: bool,
    /// How far the maximum may lie outside the result's range.
    pub saturation: Option<MaxSaturation>,
}

const SPREAD: &str = "distance from the largest to the smallest element";

impl Max {
    /// The clamp of the maximum.
    pub fn clamp(&self) -> Clamp {
        Clamp {
            limbs: self.limbs,
            relu: self.relu,
            saturation: self.saturation.map(|s| s.maximum),
        }
    }

    /// Limbs of the distances within a window.
    pub fn spread(&self) -> u8 {
        self.saturation.map_or(self.limbs, |s| s.spread)
    }
}

impl Operation for Max {
    fn name(&self) -> &'static str {
        "Max"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(self.name(), inputs)?;
        self.shift.check(self.name(), input)?;
        match &self.windows {
            MaxWindows::Pool(window) => {
                let shape = pooled(self.name(), window, input)?;
                // Bounds the number of windows before looking at each.
                check_size(self.name(), &shape)?;
                let axes = window::axes(self.name(), window, [input[2], input[3]])?;
                if !axes.iter().all(window::WindowAxis::covers_input) {
                    let reason =
                        "expected every window to hold an element of the input, found one of padding only";
                    return Err(mismatch(self.name(), reason));
                }
                Ok(shape)
            }
            MaxWindows::Axis(axis) => {
                check_axis(self.name(), *axis, input)?;
                let mut shape = input.to_vec();
                shape[*axis] = 1;
                Ok(shape)
            }
        }
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs, self.spread()], lane_bits)?;
        self.saturation
            .map_or(Ok(()), |s| s.maximum.check(self.name(), lane_bits))
    }

    fn result(&self) -> Option<ResultRange> {
        Some(ResultRange::rounded(&self.clamp(), &self.shift))
    }

    fn steps(&self, inputs: &[&[usize]]) -> usize {
        self.windows.sets().size(inputs[0])
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let input = inputs[0];
        let clamp = self.clamp().ranges(lane_bits);
        let spread = Range::unsigned_limbs(self.spread(), lane_bits);
        let shift_of = self.shift.at(input.shape());
        let shifted: Vec<i64> = input
            .data()
            .iter()
            .enumerate()
            .map(|(flat, &x)| shift_round(x, shift_of(flat)))
            .collect();
        let mut results = Vec::with_capacity(out.iter().product());
        each_set(self.name(), self.windows.sets(), input.shape(), |set| {
            let elements = || set.iter().map(|&i| shifted[i as usize]);
            let (largest, smallest) = elements().fold((i64::MIN, i64::MAX), |(largest, smallest), a| {
                (largest.max(a), smallest.min(a))
            });
            let element = results.len();
            let result = clamp.apply(largest, "maximum", Of::Output, element)?;
            // Both are shifted accumulators below 2^62: their difference fits 63 bits.
            spread.check(largest - smallest, SPREAD, Of::Output, element)?;
            results.push(result);
            Ok(())
        })?;
        Ok(IntTensor::of(out, results))
    }

    fn bounds(&self, lane_bits: u32, _: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(self.clamp().ranges(lane_bits).result.into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let clamp = self.clamp().ranges(lane_bits);
        let spread = Range::unsigned_limbs(self.spread(), lane_bits);
        let (before, distance) = maxima(self.windows.sets(), &self.shift, inputs[0], out);
        Outcome::of(before.within(clamp.result))
            .checked("maximum", before.extremes(), clamp.accepted)
            .checked(SPREAD, (0, distance), spread)
    }
}

/// The maxima of sets before any clamp, and the largest distance from a maximum to an element of its set.
pub(crate) fn maxima(sets: Sets<'_>, shift: &Shift, input: &Intervals, out: &[usize]) -> (Intervals, i64) {
    let elements = shift.reach(input);
    let (lo, hi) = (elements.lo.data(), elements.hi.data());
    let mut ends = Vec::with_capacity(out.iter().product());
    let mut distance = 0;
    let visited = each_set::<()>("Max", sets, input.lo.shape(), |set| {
        let over = |values: &[i64]| set.iter().map(|&i| values[i as usize]).max().unwrap_or(0);
        let smallest = set.iter().map(|&i| lo[i as usize]).min().unwrap_or(0);
        let (least, most) = (over(lo), over(hi));
        // A window of one element has no distances.
        if set.len() > 1 {
            distance = distance.max(most - smallest);
        }
        ends.push((least, most));
        Ok(())
    });
    debug_assert!(visited.is_ok(), "windows are visited without errors");
    (Intervals::collect(out, ends.into_iter()), distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::{
            Window2d, reduction_map,
            testing::{eval, takes, try_eval},
        },
    };
    use proptest::prelude::*;

    fn over_axis(relu: bool) -> Op {
        Op::Max(Max {
            windows: MaxWindows::Axis(0),
            shift: Shift::Uniform(0),
            limbs: 1,
            relu,
            saturation: None,
        })
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
        let op = Op::Max(Max {
            windows: MaxWindows::Pool(window(2, 1)),
            shift: Shift::Uniform(1),
            limbs: 1,
            relu: false,
            saturation: None,
        });
        assert_eq!(
            eval(&op, &[(&[1, 1, 2, 2], &[-2, -4, -6, -7])], &[1, 1, 2, 2]),
            [-1, -2, -3, -3]
        );
    }

    #[test]
    fn refuses_windows_of_padding_only() {
        let max = |windows, shift| Max {
            windows,
            shift: Shift::Uniform(shift),
            limbs: 1,
            relu: false,
            saturation: None,
        };
        assert!(!takes(
            max(MaxWindows::Pool(window(2, 2)), 0),
            &[&[1, 1, 4, 4]],
            &[]
        ));
        assert!(!takes(max(MaxWindows::Axis(1), 0), &[&[4]], &[]));
        assert!(!takes(max(MaxWindows::Axis(0), 63), &[&[4]], &[]));
    }

    #[test]
    fn shifts_may_vary_within_a_window() {
        let shift = Shift::PerAxis {
            axis: 0,
            shifts: vec![0, 3],
        };
        let op = Op::Max(Max {
            windows: MaxWindows::Axis(0),
            shift,
            limbs: 1,
            relu: false,
            saturation: None,
        });
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
            let windows = MaxWindows::Pool(window(kernel, pad.min(kernel - 1)));
            let op = Op::Max(Max {
                windows: windows.clone(),
                shift: Shift::Uniform(0),
                limbs: 1,
                relu: false, saturation: None });
            let out_shape = crate::ops::infer_shape(&op, &[&in_shape], &[]).unwrap();
            let map =
                reduction_map("Max", windows.sets(), &in_shape, out_shape.iter().product()).unwrap();
            let expected: Vec<i64> =
                map.iter().map(|set| set.iter().map(|&i| data[i as usize]).max().unwrap()).collect();
            prop_assert_eq!(eval(&op, &[(&in_shape, &data)], &out_shape), expected);
        }
    }
}
