//! ReduceSum: sum over axes, which the output keeps with length 1.

use super::{
    check::{check_axis, mismatch, one},
    operation::prelude::*,
    reduction::{Sets, sums},
};

/// Sum over axes, which the output keeps with length 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReduceSum {
    /// The axes, ascending.
    pub axes: Vec<usize>,
}

impl ReduceSum {
    /// The sets that are added up.
    pub fn sets(&self) -> Sets<'_> {
        Sets::Axes(&self.axes)
    }
}

impl Operation for ReduceSum {
    fn name(&self) -> &'static str {
        "ReduceSum"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Sum(self.sets())
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let input = one(self.name(), inputs)?;
        if !self.axes.is_sorted_by(|a, b| a < b) {
            return Err(mismatch(
                self.name(),
                format!("expected ascending axes, found {:?}", self.axes),
            ));
        }
        let mut shape = input.to_vec();
        for &axis in &self.axes {
            check_axis(self.name(), axis, input)?;
            shape[axis] = 1;
        }
        Ok(shape)
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
        inputs[0].summed(self.sets().size(shapes[0]))
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
        ops::testing::{eval, takes},
    };

    #[test]
    fn sums_over_axes() {
        let input: (&[usize], &[i64]) = (&[2, 3], &[1, 2, 3, 4, 5, 6]);
        assert_eq!(
            eval(&Op::ReduceSum(ReduceSum { axes: vec![0] }), &[input], &[1, 3]),
            [5, 7, 9]
        );
        assert_eq!(
            eval(&Op::ReduceSum(ReduceSum { axes: vec![1] }), &[input], &[2, 1]),
            [6, 15]
        );
        assert_eq!(
            eval(&Op::ReduceSum(ReduceSum { axes: vec![0, 1] }), &[input], &[1, 1]),
            [21]
        );
        assert_eq!(
            eval(&Op::ReduceSum(ReduceSum { axes: vec![] }), &[input], &[2, 3]),
            input.1
        );
    }

    #[test]
    fn refuses_bad_axes() {
        assert!(!takes(ReduceSum { axes: vec![2] }, &[&[2, 3]], &[]));
        assert!(!takes(ReduceSum { axes: vec![1, 0] }, &[&[2, 3]], &[]));
        assert!(!takes(ReduceSum { axes: vec![1, 1] }, &[&[2, 3]], &[]));
    }
}
