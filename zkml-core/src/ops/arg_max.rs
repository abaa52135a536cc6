//! ArgMax: index of the first largest element along an axis, which the output keeps with length 1.

use super::{
    check::{check_axis, check_limbs, one},
    max::maxima,
    operation::prelude::*,
    range::{Of, Range},
    reduction::{Sets, each_set},
    shift::Shift,
};

/// Index of the first largest element along an axis, which the output keeps with length 1.
/// The distance of every element from the largest is less than `2^(L b)`; before the first largest, where it is not 0, it may
/// be one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgMax {
    /// The axis.
    pub axis: usize,
    /// Width of the distances.
    pub limbs: u8,
}

const DISTANCE: &str = "distance from the largest element";

impl ArgMax {
    /// The sets whose largest element is looked for.
    pub fn sets(&self) -> Sets<'_> {
        Sets::Axes(std::slice::from_ref(&self.axis))
    }
}

impl Operation for ArgMax {
    fn name(&self) -> &'static str {
        "ArgMax"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Materialising
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let mut shape = one(self.name(), inputs)?.to_vec();
        check_axis(self.name(), self.axis, &shape)?;
        shape[self.axis] = 1;
        Ok(shape)
    }

    fn check_widths(&self, lane_bits: u32) -> Result<()> {
        check_limbs(self.name(), &[self.limbs], lane_bits)
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, inputs: &[&[usize]]) -> usize {
        self.sets().size(inputs[0])
    }

    fn eval(&self, lane_bits: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let input = inputs[0];
        let limit = Range::unsigned_limbs(self.limbs, lane_bits).hi;
        let mut results = Vec::with_capacity(out.iter().product());
        each_set(self.name(), self.sets(), input.shape(), |set| {
            let element = |position: usize| input.data()[set[position] as usize];
            let mut first_largest = 0;
            for position in 1..set.len() {
                if element(position) > element(first_largest) {
                    first_largest = position;
                }
            }
            for (position, &flat) in set.iter().enumerate() {
                // Accumulators are below 2^62: the difference fits 63 bits.
                let distance = element(first_largest) - input.data()[flat as usize];
                let range = Range {
                    hi: limit + i64::from(position < first_largest),
                    lo: 0,
                };
                range.check(distance, DISTANCE, Of::Input(0), flat as usize)?;
            }
            results.push(first_largest as i64);
            Ok(())
        })?;
        Ok(IntTensor::of(out, results))
    }

    fn bounds(&self, _: u32, _: &[Interval], shapes: &[&[usize]]) -> Result<Interval, Overflow> {
        Ok(last_index(shapes[0], self.axis).into())
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let indices = last_index(inputs[0].lo.shape(), self.axis);
        let (_, distance) = maxima(self.sets(), &Shift::Uniform(0), inputs[0], out);
        Outcome::of(Intervals::uniform(out, indices)).checked(
            DISTANCE,
            (0, distance),
            Range::unsigned_limbs(self.limbs, lane_bits),
        )
    }
}

/// The indices along an axis.
fn last_index(shape: &[usize], axis: usize) -> Range {
    Range {
        lo: 0,
        hi: shape[axis] as i64 - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{eval, takes, try_eval},
    };
    use proptest::prelude::*;

    #[test]
    fn ties_go_to_the_lowest_index() {
        let op = Op::ArgMax(ArgMax { axis: 1, limbs: 1 });
        assert_eq!(eval(&op, &[(&[2, 3], &[5, 7, 7, 2, 2, 2])], &[2, 1]), [1, 0]);
    }

    #[test]
    fn an_element_before_the_first_largest_may_be_one_further() {
        let op = Op::ArgMax(ArgMax { axis: 0, limbs: 1 });
        let found = |values: [i64; 2]| try_eval(&op, &[(&[2], &values)], &[1]).ok();
        assert_eq!(found([0, 256]), Some(vec![1]));
        assert_eq!(found([0, 257]), None);
        assert_eq!(found([256, 0]), None);
        assert_eq!(found([255, 0]), Some(vec![0]));
    }

    #[test]
    fn works_along_any_axis() {
        let op = Op::ArgMax(ArgMax { axis: 0, limbs: 1 });
        assert_eq!(eval(&op, &[(&[2, 3], &[5, 7, 7, 2, 8, 7])], &[1, 3]), [0, 1, 0]);
        assert!(!takes(ArgMax { axis: 2, limbs: 1 }, &[&[2, 3]], &[]));
    }

    proptest! {
        #[test]
        fn matches_the_definition(values in prop::collection::vec(-140i64..140, 1..8)) {
            let n = values.len();
            let largest = *values.iter().max().unwrap();
            let first = values.iter().position(|&v| v == largest).unwrap();
            let valid = values.iter().enumerate().all(|(i, v)| largest - v < 256 + i64::from(i < first));
            let found = try_eval(&Op::ArgMax(ArgMax { axis: 0, limbs: 1 }), &[(&[n], &values)], &[1]);
            prop_assert_eq!(found.ok(), valid.then_some(vec![first as i64]));
        }
    }
}
