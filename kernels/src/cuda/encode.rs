//! Programs as the kernels take them: values in few slots, and none for what only the next step reads.

use super::ffi::{
    FROM_COLUMN, FROM_CONSTANT, FROM_LAST, FROM_SLOT, FROM_ZERO, NO_SLOT, OP_ADD, OP_MUL, OP_MUL_ADD, OP_SUB,
    RawInstruction, RawOperand,
};
use crate::{Instruction, Operand, Program};
use std::collections::HashMap;

/// A program for one number of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub instructions: Vec<RawInstruction>,
    pub result: RawOperand,
    /// Slots that the instructions use: `0..slots`.
    pub slots: u32,
}

/// Encodes a program that was checked. There is at least one row.
pub(super) fn encode(program: &Program, rows: usize) -> Code {
    let values = Values::new(program);
    let mut slots = Slots::default();
    let mut instructions = Vec::with_capacity(program.instructions.len());
    for (position, step) in program.instructions.iter().enumerate() {
        let reads = &values.reads[position];
        let mut operands = step
            .operands()
            .zip(reads)
            .map(|(operand, value)| raw(operand, *value, position, rows, &slots));
        let mut next = || operands.next().unwrap_or(ZERO);
        let (a, b, c) = (next(), next(), next());
        drop(operands);
        // What is read here for the last time makes room for the target.
        for value in reads.iter().flatten() {
            if values.last_read[*value] == Some(position) {
                slots.release(*value);
            }
        }
        let target = match values.last_read[position] {
            Some(last) if last > position + 1 => slots.take(position),
            _ => NO_SLOT,
        };
        instructions.push(RawInstruction {
            operation: match step {
                Instruction::Add { .. } => OP_ADD,
                Instruction::Sub { .. } => OP_SUB,
                Instruction::Mul { .. } => OP_MUL,
                Instruction::MulAdd { .. } => OP_MUL_ADD,
            },
            target,
            a,
            b,
            c,
        });
    }
    let end = program.instructions.len();
    let result = program
        .result
        .map_or(ZERO, |operand| raw(operand, values.result, end, rows, &slots));
    Code {
        instructions,
        result,
        slots: slots.count,
    }
}

const ZERO: RawOperand = RawOperand {
    from: FROM_ZERO,
    index: 0,
    rotation: 0,
};

/// An operand that is read at a position; `value` is the instruction that wrote its register.
fn raw(operand: Operand, value: Option<usize>, position: usize, rows: usize, slots: &Slots) -> RawOperand {
    let plain = |from, index| RawOperand {
        from,
        index,
        rotation: 0,
    };
    match (operand, value) {
        (Operand::Constant(index), _) => plain(FROM_CONSTANT, index),
        (Operand::Column(column), _) => RawOperand {
            from: FROM_COLUMN,
            index: column.index,
            // Below the number of rows, which a device vector has fewer of than 2^32.
            rotation: i64::from(column.rotation).rem_euclid(rows as i64) as u32,
        },
        (Operand::Register(_), Some(value)) if value + 1 == position => plain(FROM_LAST, 0),
        (Operand::Register(_), Some(value)) => {
            slots.of.get(&value).map_or(ZERO, |slot| plain(FROM_SLOT, *slot))
        }
        // A checked program reads no register before it is written.
        (Operand::Register(_), None) => ZERO,
    }
}

/// Which instruction's value each operand reads, and when each value is read last.
struct Values {
    /// For each instruction its operands.
    reads: Vec<Vec<Option<usize>>>,
    result: Option<usize>,
    /// The result counts as an instruction behind all others.
    last_read: Vec<Option<usize>>,
}

impl Values {
    fn new(program: &Program) -> Self {
        let mut writers: HashMap<u32, usize> = HashMap::new();
        let mut last_read = vec![None; program.instructions.len()];
        let mut read = |operand: Operand, position: usize, writers: &HashMap<u32, usize>| {
            let Operand::Register(register) = operand else {
                return None;
            };
            let value = writers.get(&register).copied()?;
            last_read[value] = Some(position);
            Some(value)
        };
        let mut reads = Vec::with_capacity(program.instructions.len());
        for (position, step) in program.instructions.iter().enumerate() {
            let own = step.operands().map(|operand| read(operand, position, &writers));
            reads.push(own.collect());
            writers.insert(step.target(), position);
        }
        let end = program.instructions.len();
        let result = program.result.and_then(|operand| read(operand, end, &writers));
        Self {
            reads,
            result,
            last_read,
        }
    }
}

/// Slots, each taken over when its value has been read for the last time.
#[derive(Default)]
struct Slots {
    of: HashMap<usize, u32>,
    free: Vec<u32>,
    count: u32,
}

impl Slots {
    fn take(&mut self, value: usize) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        });
        self.of.insert(value, slot);
        slot
    }

    fn release(&mut self, value: usize) {
        self.free.extend(self.of.remove(&value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    fn add(target: u32, a: Operand, b: Operand) -> Instruction {
        Instruction::Add { target, a, b }
    }

    #[test]
    fn a_chain_needs_no_slot() {
        let (register, one) = (Operand::Register(0), Operand::Constant(0));
        let program = Program {
            instructions: vec![
                add(0, one, one),
                add(0, register, register),
                add(0, register, one),
            ],
            registers: 1,
            result: Some(register),
        };
        let code = encode(&program, 8);
        assert_eq!(code.slots, 0);
        assert!(code.instructions.iter().all(|step| step.target == NO_SLOT));
        assert_eq!(code.result.from, FROM_LAST);
        assert_eq!(code.instructions[1].a.from, FROM_LAST);
    }

    #[test]
    fn slots_are_taken_over_and_rotations_reduced() {
        let register = Operand::Register;
        let cell = Operand::Column(Column {
            index: 3,
            rotation: -1,
        });
        let program = Program {
            // r0, r1 live across steps; r2 takes over where r0 is read last.
            instructions: vec![
                add(0, cell, cell),
                add(1, cell, cell),
                add(2, register(0), cell),
                add(3, cell, cell),
                add(4, register(2), register(1)),
            ],
            registers: 5,
            result: Some(register(4)),
        };
        let code = encode(&program, 8);
        assert_eq!(code.slots, 2);
        let targets: Vec<u32> = code.instructions.iter().map(|step| step.target).collect();
        assert_eq!(targets, [0, 1, 0, NO_SLOT, NO_SLOT]);
        assert_eq!(code.instructions[0].a.rotation, 7);
        assert_eq!(code.instructions[4].a.from, FROM_SLOT);
    }
}
