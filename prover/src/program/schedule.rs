//! From a graph to a program: order, fusion, registers.

use super::compiled::Compiled;
use super::constant::Constants;
use super::graph::{Graph, Node, NodeKind, Source};
use std::collections::HashMap;
use zkml_kernels::{Column, Instruction, Operand, Program};

/// What an instruction computes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Sub,
    Mul,
    MulAdd,
}

impl Graph {
    /// The program that computes `root`.
    pub fn compile(&self, root: Node) -> Compiled {
        let schedule = Schedule::new(self, root);
        let mut emitter = Emitter::new(self, &schedule);
        for &node in &schedule.order {
            emitter.emit(node);
        }
        let result = emitter.operand(root);
        Compiled::new(
            Program {
                instructions: emitter.instructions,
                registers: emitter.registers,
                result: Some(result),
            },
            emitter.sources,
            self.constants.clone(),
            emitter.constants,
        )
    }
}

/// Which nodes become instructions, in which order.
struct Schedule {
    /// How often a node is read by the instructions, per node.
    reads: Vec<u32>,
    /// The operation and operands of nodes that are instructions of their own.
    steps: HashMap<Node, (Operation, Vec<Node>)>,
    order: Vec<Node>,
}

impl Schedule {
    fn new(graph: &Graph, root: Node) -> Self {
        let uses = uses(graph, root);
        let mut steps = HashMap::new();
        let mut reads = vec![0u32; graph.kinds.len()];
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let Some(step) = step(graph, node, &uses) else {
                continue;
            };
            if steps.contains_key(&node) {
                continue;
            }
            for &operand in &step.1 {
                reads[operand.0 as usize] += 1;
                open.push(operand);
            }
            steps.insert(node, step);
        }
        // The result is read after the last instruction.
        reads[root.0 as usize] += 1;
        let order = order(graph, root, &steps);
        Self { reads, steps, order }
    }
}

/// How many nodes under `root` have a node as an operand.
fn uses(graph: &Graph, root: Node) -> Vec<u32> {
    let mut uses = vec![0u32; graph.kinds.len()];
    let mut seen = vec![false; graph.kinds.len()];
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen[node.0 as usize], true) {
            continue;
        }
        if let NodeKind::Add(a, b) | NodeKind::Sub(a, b) | NodeKind::Mul(a, b) = graph.kind(node) {
            for operand in [a, b] {
                uses[operand.0 as usize] += 1;
                open.push(operand);
            }
        }
    }
    uses
}

/// The instruction for a node; a product that only one sum uses becomes part of the sum.
fn step(graph: &Graph, node: Node, uses: &[u32]) -> Option<(Operation, Vec<Node>)> {
    let product = |node: Node| match graph.kind(node) {
        NodeKind::Mul(a, b) if uses[node.0 as usize] == 1 => Some((a, b)),
        _ => None,
    };
    match graph.kind(node) {
        NodeKind::Constant(_) | NodeKind::Cell(_) => None,
        NodeKind::Add(x, y) => Some(match (product(x), product(y)) {
            (Some((a, b)), _) => (Operation::MulAdd, vec![a, b, y]),
            (None, Some((a, b))) => (Operation::MulAdd, vec![a, b, x]),
            (None, None) => (Operation::Add, vec![x, y]),
        }),
        NodeKind::Sub(a, b) => Some((Operation::Sub, vec![a, b])),
        NodeKind::Mul(a, b) => Some((Operation::Mul, vec![a, b])),
    }
}

