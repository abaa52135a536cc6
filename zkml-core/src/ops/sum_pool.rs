//! SumPool: sum over a sliding window of a `[n, c, h, w]` tensor; padding counts as 0.

use super::{
    check::{mismatch, one},
    operation::prelude::*,
    reduction::{Sets, sums},
    window::{self, Window2d},
};

/// Sum over a sliding window; padding counts as 0. Input and output are `[n, c, h, w]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumPool {
    /// The window.
    pub window: Window2d,
}

impl SumPool {
    /// The windows that are added up.
    pub fn sets(&self) -> Sets<'_> {
        Sets::Window(&self.window)
    }
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

impl Operation for SumPool {
    fn name(&self) -> &'static str {
        "SumPool"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Sum(self.sets())
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        pooled(self.name(), &self.window, one(self.name(), inputs)?)
    }

    /// Accumulators have no width.
    fn check_widths(&self, _: u32) -> Result<()> {
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, inputs: &[&[usize]]) -> usize {
        self.sets().size(inputs[0])
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        Ok(IntTensor::of(out, sums(self.name(), self.sets(), inputs[0])))
    }

    fn bounds(&self, _: u32, inputs: &[Interval], shapes: &[&[usize]]) -> Result<Interval, Overflow> {
        // Padding counts as 0 and makes windows smaller.
        inputs[0]
            .joined(Interval::from(0))
            .summed(self.sets().size(shapes[0]))
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        Outcome::of(Intervals::at_ends(
            inputs,
            |ends| self.eval(lane_bits, ends, out),
            out,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::{
            Window2d,
            testing::{at, eval, positions, takes},
        },
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
        assert!(!takes(SumPool { window }, &[&[2, 3, 4]], &[]));
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
            let op = Op::SumPool(SumPool { window });
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
