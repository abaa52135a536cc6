//! From a program to steps on few slots.
//!
//! The program is first written as a list of values, each computed once from earlier ones, and
//! values that the result does not need are dropped. Then each value gets a slot, which is taken
//! over as soon as the value has been read for the last time.

use super::{Column, Instruction, Operand, Program};
use std::collections::HashMap;

/// Uses of a cell that lie further apart than this many values load it again: a slot held for
/// longer would be better used by others.
const REACH: usize = 96;

/// What a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The value in a slot.
    Slot(usize),
    /// A constant of the run.
    Constant(usize),
}

/// What a step computes from its two sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
}

/// One step. For each row it reads its sources before it writes its target, which may be the slot
/// of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A cell into a slot.
    Load {
        /// Slot written.
        target: usize,
        /// The cell.
        cell: Column,
    },
    /// `target = a operation b`
    Compute {
        /// What to compute.
        operation: Operation,
        /// Slot written.
        target: usize,
        /// Left operand.
        a: Source,
        /// Right operand.
        b: Source,
    },
}

/// A program ready to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The steps, in order.
    pub(crate) steps: Vec<Step>,
    /// Number of slots.
    pub(crate) slots: usize,
    /// Where the value of the row is at the end; `None` for zero.
    pub(crate) result: Option<Source>,
}

/// An operand: an earlier value by number, or a constant.
#[derive(Clone, Copy)]
enum Reference {
    Value(usize),
    Constant(usize),
}

/// How a value comes to be.
#[derive(Clone, Copy)]
enum Value {
    Cell(Column),
    Computed(Operation, Reference, Reference),
}

impl Value {
    /// The values that it is computed from.
    fn sources(self) -> impl Iterator<Item = usize> {
        let both = match self {
            Self::Cell(_) => [None, None],
            Self::Computed(_, a, b) => [Some(a), Some(b)],
        };
        both.into_iter().flatten().filter_map(Reference::value)
    }
}

impl Reference {
    fn value(self) -> Option<usize> {
        match self {
            Self::Value(number) => Some(number),
            Self::Constant(_) => None,
        }
    }
}

/// The values of a program, in order.
#[derive(Default)]
struct Values {
    list: Vec<Value>,
    registers: HashMap<u32, Reference>,
    /// For each cell its value, and the number of values when it was last read.
    cells: HashMap<Column, (usize, usize)>,
}

impl Values {
    fn push(&mut self, value: Value) -> usize {
        self.list.push(value);
        self.list.len() - 1
    }

    fn read(&mut self, operand: Operand) -> Reference {
        match operand {
            Operand::Constant(index) => Reference::Constant(index as usize),
            // A checked program reads no register before it is written.
            Operand::Register(index) => self.registers[&index],
            Operand::Column(cell) => {
                let now = self.list.len();
                let number = match self.cells.get(&cell) {
                    Some(&(number, last)) if now - last <= REACH => number,
                    _ => self.push(Value::Cell(cell)),
                };
                self.cells.insert(cell, (number, now));
                Reference::Value(number)
            }
        }
    }

    fn compute(&mut self, operation: Operation, a: Reference, b: Reference) -> Reference {
        Reference::Value(self.push(Value::Computed(operation, a, b)))
    }

    fn instruction(&mut self, instruction: &Instruction) {
        let result = match *instruction {
            Instruction::Add { a, b, .. } => {
                let (a, b) = (self.read(a), self.read(b));
                self.compute(Operation::Add, a, b)
            }
            Instruction::Sub { a, b, .. } => {
                let (a, b) = (self.read(a), self.read(b));
                self.compute(Operation::Sub, a, b)
            }
            Instruction::Mul { a, b, .. } => {
                let (a, b) = (self.read(a), self.read(b));
                self.compute(Operation::Mul, a, b)
            }
            Instruction::MulAdd { a, b, c, .. } => {
                let (a, b) = (self.read(a), self.read(b));
                let product = self.compute(Operation::Mul, a, b);
                let c = self.read(c);
                self.compute(Operation::Add, product, c)
            }
        };
        self.registers.insert(instruction.target(), result);
    }
}

impl Plan {
    /// Plans a program that has been checked.
    pub(crate) fn new(program: &Program) -> Self {
        let mut values = Values::default();
        program
            .instructions
            .iter()
            .for_each(|instruction| values.instruction(instruction));
        let result = program.result.map(|operand| values.read(operand));
        Self::allocate(&values.list, result)
    }

    /// Gives each needed value a slot.
    fn allocate(values: &[Value], result: Option<Reference>) -> Self {
        // The last reader of each value; `None` where nothing needed reads it.
        let mut last_read = vec![None; values.len()];
        if let Some(Reference::Value(number)) = result {
            last_read[number] = Some(values.len());
        }
        for (number, value) in values.iter().enumerate().rev() {
            if last_read[number].is_some() {
                for source in value.sources() {
                    last_read[source] = last_read[source].max(Some(number));
                }
            }
        }
        let mut plan = Self::default();
        let mut slots = vec![0; values.len()];
        let mut free = Vec::new();
        for (number, value) in values.iter().enumerate() {
            if last_read[number].is_none() {
                continue;
            }
            let mut ended: Vec<usize> = value
                .sources()
                .filter(|&source| last_read[source] == Some(number))
                .collect();
            ended.dedup();
            free.extend(ended.into_iter().map(|source| slots[source]));
            let target = free.pop().unwrap_or_else(|| {
                plan.slots += 1;
                plan.slots - 1
            });
            let source = |reference| match reference {
                Reference::Value(number) => Source::Slot(slots[number]),
                Reference::Constant(index) => Source::Constant(index),
            };
            plan.steps.push(match *value {
                Value::Cell(cell) => Step::Load { target, cell },
                Value::Computed(operation, a, b) => Step::Compute {
                    operation,
                    target,
                    a: source(a),
                    b: source(b),
                },
            });
            slots[number] = target;
        }
        plan.result = result.map(|reference| match reference {
            Reference::Value(number) => Source::Slot(slots[number]),
            Reference::Constant(index) => Source::Constant(index),
        });
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(index: u32) -> Operand {
        Operand::Column(Column { index, rotation: 0 })
    }

    #[test]
    fn slots_are_taken_over_and_dead_values_dropped() {
        let register = Operand::Register;
        let program = Program {
            instructions: vec![
                Instruction::Mul {
                    target: 0,
                    a: cell(0),
                    b: cell(0),
                },
                Instruction::Add {
                    target: 1,
                    a: cell(7),
                    b: cell(8),
                },
                Instruction::MulAdd {
                    target: 0,
                    a: register(0),
                    b: cell(1),
                    c: register(0),
                },
                Instruction::Sub {
                    target: 2,
                    a: register(0),
                    b: Operand::Constant(3),
                },
            ],
            registers: 3,
            result: Some(register(2)),
        };
        let plan = Plan::new(&program);
        // Two loads, two products, a sum and a difference; at most the product, the cell, and the
        // sum's other operand live at once.
        assert_eq!(plan.steps.len(), 6);
        assert_eq!(plan.slots, 2);
        assert!(matches!(plan.result, Some(Source::Slot(_))));
    }
}
