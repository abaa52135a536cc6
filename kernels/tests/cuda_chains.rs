//! The PTX of the field's carry chains, followed step by step: no machine without a GPU can run it, and the host's
//! build of the kernels takes C++ in its place.
#![allow(missing_docs)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::HashMap;

const SOURCE: &str = include_str!("../cuda/chains.cuh");

/// Limbs of an element.
const LIMBS: usize = 8;

/// An operand of a block of PTX: its constraint, and the C++ expression that it stands for, as `acc[3]`.
#[derive(Debug)]
struct Operand {
    constraint: String,
    expression: String,
}

/// A block of PTX with its operands, those that it writes first.
#[derive(Debug)]
struct Chain {
    instructions: Vec<String>,
    outputs: usize,
    operands: Vec<Operand>,
}

impl Chain {
    /// The chain of a function, which a part of its signature names.
    fn of(signature: &str) -> Self {
        let (_, function) = SOURCE.split_once(signature).expect(signature);
        let (_, block) = function.split_once("asm(").expect("a block of PTX");
        let (block, _) = block.split_once(");").expect("its end");
        // No PTX holds a colon, and no operand.
        let mut sections = block.split(':');
        let mut section = || sections.next().expect("PTX : outputs : inputs");
        let (code, outputs, inputs) = (section(), section(), section());
        let code: String = code.split('"').skip(1).step_by(2).collect();
        let mut operands = operands(outputs);
        let count = operands.len();
        operands.extend(self::operands(inputs));
        Self {
            instructions: code
                .split(';')
                .map(|step| step.replace("\\n\\t", ""))
                .filter(|step| !step.is_empty())
                .collect(),
            outputs: count,
            operands,
        }
    }

    /// Runs it on named values.
    fn run(&self, memory: &mut Memory) {
        let mut registers: Vec<Option<u32>> = self
            .operands
            .iter()
            .enumerate()
            .map(|(number, operand)| {
                let is_read = number >= self.outputs || operand.constraint.contains('+');
                is_read.then(|| memory.get(&operand.expression))
            })
            .collect();
        let mut carry = None;
        for instruction in &self.instructions {
            step(instruction, &mut registers, &mut carry);
        }
        assert!(
            carry.is_none(),
            "a carry is lost behind {:?}",
            self.instructions.last()
        );
        for (operand, register) in self.operands[..self.outputs].iter().zip(registers) {
            memory.set(&operand.expression, register.expect("every output is written"));
        }
    }
}

/// `"constraint"(expression)`, separated by commas.
fn operands(text: &str) -> Vec<Operand> {
    let parts: Vec<&str> = text.split('"').collect();
    parts[1..]
        .chunks(2)
        .map(|pair| Operand {
            constraint: pair[0].to_owned(),
            expression: pair[1]
                .trim()
                .trim_end_matches(',')
                .trim_matches(['(', ')'])
                .to_owned(),
        })
        .collect()
}

/// One instruction, as PTX defines it (ISA 9.0, extended-precision integer arithmetic). The carry is none where an
/// instruction without `.cc` left it.
fn step(instruction: &str, registers: &mut [Option<u32>], carry: &mut Option<bool>) {
    let (operation, operands) = instruction.split_once(' ').expect(instruction);
    let operands: Vec<&str> = operands.split(", ").collect();
    let value = |at: usize| -> u64 {
        let text = operands[at];
        text.strip_prefix('%').map_or_else(
            || text.parse().expect(instruction),
            |number| {
                let register = registers[number.parse::<usize>().unwrap()];
                u64::from(register.unwrap_or_else(|| panic!("{instruction}: {text} has no value yet")))
            },
        )
    };
    let mut parts = operation.split('.');
    let name = parts.next().unwrap();
    let flags: Vec<&str> = parts.collect();
    assert_eq!(flags.last(), Some(&"u32"), "{instruction}");
    let incoming = if name.ends_with('c') {
        u64::from(carry.expect("an instruction before sets the carry"))
    } else {
        0
    };
    let wide = match name {
        "add" | "addc" => value(1) + value(2) + incoming,
        // The carry of a subtraction is its borrow: beyond 32 bits the difference has all ones.
        "sub" | "subc" => value(1).wrapping_sub(value(2)).wrapping_sub(incoming),
        "mad" | "madc" => {
            let product = value(1) * value(2);
            let half = match flags[0] {
                "lo" => product & u64::from(u32::MAX),
                "hi" => product >> 32,
                _ => panic!("{instruction}: expected a half"),
            };
            half + value(3) + incoming
        }
        _ => panic!("{instruction}: no instruction of a carry chain"),
    };
    *carry = flags.contains(&"cc").then_some(wide >> 32 != 0);
    let target: usize = operands[0].strip_prefix('%').unwrap().parse().unwrap();
    registers[target] = Some(wide as u32);
}

/// Named arrays and numbers of 32 bits.
#[derive(Default)]
struct Memory(HashMap<String, Vec<u32>>);

impl Memory {
    fn place(&mut self, expression: &str) -> &mut u32 {
        let (name, index) = expression.split_once('[').unwrap_or((expression, "0]"));
        let index: usize = index.trim_end_matches(']').parse().expect(expression);
        &mut self.0.get_mut(name).expect(expression)[index]
    }

    fn get(&mut self, expression: &str) -> u32 {
        *self.place(expression)
    }

    fn set(&mut self, expression: &str, value: u32) {
        *self.place(expression) = value;
    }
}

