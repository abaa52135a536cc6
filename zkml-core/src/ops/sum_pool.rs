//! SumPool: sum over a sliding window of a `[n, c, h, w]` tensor; padding counts as 0.

use super::{mismatch, reduce_sum::sums, reduction::Sets, window};
use crate::{error::Result, graph::Window2d, tensor::IntTensor};

pub(super) fn shape(window: &Window2d, input: &[usize]) -> Result<Vec<usize>> {
    pooled("SumPool", window, input)
}

/// The shape after pooling.
pub(super) fn pooled(op: &'static str, window: &Window2d, input: &[usize]) -> Result<Vec<usize>> {
    let &[batch, channels, height, width] = input else {
        return Err(mismatch(
            op,
            format!("expected a shape [n, c, h, w], found {input:?}"),
        ));
    };
    let [rows, columns] = window::axes(op, window, [height, width])?;
    Ok(vec![batch, channels, rows.output, columns.output])
}

pub(super) fn eval(window: &Window2d, input: &IntTensor, out: &[usize]) -> IntTensor {
    IntTensor::of(out, sums("SumPool", Sets::Window(window), input))
}

#[cfg(test)]
mod tests {
    use crate::{
        graph::{Op, Window2d},
        ops::testing::{at, eval, positions},
    };
    use proptest::prelude::*;

    #[test]
    fn refuses_other_ranks() {
        let window = Window2d {
            kernel: [1; 2],
            strides: [1; 2],
            pads_begin: [0; 2],
            pads_end: [0; 2],
            dilations: [1; 2],
        };
        assert!(super::shape(&window, &[2, 3, 4]).is_err());
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            kernel in prop::array::uniform2(1usize..4),
            strides in prop::array::uniform2(1usize..3),
            pads_begin in prop::array::uniform2(0usize..3),
            pads_end in prop::array::uniform2(0usize..3),
            dilations in prop::array::uniform2(1usize..3),
            data in prop::collection::vec(-1000i64..1000, 2 * 2 * 5 * 6),
        ) {
            let shape = [2, 2, 5, 6];
            let window = Window2d { kernel, strides, pads_begin, pads_end, dilations };
            let op = Op::SumPool(window);
            let Ok(out_shape) = crate::ops::infer_shape(&op, &[&shape], &[]) else { return Ok(()) };
            let out = eval(&op, &[(&shape, &data)], &out_shape);
            for (p, found) in positions(&out_shape).zip(out) {
                let mut expected = 0;
                for ky in 0..kernel[0] {
                    for kx in 0..kernel[1] {
                        let y = (p[2] * strides[0] + ky * dilations[0]) as i64 - pads_begin[0] as i64;
                        let x = (p[3] * strides[1] + kx * dilations[1]) as i64 - pads_begin[1] as i64;
                        if (0..5).contains(&y) && (0..6).contains(&x) {
                            expected += at(&shape, &data, &[p[0], p[1], y as usize, x as usize]);
                        }
                    }
                }
                prop_assert_eq!(found, expected);
            }
        }
    }
}
