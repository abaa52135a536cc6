//! From a graph to a list of instructions, and which words of memory they use.

use crate::dag::{Dag, Id, Node, Slot};
use std::collections::HashMap;

/// A word of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// An input or a result.
    Slot(Slot),
    /// Index in the constants.
    Constant(usize),
    /// A word for intermediate results.
    Temporary(usize),
}

/// `to = a b + c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Where the result goes.
    pub to: Word,
    /// A factor.
    pub a: Word,
    /// A factor.
    pub b: Word,
    /// What is added.
    pub c: Word,
}

/// Instructions in order, and how many words for intermediate results they need.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The instructions.
    pub instructions: Vec<Instruction>,
    /// Number of words for intermediate results.
    pub temporaries: usize,
}

/// Computes the outputs. `one` and `zero` are the constants, for copies.
pub(crate) fn schedule(dag: &Dag, outputs: &[(Slot, Id)], one: Id, zero: Id) -> Program {
    // Nodes that are needed, and the last node that reads each.
    let mut needed: Vec<Id> = outputs.iter().map(|o| o.1).collect();
    let mut last_reader: HashMap<Id, Id> = HashMap::new();
    let mut order = vec![];
    while let Some(id) = needed.pop() {
        if last_reader.contains_key(&id) {
            continue;
        }
        last_reader.insert(id, id);
        order.push(id);
        if let Node::Fused(a, b, c) = dag.node(id) {
            needed.extend([a, b, c]);
        }
    }
    order.sort_unstable();
    for &id in &order {
        if let Node::Fused(a, b, c) = dag.node(id) {
            for operand in [a, b, c] {
                last_reader.insert(operand, id);
            }
        }
    }

    let mut home: HashMap<Id, Slot> = HashMap::new();
    for &(slot, id) in outputs {
        home.entry(id).or_insert(slot);
    }
    let mut program = Program::default();
    let mut place: HashMap<Id, Word> = HashMap::new();
    let mut free: Vec<usize> = vec![];
    for &id in &order {
        let word = match dag.node(id) {
            Node::Slot(slot) => Word::Slot(slot),
            Node::Constant(i) => Word::Constant(i),
            Node::Fused(a, b, c) => {
                let operands = [a, b, c].map(|operand| place[&operand]);
                let mut released: Vec<Id> = vec![a, b, c];
                released.sort_unstable();
                released.dedup();
                for operand in released {
                    if let (Word::Temporary(t), true) = (place[&operand], last_reader[&operand] == id) {
                        free.push(t);
                    }
                }
                let to = match home.get(&id) {
                    Some(&slot) => Word::Slot(slot),
                    None => Word::Temporary(free.pop().unwrap_or_else(|| {
                        program.temporaries += 1;
                        program.temporaries - 1
                    })),
                };
                let [a, b, c] = operands;
                program.instructions.push(Instruction { to, a, b, c });
                to
            }
        };
        place.insert(id, word);
    }
    let constant = |id| match dag.node(id) {
        Node::Constant(i) => Word::Constant(i),
        _ => place[&id],
    };
    for (slot, id) in outputs {
        if place[id] != Word::Slot(*slot) {
            program.instructions.push(Instruction {
                to: Word::Slot(*slot),
                a: place[id],
                b: constant(one),
                c: constant(zero),
            });
        }
    }
    program
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2curves::bn256::Fr;

    fn run(constants: &[Fr], program: &Program, inputs: &HashMap<Slot, Fr>) -> HashMap<Slot, Fr> {
        let mut slots = inputs.clone();
        let mut temporaries = vec![Fr::ZERO; program.temporaries];
        for i in &program.instructions {
            let read = |w: Word| match w {
                Word::Slot(s) => slots[&s],
                Word::Constant(c) => constants[c],
                Word::Temporary(t) => temporaries[t],
            };
            let value = read(i.a) * read(i.b) + read(i.c);
            match i.to {
                Word::Slot(s) => _ = slots.insert(s, value),
                Word::Temporary(t) => temporaries[t] = value,
                Word::Constant(_) => panic!("a constant is written"),
            }
        }
        slots
    }

    #[test]
    fn temporaries_are_reused_and_outputs_are_where_they_belong() {
        let mut dag = Dag::default();
        let (zero, one) = (dag.constant(Fr::ZERO), dag.constant(Fr::ONE));
        let [x, y] = [0, 1].map(|i| dag.slot(Slot::Challenge(i)));
        let (mut power, mut sum) = (x, y);
        for _ in 0..20 {
            power = dag.mul(power, x);
            sum = dag.fused(power, y, sum);
        }
        let outputs = [
            (Slot::Scalar(0), sum),
            (Slot::Scalar(1), power),
            (Slot::Scalar(2), power),
            (Slot::Scalar(3), x),
            (Slot::Scalar(4), one),
        ];
        let program = schedule(&dag, &outputs, one, zero);
        assert!(program.temporaries <= 3, "{}", program.temporaries);
        let (x, y) = (Fr::from(3), Fr::from(10));
        let inputs = HashMap::from([(Slot::Challenge(0), x), (Slot::Challenge(1), y)]);
        let slots = run(&dag.into_constants(), &program, &inputs);
        let power = x.pow_vartime([21]);
        let sum = y + (2..=21).map(|e| x.pow_vartime([e]) * y).sum::<Fr>();
        let results = [0, 1, 2, 3, 4].map(|i| slots[&Slot::Scalar(i)]);
        assert_eq!(results, [sum, power, power, x, Fr::ONE]);
    }
}
