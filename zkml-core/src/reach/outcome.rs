//! What is known of an operation's results from intervals of its inputs.

use super::interval::Intervals;
use crate::ops::range::Range;

/// The values of a node, and what may leave its range.
pub(crate) struct Outcome {
    pub values: Intervals,
    pub escaped: Vec<Escaped>,
}

/// A quantity that may leave its range.
#[derive(Clone, Copy)]
pub(crate) struct Escaped {
    pub quantity: &'static str,
    pub reached: (i64, i64),
    pub range: Range,
}

impl Outcome {
    /// These values, and no quantity that may leave its range.
    pub fn of(values: Intervals) -> Self {
        Outcome {
            values,
            escaped: Vec::new(),
        }
    }

    /// Notes that a quantity takes these values.
    pub fn checked(mut self, quantity: &'static str, reached: (i64, i64), range: Range) -> Self {
        if !(range.contains(reached.0) && range.contains(reached.1)) {
            self.escaped.push(Escaped {
                quantity,
                reached,
                range,
            });
        }
        self
    }
}
