//! A program with its columns and constants by name.

use super::constant::{Constants, Symbols};
use super::graph::{Cell, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;
use zkml_kernels::{Backend, Instruction, Operand, Program};

/// A program, which columns it reads, and how its constants come from the challenges.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    program: Program,
    sources: Vec<Source>,
    table: Constants,
    constants: Vec<usize>,
}

/// A program for every so many rows; see [`Compiled::slice`].
#[derive(Clone, Debug)]
pub(crate) struct Slice {
    program: Program,
    /// What it reads, in order: columns with the number of their slice.
    pub columns: Vec<(Source, usize)>,
}

impl Compiled {
    pub(super) fn new(
        program: Program,
        sources: Vec<Source>,
        table: Constants,
        constants: Vec<usize>,
    ) -> Self {
        Self {
            program,
            sources,
            table,
            constants,
        }
    }

    /// The columns that [`Self::run`] takes, in order.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Runs the program on every row.
    pub fn run<B: Backend>(
        &self,
        backend: &B,
        columns: &[&B::Vector],
        symbols: &Symbols,
    ) -> Result<B::Vector, zkml_kernels::Error> {
        backend.run(&self.program, columns, &self.constants(symbols))
    }

    /// The program for the rows `slice + count i`, for columns that are cut in the same way: row
    /// `i` of it is row `slice + count i` of the whole.
    pub fn slice(&self, slice: usize, count: usize) -> Slice {
        let mut program = self.program.clone();
        let mut columns: Vec<(Source, usize)> = Vec::new();
        let mut index = HashMap::new();
        let cut = |operand: &mut Operand| {
            let Operand::Column(column) = operand else { return };
            let row = slice as i64 + i64::from(column.rotation);
            let of = (
                self.sources[column.index as usize],
                row.rem_euclid(count as i64) as usize,
            );
            column.index = *index.entry(of).or_insert_with(|| {
                columns.push(of);
                columns.len() as u32 - 1
            });
            // Not farther than the rotation that it was.
            column.rotation = row.div_euclid(count as i64) as i32;
        };
        program
            .instructions
            .iter_mut()
            .flat_map(operands_mut)
            .chain(program.result.as_mut())
            .for_each(cut);
        Slice { program, columns }
    }

    /// Runs a slice of this program.
    pub fn run_slice<B: Backend>(
        &self,
        slice: &Slice,
        backend: &B,
        columns: &[&B::Vector],
        symbols: &Symbols,
    ) -> Result<B::Vector, zkml_kernels::Error> {
        backend.run(&slice.program, columns, &self.constants(symbols))
    }

    /// Every cell that the program reads, with repetitions.
    pub fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.program
            .instructions
            .iter()
            .flat_map(operands)
            .chain(self.program.result)
            .filter_map(|operand| match operand {
                Operand::Column(column) => Some(Cell {
                    source: self.sources[column.index as usize],
                    rotation: column.rotation,
                }),
                _ => None,
            })
    }

    /// The value at one point, given the value of each cell there.
    pub fn at_point(&self, symbols: &Symbols, cell: impl Fn(Cell) -> Fr) -> Fr {
        let constants = self.constants(symbols);
        let mut registers = vec![Fr::ZERO; self.program.registers as usize];
        let read = |registers: &[Fr], operand: Operand| match operand {
            Operand::Register(register) => registers[register as usize],
            Operand::Constant(index) => constants[index as usize],
            Operand::Column(column) => cell(Cell {
                source: self.sources[column.index as usize],
                rotation: column.rotation,
            }),
        };
        for instruction in &self.program.instructions {
            let (target, value) = match *instruction {
                Instruction::Add { target, a, b } => (target, read(&registers, a) + read(&registers, b)),
                Instruction::Sub { target, a, b } => (target, read(&registers, a) - read(&registers, b)),
                Instruction::Mul { target, a, b } => (target, read(&registers, a) * read(&registers, b)),
                Instruction::MulAdd { target, a, b, c } => (
                    target,
                    read(&registers, a) * read(&registers, b) + read(&registers, c),
                ),
            };
            registers[target as usize] = value;
        }
        self.program
            .result
            .map_or(Fr::ZERO, |operand| read(&registers, operand))
    }

    #[cfg(test)]
    pub fn instructions(&self) -> &[Instruction] {
        &self.program.instructions
    }

    #[cfg(test)]
    pub fn registers(&self) -> u32 {
        self.program.registers
    }

    fn constants(&self, symbols: &Symbols) -> Vec<Fr> {
        let values = self.table.values(symbols);
        self.constants.iter().map(|&position| values[position]).collect()
    }
}

fn operands(instruction: &Instruction) -> impl Iterator<Item = Operand> + use<> {
    let (a, b, c) = match *instruction {
        Instruction::Add { a, b, .. } | Instruction::Sub { a, b, .. } | Instruction::Mul { a, b, .. } => {
            (a, b, None)
        }
        Instruction::MulAdd { a, b, c, .. } => (a, b, Some(c)),
    };
    [Some(a), Some(b), c].into_iter().flatten()
}

fn operands_mut(instruction: &mut Instruction) -> impl Iterator<Item = &mut Operand> {
    let (a, b, c) = match instruction {
        Instruction::Add { a, b, .. } | Instruction::Sub { a, b, .. } | Instruction::Mul { a, b, .. } => {
            (a, b, None)
        }
        Instruction::MulAdd { a, b, c, .. } => (a, b, Some(c)),
    };
    [Some(a), Some(b), c].into_iter().flatten()
}
