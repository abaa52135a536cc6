//! How a kernel slides along an axis.

use super::check::mismatch;
use crate::{error::Result, shape::MAX_ELEMENTS};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A window that slides over the last two axes of a `[n, c, h, w]` tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window2d {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Steps along height and width.
    pub strides: [usize; 2],
    /// Padding before: top and left.
    pub pads_begin: [usize; 2],
    /// Padding after: bottom and right.
    pub pads_end: [usize; 2],
    /// Distance between kernel elements.
    pub dilations: [usize; 2],
}

/// One axis of a sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowAxis {
    /// Length of the input.
    pub input: usize,
    /// Number of window positions: the length of the output.
    pub output: usize,
    /// Number of kernel elements.
    pub kernel: usize,
    /// Distance between window positions.
    pub stride: usize,
    /// Padding before the input.
    pub pad_begin: usize,
    /// Distance between kernel elements.
    pub dilation: usize,
}

impl WindowAxis {
    /// The input index under kernel element `kernel` at window position `output`, or `None` in the padding.
    pub fn tap(&self, output: usize, kernel: usize) -> Option<usize> {
        (output * self.stride + kernel * self.dilation)
            .checked_sub(self.pad_begin)
            .filter(|&index| index < self.input)
    }

    /// All `(output, kernel, tap)`, kernel elements of the first window position first.
    pub fn taps(&self) -> impl Iterator<Item = (usize, usize, Option<usize>)> {
        let axis = *self;
        (0..axis.output).flat_map(move |output| {
            (0..axis.kernel).map(move |kernel| (output, kernel, axis.tap(output, kernel)))
        })
    }

    /// The kernel elements that lie over the input, not the padding, at window position `output`.
    pub fn kernel_range(&self, output: usize) -> Range<usize> {
        let start = output * self.stride;
        let first_at = |padded: usize| padded.saturating_sub(start).div_ceil(self.dilation);
        let end = first_at(self.pad_begin + self.input).min(self.kernel);
        first_at(self.pad_begin).min(end)..end
    }

    /// Whether every window position holds an element of the input.
    pub fn covers_input(&self) -> bool {
        (0..self.output).all(|output| !self.kernel_range(output).is_empty())
    }
}

/// The height and width axes of a window over an input of this height and width. The output has
/// `floor((input + pads - dilation (kernel - 1) - 1) / stride) + 1` positions.
///
/// # Errors
///
/// [`crate::Error::Shape`] if a kernel length, stride or dilation is 0, if an attribute is too large, or if
/// the kernel is longer than the padded input.
pub fn axes(op: &'static str, window: &Window2d, height_width: [usize; 2]) -> Result<[WindowAxis; 2]> {
    Ok([
        axis(op, window, height_width, 0)?,
        axis(op, window, height_width, 1)?,
    ])
}

fn axis(op: &'static str, window: &Window2d, height_width: [usize; 2], i: usize) -> Result<WindowAxis> {
    let Window2d {
        kernel,
        strides,
        pads_begin,
        pads_end,
        dilations,
    } = window;
    let (input, kernel, stride, dilation) = (height_width[i], kernel[i], strides[i], dilations[i]);
    let (pad_begin, pad_end) = (pads_begin[i], pads_end[i]);
    for (what, value, least) in [
        ("kernel length", kernel, 1),
        ("stride", stride, 1),
        ("dilation", dilation, 1),
        ("padding", pad_begin, 0),
        ("padding", pad_end, 0),
        ("input length", input, 1),
    ] {
        if !(least..=MAX_ELEMENTS).contains(&value) {
            return Err(mismatch(
                op,
                format!("expected a {what} from {least} to {MAX_ELEMENTS}, found {value}"),
            ));
        }
    }
    // Every quantity is at most 2^28: no overflow in 64 bits.
    let padded = input + pad_begin + pad_end;
    let extent = (kernel - 1) * dilation + 1;
    if extent > padded {
        let reason = format!(
            "expected a kernel that fits into {padded} padded elements, found one that spans {extent}"
        );
        return Err(mismatch(op, reason));
    }
    Ok(WindowAxis {
        input,
        output: (padded - extent) / stride + 1,
        kernel,
        stride,
        pad_begin,
        dilation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(kernel: usize, stride: usize, begin: usize, end: usize, dilation: usize) -> Window2d {
        Window2d {
            kernel: [kernel; 2],
            strides: [stride; 2],
            pads_begin: [begin; 2],
            pads_end: [end; 2],
            dilations: [dilation; 2],
        }
    }

    #[test]
    fn refuses_malformed_windows() {
        let huge = usize::MAX;
        for bad in [
            window(0, 1, 0, 0, 1),
            window(1, 0, 0, 0, 1),
            window(1, 1, 0, 0, 0),
            window(huge, 1, 0, 0, 1),
            window(2, 1, 0, 0, huge),
            window(1, 1, huge, 0, 1),
            window(1, 1, 0, huge, 1),
            window(6, 1, 0, 0, 1),
            window(3, 1, 0, 0, 3),
        ] {
            assert!(axes("SumPool", &bad, [5, 5]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn knows_empty_windows() {
        assert!(!axes("Max", &window(2, 1, 2, 0, 1), [5, 5]).unwrap()[0].covers_input());
        assert!(axes("Max", &window(2, 1, 1, 1, 1), [5, 5]).unwrap()[0].covers_input());
    }

    proptest! {
        #[test]
        fn taps_are_where_the_padded_input_says(
            input in 1usize..9, kernel in 1usize..4, stride in 1usize..4,
            begin in 0usize..4, end in 0usize..4, dilation in 1usize..4,
        ) {
            let mut padded = vec![None; begin];
            padded.extend((0..input).map(Some));
            padded.extend(vec![None; end]);
            let extent = (kernel - 1) * dilation + 1;
            let positions: Vec<usize> = (0..padded.len()).step_by(stride).filter(|p| p + extent <= padded.len()).collect();
            match axes("Conv", &window(kernel, stride, begin, end, dilation), [input, input]) {
                Ok([axis, _]) => {
                    let expected: Vec<_> = positions.iter().enumerate()
                        .flat_map(|(o, p)| (0..kernel).map(move |k| (o, k, p + k * dilation)))
                        .map(|(o, k, p)| (o, k, padded[p]))
                        .collect();
                    prop_assert_eq!(axis.output, positions.len());
                    let covered = expected.chunks(kernel).all(|window| window.iter().any(|tap| tap.2.is_some()));
                    prop_assert_eq!(axis.covers_input(), covered);
                    for output in 0..axis.output {
                        let over_input: Vec<usize> = (0..kernel).filter(|&k| axis.tap(output, k).is_some()).collect();
                        prop_assert_eq!(axis.kernel_range(output).collect::<Vec<_>>(), over_input);
                    }
                    prop_assert_eq!(axis.taps().collect::<Vec<_>>(), expected);
                }
                Err(_) => prop_assert!(positions.is_empty()),
            }
        }
    }
}
