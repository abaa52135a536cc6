//! A program is checked once, before it runs on any row.

use super::{Instruction, Operand, Program};
use crate::Error;
use std::collections::HashSet;

impl Instruction {
    /// The register that this step writes.
    pub fn target(&self) -> u32 {
        match *self {
            Self::Add { target, .. }
            | Self::Sub { target, .. }
            | Self::Mul { target, .. }
            | Self::MulAdd { target, .. } => target,
        }
    }

    /// What this step reads, in order.
    pub fn operands(&self) -> impl Iterator<Item = Operand> {
        let (a, b, c) = match *self {
            Self::Add { a, b, .. } | Self::Sub { a, b, .. } | Self::Mul { a, b, .. } => (a, b, None),
            Self::MulAdd { a, b, c, .. } => (a, b, Some(c)),
        };
        [Some(a), Some(b), c].into_iter().flatten()
    }
}

impl Program {
    /// Checks that every operand exists when it is read.
    ///
    /// # Errors
    ///
    /// [`Error::Program`] for a register, column or constant out of range, for a register that is
    /// read before it is written, and for more registers than instructions.
    pub fn check(&self, columns: usize, constants: usize) -> Result<(), Error> {
        // Bounds the registers that are allocated by the values that there can be.
        if self.registers as usize > self.instructions.len() {
            return Err(Error::Program {
                instruction: self.instructions.len(),
                kind: "register",
                index: self.registers - 1,
                available: self.instructions.len(),
                problem: "is written by no instruction",
            });
        }
        let mut written = HashSet::new();
        for (position, step) in self.instructions.iter().enumerate() {
            for operand in step.operands() {
                self.check_operand(position, operand, columns, constants, &written)?;
            }
            if step.target() >= self.registers {
                return Err(Error::Program {
                    instruction: position,
                    kind: "register",
                    index: step.target(),
                    available: self.registers as usize,
                    problem: "does not exist",
                });
            }
            written.insert(step.target());
        }
        match self.result {
            Some(operand) => {
                self.check_operand(self.instructions.len(), operand, columns, constants, &written)
            }
            None => Ok(()),
        }
    }

    fn check_operand(
        &self,
        instruction: usize,
        operand: Operand,
        columns: usize,
        constants: usize,
        written: &HashSet<u32>,
    ) -> Result<(), Error> {
        let registers = self.registers as usize;
        let (kind, index, available) = match operand {
            Operand::Register(index) => ("register", index, registers),
            Operand::Column(column) => ("column", column.index, columns),
            Operand::Constant(index) => ("constant", index, constants),
        };
        let problem = if index as usize >= available {
            "does not exist"
        } else if kind == "register" && !written.contains(&index) {
            "is read before it is written"
        } else {
            return Ok(());
        };
        Err(Error::Program {
            instruction,
            kind,
            index,
            available,
            problem,
        })
    }
}
