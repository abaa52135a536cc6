//! Programs compute what their expressions say, with few instructions and registers.

use super::Compiled;
use super::constant::{Symbol, Symbols};
use super::graph::{Cell, Graph, Node, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_kernels::{Instruction, Oracle};

fn advice(graph: &mut Graph, index: usize) -> Node {
    graph.cell(Source::Advice(index))
}

fn symbols() -> Symbols {
    Symbols {
        challenges: vec![Fr::from(1001)],
        theta: Fr::from(1003),
        beta: Fr::from(1005),
        gamma: Fr::from(1007),
        y: Fr::from(1009),
    }
}

fn value(cell: Cell) -> Fr {
    let number = match cell.source {
        Source::Advice(index) => 7 + 10 * index as u64,
        Source::Fixed(index) => 11 + 100 * index as u64,
        _ => 13,
    };
    Fr::from(number) + Fr::from(3) * Fr::from(cell.rotation.unsigned_abs() as u64)
}

fn evaluate(program: &Compiled) -> Fr {
    program.at_point(&symbols(), value)
}

fn multiplications(program: &Compiled) -> usize {
    let multiplies = |i: &&Instruction| matches!(i, Instruction::Mul { .. } | Instruction::MulAdd { .. });
    program.instructions().iter().filter(multiplies).count()
}

#[test]
fn constraints_share_their_switch() {
    let mut graph = Graph::default();
    let switch = graph.cell(Source::Fixed(0));
    let other = graph.cell(Source::Fixed(1));
    let mut terms = Vec::new();
    for index in 0..6 {
        let (a, b) = (advice(&mut graph, index), advice(&mut graph, index + 1));
        let sum = graph.add(a, b);
        terms.push(match index {
            // The switch inside of a product.
            2 => {
                let product = graph.mul(switch, a);
                graph.mul(product, b)
            }
            4 => graph.mul(other, sum),
            _ => graph.mul(switch, sum),
        });
    }
    let y = symbols().y;
    let at = |source: Source| value(source.into());
    let expected = (0..6).fold(Fr::ZERO, |total, index| {
        let (a, b) = (at(Source::Advice(index)), at(Source::Advice(index + 1)));
        let term = match index {
            2 => at(Source::Fixed(0)) * a * b,
            4 => at(Source::Fixed(1)) * (a + b),
            _ => at(Source::Fixed(0)) * (a + b),
        };
        total * y + term
    });
    let root = graph.combine(&terms);
    let program = graph.compile(root);
    assert_eq!(evaluate(&program), expected);
    // Four steps of Horner's rule, the product, the switch; `other` and its power of y.
    assert!(multiplications(&program) <= 8, "{}", multiplications(&program));
}

#[test]
fn what_depends_on_no_row_is_folded() {
    let mut graph = Graph::default();
    let challenge = graph.symbol(Symbol::Challenge(0));
    let beta = graph.symbol(Symbol::Beta);
    let seven = graph.literal(Fr::from(7));
    let product = graph.mul(challenge, beta);
    let factor = graph.add(product, seven);
    let a = advice(&mut graph, 0);
    let root = graph.mul(factor, a);
    let program = graph.compile(root);
    assert_eq!(program.instructions().len(), 1);
    let expected = (Fr::from(1001) * Fr::from(1005) + Fr::from(7)) * value(Source::Advice(0).into());
    assert_eq!(evaluate(&program), expected);
}

#[test]
fn equal_expressions_are_computed_once() {
    let mut graph = Graph::default();
    let (a, b) = (advice(&mut graph, 0), advice(&mut graph, 1));
    let left = graph.add(a, b);
    let right = graph.add(b, a);
    let square = graph.mul(left, right);
    let root = graph.sub(square, left);
    let program = graph.compile(root);
    assert_eq!(program.instructions().len(), 3);
    let sum = value(Source::Advice(0).into()) + value(Source::Advice(1).into());
    assert_eq!(evaluate(&program), sum.square() - sum);
}

#[test]
fn registers_are_used_again() {
    let mut graph = Graph::default();
    let mut terms = Vec::new();
    for index in 0..40 {
        let (a, b) = (advice(&mut graph, index), advice(&mut graph, index + 1));
        let (sum, difference) = (graph.add(a, b), graph.sub(a, b));
        terms.push(graph.mul(sum, difference));
    }
    let root = graph.combine(&terms);
    let program = graph.compile(root);
    assert!(program.registers() <= 3, "{}", program.registers());
    let expected = (0..40).fold(Fr::ZERO, |total, index| {
        let (a, b) = (
            value(Source::Advice(index).into()),
            value(Source::Advice(index + 1).into()),
        );
        total * symbols().y + (a + b) * (a - b)
    });
    assert_eq!(evaluate(&program), expected);
}

#[test]
fn slices_read_the_rows_of_the_whole() {
    let mut graph = Graph::default();
    let mut sum = graph.literal(Fr::ZERO);
    for rotation in [-3i32, -1, 0, 1, 2, 5] {
        let source = Source::Advice(rotation.unsigned_abs() as usize % 2);
        let cell = graph.cell(Cell { source, rotation });
        let square = graph.mul(cell, cell);
        sum = graph.add(sum, square);
    }
    let program = graph.compile(sum);
    let rows = 12;
    let column = |index: usize| {
        (0..rows)
            .map(|row| Fr::from((row * row + 31 * index) as u64))
            .collect()
    };
    let whole: Vec<(Source, Vec<Fr>)> = (0..2)
        .map(|index| (Source::Advice(index), column(index)))
        .collect();
    let of = |source: Source| {
        whole
            .iter()
            .find(|(found, _)| *found == source)
            .map(|(_, rows)| rows)
            .unwrap()
    };
    let columns: Vec<&Vec<Fr>> = program.sources().iter().map(|source| of(*source)).collect();
    let expected = program.run(&Oracle, &columns, &symbols()).unwrap();
    for count in [1, 2, 3, 4] {
        for number in 0..count {
            let slice = program.slice(number, count);
            let cut = |rows: &[Fr], first| {
                rows.iter()
                    .skip(first)
                    .step_by(count)
                    .copied()
                    .collect::<Vec<_>>()
            };
            let columns: Vec<Vec<Fr>> = slice
                .columns
                .iter()
                .map(|(source, first)| cut(of(*source), *first))
                .collect();
            let columns: Vec<&Vec<Fr>> = columns.iter().collect();
            let found = program.run_slice(&slice, &Oracle, &columns, &symbols()).unwrap();
            assert_eq!(found, cut(&expected, number), "slice {number} of {count}");
        }
    }
}

#[test]
fn neutral_elements_and_signs_vanish() {
    let mut graph = Graph::default();
    let (zero, one) = (graph.literal(Fr::ZERO), graph.literal(Fr::ONE));
    let a = advice(&mut graph, 0);
    let b = advice(&mut graph, 1);
    let minus_a = graph.neg(a);
    assert_eq!(graph.add(a, zero), a);
    assert_eq!(graph.mul(a, one), a);
    assert_eq!(graph.mul(a, zero), zero);
    assert_eq!(graph.sub(a, a), zero);
    assert_eq!(graph.neg(minus_a), a);
    assert_eq!(graph.add(b, minus_a), graph.sub(b, a));
    assert_eq!(graph.sub(b, minus_a), graph.add(b, a));
    let product = graph.mul(a, b);
    let negative = graph.neg(product);
    assert_eq!(graph.mul(minus_a, b), negative);
}
