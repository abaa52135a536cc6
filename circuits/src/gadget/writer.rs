//! Writing the cells of a gadget.

use crate::Error;

/// Writes limbs one after the other.
pub(crate) struct CellWriter<'a> {
    gadget: &'static str,
    b: u32,
    cells: &'a mut [u32],
    at: usize,
}

impl<'a> CellWriter<'a> {
    /// A writer of the cells of a gadget of this name, in lanes of `b` bits.
    pub fn new(gadget: &'static str, b: u32, cells: &'a mut [u32]) -> Self {
        CellWriter {
            gadget,
            b,
            cells,
            at: 0,
        }
    }

    /// The limb width.
    pub fn bits(&self) -> u32 {
        self.b
    }

    /// The error of a value that does not fit so many bits.
    pub fn misfit(&self, value: i128, bits: u32) -> Error {
        Error::Witness {
            gadget: self.gadget,
            value,
            bits,
        }
    }

    /// An unsigned number of `limbs` limbs.
    pub fn unsigned(&mut self, value: i128, limbs: u8) -> Result<(), Error> {
        let bits = u32::from(limbs) * self.b;
        if value < 0 || value >> bits != 0 {
            return Err(self.misfit(value, bits));
        }
        for i in 0..u32::from(limbs) {
            self.cells[self.at] = ((value >> (i * self.b)) & ((1 << self.b) - 1)) as u32;
            self.at += 1;
        }
        Ok(())
    }

    /// A signed number of `limbs` limbs, stored with its bias.
    pub fn signed(&mut self, value: i128, limbs: u8) -> Result<(), Error> {
        self.unsigned(value + (1i128 << (u32::from(limbs) * self.b - 1)), limbs)
    }
}
