//! The shifts of a rescale.

use crate::Error;
use crate::lower::order::Order;
use crate::lower::{MAX_FORM_BITS, unsupported};
use crate::regions::ArgSource;
use std::sync::Arc;
use zkml_core::ops::Shift;

/// The shifts of a rescale, by element of its input.
pub(super) struct Shifts<'a> {
    shift: &'a Shift,
    at: Box<dyn Fn(usize) -> u32 + 'a>,
    lane_bits: u32,
    largest: u32,
}

impl<'a> Shifts<'a> {
    pub fn new(shift: &'a Shift, shape: &[usize], lane_bits: u32) -> Self {
        let largest = shift.largest();
        Shifts {
            shift,
            at: Box::new(shift.at(shape)),
            lane_bits,
            largest,
        }
    }

    pub fn at(&self, e: usize) -> u32 {
        (self.at)(e)
    }

    /// Limbs of the remainder.
    pub fn remainder(&self, limbs: u8) -> Result<u8, Error> {
        let rem = self.largest.div_ceil(self.lane_bits);
        if (rem + u32::from(limbs)) * self.lane_bits > MAX_FORM_BITS {
            return Err(unsupported(format!(
                "a shift by {} bits to {limbs} limbs of {} bits is wider than {MAX_FORM_BITS} bits",
                self.largest, self.lane_bits
            )));
        }
        Ok(rem as u8)
    }

    /// The operand's form is its value times `2^halves`.
    pub fn halves(&self, e: usize, remainder: u8) -> u32 {
        u32::from(remainder) * self.lane_bits - self.at(e)
    }

    pub fn arg(&self, n: usize, order: &Order) -> ArgSource {
        match self.shift {
            Shift::Uniform(s) => ArgSource::Constant(i64::from(*s)),
            Shift::PerAxis { .. } => ArgSource::Constants(Arc::new(
                (0..n as u32)
                    .map(|u| i64::from(self.at(order.element(u) as usize)))
                    .collect(),
            )),
        }
    }
}