/// Operands before users; of two operands, the one that needs more registers first
/// (Sethi and Ullman, "The Generation of Optimal Code for Arithmetic Expressions", 1970).
fn order(graph: &Graph, root: Node, steps: &HashMap<Node, (Operation, Vec<Node>)>) -> Vec<Node> {
    // Nodes are numbered so that operands come first.
    let mut need = vec![0u32; graph.kinds.len()];
    let mut sorted: Vec<Node> = steps.keys().copied().collect();
    sorted.sort();
    let by_need = |operands: &[Node], need: &[u32]| {
        let mut operands: Vec<Node> = operands.to_vec();
        operands.sort_by_key(|node| (std::cmp::Reverse(need[node.0 as usize]), *node));
        operands.dedup();
        operands
    };
    for &node in &sorted {
        let held = by_need(&steps[&node].1, &need)
            .iter()
            .enumerate()
            .map(|(held, operand)| match need[operand.0 as usize] {
                0 => 0,
                own => own + held as u32,
            })
            .max();
        need[node.0 as usize] = held.unwrap_or(0).max(1);
    }
    let mut done = vec![false; graph.kinds.len()];
    let mut order = Vec::with_capacity(steps.len());
    let mut open = vec![(root, false)];
    while let Some((node, operands_done)) = open.pop() {
        let Some((_, operands)) = steps.get(&node) else {
            continue;
        };
        if done[node.0 as usize] {
            continue;
        }
        if operands_done {
            done[node.0 as usize] = true;
            order.push(node);
            continue;
        }
        open.push((node, true));
        // The last pushed is the first visited.
        open.extend(
            by_need(operands, &need)
                .into_iter()
                .rev()
                .map(|operand| (operand, false)),
        );
    }
    order
}

/// Writes instructions and hands out registers, which are free again after their last read.
struct Emitter<'a> {
    graph: &'a Graph,
    schedule: &'a Schedule,
    remaining: Vec<u32>,
    register: HashMap<Node, u32>,
    free: Vec<u32>,
    registers: u32,
    sources: Vec<Source>,
    source_index: HashMap<Source, u32>,
    /// Positions in the table of constants.
    constants: Vec<usize>,
    constant_index: HashMap<usize, u32>,
    instructions: Vec<Instruction>,
}

impl<'a> Emitter<'a> {
    fn new(graph: &'a Graph, schedule: &'a Schedule) -> Self {
        Self {
            graph,
            schedule,
            remaining: schedule.reads.clone(),
            register: HashMap::new(),
            free: Vec::new(),
            registers: 0,
            sources: Vec::new(),
            source_index: HashMap::new(),
            constants: Vec::new(),
            constant_index: HashMap::new(),
            instructions: Vec::new(),
        }
    }

    fn emit(&mut self, node: Node) {
        let (operation, nodes) = &self.schedule.steps[&node];
        let operands: Vec<Operand> = nodes.iter().map(|&node| self.operand(node)).collect();
        for operand in nodes {
            let remaining = &mut self.remaining[operand.0 as usize];
            *remaining -= 1;
            if *remaining == 0
                && let Some(register) = self.register.remove(operand)
            {
                self.free.push(register);
            }
        }
        let target = self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        });
        self.register.insert(node, target);
        let (a, b) = (operands[0], operands[1]);
        self.instructions.push(match operation {
            Operation::Add => Instruction::Add { target, a, b },
            Operation::Sub => Instruction::Sub { target, a, b },
            Operation::Mul => Instruction::Mul { target, a, b },
            Operation::MulAdd => Instruction::MulAdd {
                target,
                a,
                b,
                c: operands[2],
            },
        });
    }

    fn operand(&mut self, node: Node) -> Operand {
        match self.graph.kind(node) {
            NodeKind::Constant(constant) => {
                let position = Constants::position(constant);
                let next = self.constants.len() as u32;
                let index = *self.constant_index.entry(position).or_insert(next);
                if index == next {
                    self.constants.push(position);
                }
                Operand::Constant(index)
            }
            NodeKind::Cell(cell) => {
                let next = self.sources.len() as u32;
                let index = *self.source_index.entry(cell.source).or_insert(next);
                if index == next {
                    self.sources.push(cell.source);
                }
                Operand::Column(Column {
                    index,
                    rotation: cell.rotation,
                })
            }
            // Operands are emitted before their users and keep their register until the last read.
            _ => Operand::Register(self.register[&node]),
        }
    }
}
