//! LinComb: `constant + sum_j coefficients[j] * input_j`, elementwise.

use super::{check::mismatch, operation::prelude::*};

/// `sum_j coefficients[j] * input_j + constant`, elementwise; all inputs have the node's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinComb {
    /// One coefficient for each input.
    pub coefficients: Vec<i64>,
    /// Added to every element.
    pub constant: i64,
}

impl Operation for LinComb {
    fn name(&self) -> &'static str {
        "LinComb"
    }

    fn kind(&self) -> Kind<'_> {
        Kind::Combination
    }

    fn shape(&self, inputs: &[&[usize]], _: &[usize]) -> Result<Vec<usize>> {
        let Some((&first, rest)) = inputs.split_first() else {
            return Err(mismatch(self.name(), "expected at least one input, found none"));
        };
        if self.coefficients.len() != inputs.len() {
            let reason = format!(
                "expected {} coefficients, found {}",
                inputs.len(),
                self.coefficients.len()
            );
            return Err(mismatch(self.name(), reason));
        }
        if let Some(other) = rest.iter().find(|&&shape| shape != first) {
            return Err(mismatch(
                self.name(),
                format!("expected inputs of shape {first:?}, found {other:?}"),
            ));
        }
        Ok(first.to_vec())
    }

    /// Accumulators have no width.
    fn check_widths(&self, _: u32) -> Result<()> {
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        self.coefficients.len()
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        // In this order the bounds of all partial sums are checked.
        let mut sums = vec![self.constant; out.iter().product()];
        for (&coefficient, input) in self.coefficients.iter().zip(inputs) {
            for (sum, &x) in sums.iter_mut().zip(input.data()) {
                *sum += coefficient * x;
            }
        }
        Ok(IntTensor::of(out, sums))
    }

    fn bounds(&self, _: u32, inputs: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        let mut sum = Interval::from(self.constant).limited()?;
        for (&coefficient, &input) in self.coefficients.iter().zip(inputs) {
            sum = sum.plus(input.times(coefficient.into())?)?;
        }
        Ok(sum)
    }

    fn reach(&self, _: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        let count = out.iter().product();
        let mut ends = vec![(self.constant, self.constant); count];
        for (&coefficient, input) in self.coefficients.iter().zip(inputs) {
            for ((lo, hi), (x, y)) in ends.iter_mut().zip(input.ends()) {
                let (x, y) = if coefficient < 0 { (y, x) } else { (x, y) };
                *lo += coefficient * x;
                *hi += coefficient * y;
            }
        }
        Outcome::of(Intervals::collect(out, ends.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        graph::Op,
        ops::testing::{eval, takes},
    };
    use proptest::prelude::*;

    #[test]
    fn refuses_operands_that_do_not_match() {
        assert!(!takes(
            LinComb {
                coefficients: vec![],
                constant: 0
            },
            &[],
            &[]
        ));
        assert!(!takes(
            LinComb {
                coefficients: vec![1],
                constant: 0
            },
            &[&[2], &[2]],
            &[]
        ));
        assert!(!takes(
            LinComb {
                coefficients: vec![1, 1],
                constant: 0
            },
            &[&[2], &[3]],
            &[]
        ));
    }

    proptest! {
        #[test]
        fn matches_the_definition(
            rows in prop::collection::vec((-100i64..100, prop::array::uniform3(-1000i64..1000)), 1..5),
            constant in -1000i64..1000,
        ) {
            let coefficients: Vec<i64> = rows.iter().map(|row| row.0).collect();
            let inputs: Vec<(&[usize], &[i64])> = rows.iter().map(|row| (&[3][..], &row.1[..])).collect();
            let out = eval(&Op::LinComb(LinComb { coefficients, constant }), &inputs, &[3]);
            for i in 0..3 {
                prop_assert_eq!(out[i], constant + rows.iter().map(|(c, x)| c * x[i]).sum::<i64>());
            }
        }
    }
}
