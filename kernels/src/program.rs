//! Straight-line programs over the rows of many columns.
//!
//! A constraint system's quotient numerator is one expression evaluated on every row of a coset.
//! It is compiled once into a list of instructions, and a backend runs the list in blocks of
//! rows: on a GPU one thread a row, on a CPU one vector register a block.

mod check;
pub(crate) mod lanes;
pub(crate) mod plan;
pub(crate) mod scalar;

/// Where an operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// Result of an earlier instruction, by register.
    Register(u32),
    /// A cell of a column, relative to the row at hand.
    Column(Column),
    /// An entry of the constants that a run is given (literals and challenges).
    Constant(u32),
}

/// A cell: column and rotation. Rows wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Column {
    /// Index into the columns that a run is given.
    pub index: u32,
    /// Rows to go forward (or back, if negative).
    pub rotation: i32,
}

/// One step: `target = ...` with registers as targets. A target may be one of the operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// `target = a + b`
    Add {
        /// Register written.
        target: u32,
        /// Operands.
        a: Operand,
        /// Operands.
        b: Operand,
    },
    /// `target = a - b`
    Sub {
        /// Register written.
        target: u32,
        /// Minuend.
        a: Operand,
        /// Subtrahend.
        b: Operand,
    },
    /// `target = a * b`
    Mul {
        /// Register written.
        target: u32,
        /// Operands.
        a: Operand,
        /// Operands.
        b: Operand,
    },
    /// `target = a * b + c`
    MulAdd {
        /// Register written.
        target: u32,
        /// Factors.
        a: Operand,
        /// Factors.
        b: Operand,
        /// Summand.
        c: Operand,
    },
}

/// A program: after the last instruction, `result` is the row's value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Program {
    /// The steps, in order.
    pub instructions: Vec<Instruction>,
    /// Registers that the steps use: `0..registers`.
    pub registers: u32,
    /// Where the value of the row is at the end; `None` for the zero program.
    pub result: Option<Operand>,
}

impl Program {
    /// `sum_k c_k column_k` over the first `columns` columns.
    pub(crate) fn linear_combination(columns: u32) -> Self {
        let product = |index| {
            (
                Operand::Constant(index),
                Operand::Column(Column { index, rotation: 0 }),
            )
        };
        let instruction = |index| match (index, product(index)) {
            (0, (a, b)) => Instruction::Mul { target: 0, a, b },
            (_, (a, b)) => Instruction::MulAdd {
                target: 0,
                a,
                b,
                c: Operand::Register(0),
            },
        };
        Self {
            registers: columns.min(1),
            instructions: (0..columns).map(instruction).collect(),
            result: (columns > 0).then_some(Operand::Register(0)),
        }
    }

    /// `sum_k c_0^k column_k` over the first `columns` columns, by Horner's rule.
    pub(crate) fn horner(columns: u32) -> Self {
        let cell = |index| Operand::Column(Column { index, rotation: 0 });
        let Some(last) = columns.checked_sub(1) else {
            return Self::default();
        };
        let mut sum = cell(last);
        let mut instructions = Vec::with_capacity(last as usize);
        for column in (0..last).rev() {
            instructions.push(Instruction::MulAdd {
                target: 0,
                a: sum,
                b: Operand::Constant(0),
                c: cell(column),
            });
            sum = Operand::Register(0);
        }
        Self {
            registers: u32::from(last > 0),
            instructions,
            result: Some(sum),
        }
    }
}
