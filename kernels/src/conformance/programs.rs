//! Arbitrary programs, and those that stretch bounds.

use super::sample::{Sampler, same, up};
use crate::{Backend, Column, Instruction, Operand, Oracle, Program};
use ff::Field;
use halo2curves::bn256::Fr;

const COLUMNS: usize = 5;
const CONSTANTS: usize = 4;

pub(super) fn check<B: Backend>(backend: &B) {
    let mut sampler = Sampler(4);
    for rows in [1, 5, 8, 31, 32, 64, 100, 513, 2048] {
        for length in [0, 1, 2, 10, 60, 300] {
            let program = arbitrary(&mut sampler, length);
            compare(backend, &mut sampler, &program, rows);
        }
        for program in extreme() {
            compare(backend, &mut sampler, &program, rows);
        }
    }
}

fn compare<B: Backend>(backend: &B, sampler: &mut Sampler, program: &Program, rows: usize) {
    let mut columns: Vec<Vec<Fr>> = (1..COLUMNS).map(|_| sampler.elements(rows)).collect();
    columns.push(vec![-Fr::ONE; rows]);
    let constants = sampler.elements(CONSTANTS);
    let expected = Oracle.run(program, &columns.iter().collect::<Vec<_>>(), &constants);
    let vectors: Vec<B::Vector> = columns.iter().map(|values| up(backend, values)).collect();
    let found = backend.run(program, &vectors.iter().collect::<Vec<_>>(), &constants);
    let expected = expected.expect("the oracle runs it");
    same(
        backend,
        &format!("{program:?} on {rows} rows"),
        &found.expect("run"),
        &expected,
    );
}

fn operand(sampler: &mut Sampler, written: &[u32]) -> Operand {
    match sampler.below(8) {
        0 => Operand::Constant(sampler.below(CONSTANTS) as u32),
        1..=3 => {
            let rotation = [0, 0, 1, -1, 7, -40, i32::MAX, i32::MIN][sampler.below(8)];
            Operand::Column(Column {
                index: sampler.below(COLUMNS) as u32,
                rotation,
            })
        }
        _ if written.is_empty() => Operand::Constant(0),
        _ => Operand::Register(written[sampler.below(written.len())]),
    }
}

/// A program of that many instructions on few registers.
fn arbitrary(sampler: &mut Sampler, length: usize) -> Program {
    let registers = (length as u32).min(7);
    let mut written = Vec::new();
    let mut instructions = Vec::new();
    for _ in 0..length {
        let (a, b) = (operand(sampler, &written), operand(sampler, &written));
        let c = operand(sampler, &written);
        let target = sampler.below(registers as usize) as u32;
        instructions.push(match sampler.below(4) {
            0 => Instruction::Add { target, a, b },
            1 => Instruction::Sub { target, a, b },
            2 => Instruction::Mul { target, a, b },
            _ => Instruction::MulAdd { target, a, b, c },
        });
        written.push(target);
    }
    let result = if length == 0 {
        None
    } else {
        Some(operand(sampler, &written))
    };
    Program {
        instructions,
        registers,
        result,
    }
}

/// Values that grow as fast as sums, differences and products can make them.
fn extreme() -> Vec<Program> {
    let register = Operand::Register(0);
    let cell = Operand::Column(Column {
        index: COLUMNS as u32 - 1,
        rotation: 0,
    });
    let add = |a, b| Instruction::Add { target: 0, a, b };
    let sub = |a, b| Instruction::Sub { target: 0, a, b };
    let mul_add = |a, b, c| Instruction::MulAdd { target: 0, a, b, c };
    let repeat = |step: Instruction| {
        let mut instructions = vec![sub(cell, cell)];
        instructions.extend(std::iter::repeat_n(step, 40));
        Program {
            instructions,
            registers: 1,
            result: Some(register),
        }
    };
    let without_steps = |result| Program {
        result: Some(result),
        ..Program::default()
    };
    vec![
        repeat(add(register, register)),
        repeat(sub(cell, register)),
        repeat(sub(register, cell)),
        repeat(mul_add(register, register, cell)),
        repeat(mul_add(register, cell, register)),
        repeat(mul_add(cell, cell, register)),
        repeat(mul_add(Operand::Constant(0), register, register)),
        without_steps(cell),
        without_steps(Operand::Constant(1)),
        Program::default(),
    ]
}
