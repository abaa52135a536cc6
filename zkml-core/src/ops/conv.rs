//! Conv: two-dimensional cross-correlation without bias.

use super::{
    check::{arity, mismatch},
    operation::prelude::*,
    window::{self, Window2d, WindowAxis},
};
use crate::reach::bilinear;
use rayon::prelude::*;

/// Two-dimensional convolution (cross-correlation, as in ONNX), no bias.
///
/// `out[n, o, y, x] = sum_{c, i, j} x[n, g C + c, y sy + i dy - py, x sx + j dx - px] * kernel[o, c, i, j]`
/// with `C = channels / groups` and `g` the group of output channel `o`; padding counts as 0.
///
/// Inputs: `x [n, c, h, w]`, `kernel [o, c / groups, kh, kw]`; output `[n, o, h', w']`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conv {
    /// Kernel shape, strides, padding and dilations.
    pub window: Window2d,
    /// Number of groups.
    pub groups: usize,
}

impl Operation for Conv {
    fn name(&self) -> &'static str {
        "Conv"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Bilinear
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let &[input, kernel] = arity(self.name(), inputs)?;
        let (window, groups) = (&self.window, self.groups);
        let (&[batch, channels, height, width], &[outputs, per_group, rows, columns]) = (input, kernel)
        else {
            let reason = format!(
                "expected shapes [n, c, h, w] and [o, c / groups, kh, kw], found {input:?} and {kernel:?}"
            );
            return Err(mismatch(self.name(), reason));
        };
        if groups == 0 || outputs % groups != 0 || per_group.checked_mul(groups) != Some(channels) {
            let reason = format!(
                "expected {groups} groups to divide the channels of {input:?} and of the kernel {kernel:?}"
            );
            return Err(mismatch(self.name(), reason));
        }
        if window.kernel != [rows, columns] {
            let reason = format!("expected a kernel of {:?}, found shape {kernel:?}", window.kernel);
            return Err(mismatch(self.name(), reason));
        }
        let [rows, columns] = window::axes(self.name(), window, [height, width])?;
        Ok(vec![batch, outputs, rows.output, columns.output])
    }

    /// Accumulators have no width.
    fn check_widths(&self, _: u32) -> Result<()> {
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, inputs: &[&[usize]]) -> usize {
        inputs[1][1..].iter().product()
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        Ok(IntTensor::of(out, self.correlate(inputs[0], inputs[1], out)))
    }

    fn bounds(&self, _: u32, inputs: &[Interval], shapes: &[&[usize]]) -> Result<Interval, Overflow> {
        inputs[0]
            .times(inputs[1])?
            .joined(Interval::from(0))
            .summed(shapes[1][1..].iter().product())
    }

    fn reach(&self, _: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let product = |input: &IntTensor, kernel: &IntTensor| self.correlate(input, kernel, out);
        Outcome::of(bilinear::reach(inputs[0], inputs[1], product, out))
    }
}

impl Conv {
    fn correlate(&self, input: &IntTensor, kernel: &IntTensor, out: &[usize]) -> Vec<i64> {
        let Conv { window, groups } = self;
        let mut sums = vec![0; out.iter().product()];
        let [channels, height, width] = [input.shape()[1], input.shape()[2], input.shape()[3]];
        if let Ok([rows, columns]) = window::axes("Conv", window, [height, width]) {
            let (row_taps, column_taps) = (taps(rows), taps(columns));
            let outputs = out[1];
            let per_group = channels / groups;
            let kernel_size = per_group * rows.kernel * columns.kernel;
            sums.par_chunks_mut(rows.output * columns.output)
                .enumerate()
                .for_each(|(plane, sums)| {
                    let (item, output) = (plane / outputs, plane % outputs);
                    let first_channel = output / (outputs / groups) * per_group;
                    let weights = &kernel.data()[output * kernel_size..][..kernel_size];
                    let planes = &input.data()[(item * channels + first_channel) * height * width..];
                    for (weights, input) in weights
                        .chunks_exact(rows.kernel * columns.kernel)
                        .zip(planes.chunks_exact(height * width))
                    {
                        for (weights, row_taps) in weights.chunks_exact(columns.kernel).zip(&row_taps) {
                            for &(out_y, y) in row_taps {
                                let sums = &mut sums[out_y * columns.output..][..columns.output];
                                let input = &input[y * width..][..width];
                                for (&weight, column_taps) in weights.iter().zip(&column_taps) {
                                    for &(out_x, x) in column_taps {
                                        sums[out_x] += weight * input[x];
                                    }
                                }
                            }
                        }
                    }
                });
        }
        sums
    }
}

