//! An interval for each element of a tensor.

use crate::{ops::range::Range, tensor::IntTensor};

/// Smallest and largest value of each element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intervals {
    pub lo: IntTensor,
    pub hi: IntTensor,
}

impl Default for Intervals {
    fn default() -> Self {
        Intervals::point(IntTensor::of(&[], vec![0]))
    }
}

impl Intervals {
    /// One value for each element.
    pub fn point(values: IntTensor) -> Self {
        Intervals {
            lo: values.clone(),
            hi: values,
        }
    }

    /// The same interval for all elements.
    pub fn uniform(shape: &[usize], range: Range) -> Self {
        let count = shape.iter().product();
        Intervals {
            lo: IntTensor::of(shape, vec![range.lo; count]),
            hi: IntTensor::of(shape, vec![range.hi; count]),
        }
    }

    /// An interval for each element, from its two ends in the order of the elements.
    pub fn collect(shape: &[usize], ends: impl Iterator<Item = (i64, i64)>) -> Self {
        let (lo, hi) = ends.unzip();
        Intervals {
            lo: IntTensor::of(shape, lo),
            hi: IntTensor::of(shape, hi),
        }
    }

    /// The ends of each element.
    pub fn ends(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.lo.data().iter().copied().zip(self.hi.data().iter().copied())
    }

    /// Whether every element has one value only.
    pub fn is_point(&self) -> bool {
        self.lo == self.hi
    }

    /// The image under a function that never decreases, with the element's flat index.
    pub fn monotone(&self, f: impl Fn(usize, i64) -> i64) -> Self {
        let ends = self.ends().enumerate().map(|(i, (lo, hi))| (f(i, lo), f(i, hi)));
        Self::collect(self.lo.shape(), ends)
    }

    /// The part of each element's interval that lies in a range; its nearest end where they are disjoint.
    pub fn within(&self, range: Range) -> Self {
        self.monotone(|_, x| x.clamp(range.lo, range.hi))
    }

    /// The results of a linear operation without negative factors: its value at both ends.
    pub fn at_ends<E>(
        inputs: &[&Intervals],
        eval: impl Fn(&[&IntTensor]) -> Result<IntTensor, E>,
        out: &[usize],
    ) -> Self {
        let eval = |end: fn(&Intervals) -> &IntTensor| {
            let inputs: Vec<&IntTensor> = inputs.iter().map(|input| end(input)).collect();
            // Linear operations have no range to leave.
            eval(&inputs).unwrap_or_else(|_| IntTensor::of(out, vec![0; out.iter().product()]))
        };
        Intervals {
            lo: eval(|input| &input.lo),
            hi: eval(|input| &input.hi),
        }
    }

    /// Smallest and largest value of any element.
    pub fn extremes(&self) -> (i64, i64) {
        extremes(self.ends())
    }
}

/// The smallest interval that holds all of these.
pub(crate) fn extremes(mut ends: impl Iterator<Item = (i64, i64)>) -> (i64, i64) {
    let first = ends.next().unwrap_or((0, 0));
    ends.fold(first, |(lo, hi), (l, h)| (lo.min(l), hi.max(h)))
}