/// A number of any width, least limb first, modulo `2^(32 width)`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(Vec<u32>);

impl Number {
    fn of(limbs: &[u32], width: usize) -> Self {
        let mut limbs = limbs.to_vec();
        limbs.resize(width, 0);
        Self(limbs)
    }

    /// Adds `value 2^(32 limb)`.
    fn add_at(&mut self, limb: usize, value: u64) {
        let mut rest = value;
        for place in &mut self.0[limb..] {
            rest += u64::from(*place);
            // What is above the limb is below 2^32: nothing is lost.
            (*place, rest) = (rest as u32, rest >> 32);
        }
    }

    fn add(&mut self, limbs: &[u32]) {
        for (place, limb) in limbs.iter().enumerate() {
            self.add_at(place, u64::from(*limb));
        }
    }

    /// Adds `a_0 b + 2^64 a_2 b + 2^128 a_4 b + 2^192 a_6 b`.
    fn add_products(&mut self, a: &[u32], b: u32) {
        for place in (0..LIMBS).step_by(2) {
            let product = u64::from(a[place]) * u64::from(b);
            self.add_at(place, product & u64::from(u32::MAX));
            self.add_at(place + 1, product >> 32);
        }
    }
}

/// Arbitrary limbs, crowded where carries run far.
fn limbs(rng: &mut ChaCha20Rng) -> Vec<u32> {
    (0..LIMBS).map(|_| limb(rng)).collect()
}

fn limb(rng: &mut ChaCha20Rng) -> u32 {
    match rng.gen_range(0..4) {
        0 => 0,
        1 => u32::MAX,
        _ => rng.r#gen(),
    }
}

/// Runs a chain on many values: `check` gets them before and after.
fn follow(signature: &str, names: &[&str], numbers: &[&str], check: impl Fn(&Values, &Values)) {
    let chain = Chain::of(signature);
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    for _ in 0..2000 {
        let mut memory = Memory::default();
        for name in names {
            memory.0.insert((*name).to_owned(), limbs(&mut rng));
        }
        for name in numbers {
            memory.0.insert((*name).to_owned(), vec![limb(&mut rng)]);
        }
        let before = memory.0.clone();
        chain.run(&mut memory);
        check(&before, &memory.0);
    }
}

type Values = HashMap<String, Vec<u32>>;

#[test]
fn sums_and_differences() {
    follow("void add(uint32_t *r", &["r", "a", "b"], &[], |before, after| {
        let mut sum = Number::of(&before["a"], LIMBS);
        sum.add(&before["b"]);
        assert_eq!(after["r"], sum.0);
    });
    follow(
        "uint32_t subtract(uint32_t *r",
        &["r", "a", "b"],
        &["borrow"],
        |before, after| {
            // a = r + b, less 2^256 where it borrows.
            let mut sum = Number::of(&after["r"], LIMBS + 1);
            sum.add(&before["b"]);
            let borrows = u32::from(before["a"].iter().rev().lt(before["b"].iter().rev()));
            let mut expected = Number::of(&before["a"], LIMBS + 1);
            expected.add_at(LIMBS, u64::from(borrows));
            assert_eq!(sum, expected);
            assert_eq!(after["borrow"], [0u32.wrapping_sub(borrows)]);
        },
    );
}

#[test]
fn sums_of_products() {
    let expected = |before: &Values| {
        let mut sum = Number::of(&before["acc"], LIMBS + 1);
        sum.add_products(&before["a"], before["b"][0]);
        sum
    };
    follow(
        "void add_products(uint32_t *acc, const uint32_t *a",
        &["acc", "a"],
        &["b"],
        |before, after| assert_eq!(after["acc"], expected(before).0[..LIMBS]),
    );
    follow(
        "void add_products(uint32_t *acc, uint32_t &top",
        &["acc", "a"],
        &["top", "b"],
        |before, after| {
            let sum = expected(before);
            assert_eq!(after["acc"], sum.0[..LIMBS]);
            assert_eq!(after["top"], [before["top"][0].wrapping_add(sum.0[LIMBS])]);
        },
    );
}

#[test]
fn shifted_sums_of_products() {
    follow(
        "void shift_and_add(uint32_t *acc",
        &["acc", "a"],
        &["low", "b"],
        |before, after| {
            let low = u64::from(before["low"][0]) + u64::from(before["acc"][1]);
            let mut sum = Number::of(&before["acc"][2..], LIMBS + 1);
            sum.add_at(0, low >> 32);
            sum.add_products(&before["a"], before["b"][0]);
            assert_eq!(after["low"], [low as u32]);
            assert_eq!(after["acc"], sum.0[..LIMBS]);
        },
    );
}

/// What is written before all inputs have been read must not share a register with one of them.
#[test]
fn outputs_have_registers_of_their_own() {
    for signature in [
        "void add(uint32_t *r",
        "uint32_t subtract(uint32_t *r",
        "void add_products(uint32_t *acc, const uint32_t *a",
        "void add_products(uint32_t *acc, uint32_t &top",
        "void shift_and_add(uint32_t *acc",
    ] {
        let chain = Chain::of(signature);
        assert!(chain.instructions.len() >= LIMBS, "{signature}");
        let (outputs, inputs) = chain.operands.split_at(chain.outputs);
        assert!(
            outputs.iter().all(|output| output.constraint.contains('&')),
            "{signature}"
        );
        assert!(inputs.iter().all(|input| input.constraint == "r"), "{signature}");
    }
}