/// For each kernel element, the output positions at which it meets the input, and where.
fn taps(axis: WindowAxis) -> Vec<Vec<(usize, usize)>> {
    (0..axis.kernel)
        .map(|kernel| {
            (0..axis.output)
                .filter_map(|output| Some((output, axis.tap(output, kernel)?)))
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{at, eval, positions, takes},
    };
    use proptest::prelude::*;

    #[test]
    fn refuses_shapes_that_do_not_fit() {
        let conv = |kernel, groups| Conv {
            window: Window2d {
                kernel,
                strides: [1; 2],
                pads_begin: [0; 2],
                pads_end: [0; 2],
                dilations: [1; 2],
            },
            groups,
        };
        let input: &[usize] = &[1, 4, 5, 5];
        assert_eq!(
            conv([3, 3], 2).shape(&[input, &[6, 2, 3, 3]], &[]).unwrap(),
            [1, 6, 3, 3]
        );
        for (kernel, groups) in [
            ([6, 2, 3, 3], 1),
            ([6, 2, 3, 3], 0),
            ([5, 2, 3, 3], 2),
            ([6, 2, 2, 3], 2),
        ] {
            assert!(
                !takes(conv([3, 3], groups), &[input, &kernel], &[]),
                "{kernel:?} {groups}"
            );
        }
        assert!(!takes(conv([3, 3], 1), &[&[4, 5, 5], &[6, 4, 3, 3]], &[]));
        assert!(!takes(conv([6, 6], 1), &[input, &[6, 4, 6, 6]], &[]));
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            kernel in prop::array::uniform2(1usize..4),
            strides in prop::array::uniform2(1usize..3),
            pads_begin in prop::array::uniform2(0usize..3),
            pads_end in prop::array::uniform2(0usize..3),
            dilations in prop::array::uniform2(1usize..3),
            [groups, per_group, out_per_group] in prop::array::uniform3(1usize..3),
            values in prop::collection::vec(-1000i64..1000, 400),
        ) {
            let window = Window2d { kernel, strides, pads_begin, pads_end, dilations };
            let in_shape = [2, groups * per_group, 5, 4];
            let kernel_shape = [groups * out_per_group, per_group, kernel[0], kernel[1]];
            let input = &values[..in_shape.iter().product()];
            let weights: Vec<i64> = values.iter().rev().copied().take(kernel_shape.iter().product()).collect();
            let op = Op::Conv(Conv { window, groups });
            let Ok(out_shape) = crate::ops::infer_shape(&op, &[&in_shape, &kernel_shape], &[]) else { return Ok(()) };
            let out = eval(&op, &[(&in_shape, input), (&kernel_shape, &weights)], &out_shape);
            for (p, found) in positions(&out_shape).zip(out) {
                let mut expected = 0;
                for k in positions(&kernel_shape[1..]) {
                    let channel = p[1] / out_per_group * per_group + k[0];
                    let y = (p[2] * strides[0] + k[1] * dilations[0]) as i64 - pads_begin[0] as i64;
                    let x = (p[3] * strides[1] + k[2] * dilations[1]) as i64 - pads_begin[1] as i64;
                    if (0..5).contains(&y) && (0..4).contains(&x) {
                        expected += at(&in_shape, input, &[p[0], channel, y as usize, x as usize])
                            * at(&kernel_shape, &weights, &[p[1], k[0], k[1], k[2]]);
                    }
                }
                prop_assert_eq!(found, expected);
            }
        }
    }
}
