//! Shapes from hostile files: an error, or a constraint system; never a panic.

use super::common::Builder;
use super::common::samples::named;
use super::lowered;
use crate::form::{CellRef, LinForm, LocalGate, Pattern};
use crate::mono::{Mono, Poly};
use crate::{CircuitOptions, CompiledCircuit, Error, Shape, config::Config};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;
use zkml_core::graph::{NodeId, Op};
use zkml_core::ops::{Div, DivConst, Divisor, Lut, Mul};

fn shape() -> Shape {
    lowered(&named("functions")).shape
}

/// Changes a valid shape.
type Change = Box<dyn Fn(&mut Shape)>;

#[test]
fn malformed_shapes_are_refused() {
    shape().validate().unwrap();
    let long = |n: usize| LinForm {
        terms: vec![(CellRef::Lane(0), 1); n],
        constant: 0,
    };
    let pattern = |poly: Poly, form: LinForm| Pattern {
        terms: vec![(poly, form)],
    };
    let powers = || {
        let terms = (0..200).map(|i| (Mono::u(1024).times(Mono::v(1024)).times(Mono::w(i)), 1));
        Pattern {
            terms: vec![(Poly::from_terms(terms), LinForm::constant(1)); 200],
        }
    };
    let changes: Vec<Change> = vec![
        Box::new(|s| s.k = 4),
        Box::new(|s| s.k = 63),
        Box::new(|s| s.fold = 0),
        Box::new(|s| s.fold = 17),
        Box::new(|s| s.lane_bits = 0),
        Box::new(|s| s.lane_bits = s.k),
        Box::new(|s| s.lanes = 0),
        Box::new(|s| s.lanes = 1),
        Box::new(|s| s.public_values = u32::MAX),
        Box::new(|s| s.instance_columns = 0),
        Box::new(|s| s.coefficient_columns.truncate(1)),
        Box::new(|s| s.coefficient_columns = vec![vec![]; 9]),
        Box::new(|s| {
            s.gates.push(LocalGate {
                name: "empty".into(),
                constraints: vec![],
            })
        }),
        Box::new(|s| s.gates[0].constraints[0].products[0].1 = vec![LinForm::constant(1); 5]),
        Box::new(|s| s.gates[0].constraints[0].products = vec![(1, vec![]); 17]),
        Box::new(|s| s.tables[0].id.terms[0].0 = CellRef::Fixed(0)),
        Box::new(|s| s.tables[0].id.terms[0].0 = CellRef::Instance(64)),
        Box::new(move |s| s.coefficient_columns[0].push(pattern(Poly::one(), long(100_000)))),
        Box::new(move |s| {
            s.coefficient_columns[0].push(pattern(Poly::term(Mono::u(1025), 1), LinForm::constant(1)))
        }),
        Box::new(|s| {
            s.coefficient_columns[0].push(Pattern {
                terms: vec![(Poly::one(), LinForm::constant(1)); 257],
            })
        }),
        Box::new(move |s| s.coefficient_columns[0].push(powers())),
        Box::new(|s| s.coefficient_columns[0] = vec![Pattern { terms: vec![] }; 1025]),
    ];
    for (i, change) in changes.iter().enumerate() {
        let mut s = shape();
        change(&mut s);
        assert!(s.validate().is_err(), "change {i}");
    }
}

#[test]
fn the_largest_shapes_need_little_stack() {
    let form = LinForm {
        terms: (0..12).map(|i| (CellRef::Lane(i), -7)).collect(),
        constant: i64::MIN,
    };
    let term = |i: usize| {
        (
            Poly::from_terms((0..4).map(|e| (Mono::u(i % 3).times(Mono::w(e)), i64::MIN))),
            form.clone(),
        )
    };
    let pattern = Pattern {
        terms: (0..8).map(term).collect(),
    };
    let mut s = shape();
    s.lanes = 128;
    s.coefficient_columns = vec![vec![pattern.clone(); 127]; 8];
    s.evaluations = vec![pattern; 8];
    s.validate().unwrap();
    let walk = move || {
        let mut meta = ConstraintSystem::<Fr>::default();
        Config::new(&mut meta, s);
        assert_eq!(meta.degree(), 5);
        format!("{:?}", meta.pinned()).len()
    };
    let thread = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(walk)
        .unwrap();
    assert!(thread.join().unwrap() > 0);
}

#[test]
fn gadgets_wider_than_a_form_are_refused() {
    let table = Lut {
        function: "wide".into(),
        lo: 0,
        index_bits: 0,
        fraction_bits: 1,
        values: vec![1],
        slopes: vec![1],
        limbs: 3,
    };
    let wide = [
        Op::Mul(Mul {
            shift: 20,
            limbs: 3,
            operand_limbs: [1, 1],
        }),
        Op::Mul(Mul {
            shift: 62,
            limbs: 1,
            operand_limbs: [1, 1],
        }),
        Op::Div(Div {
            shift: 30,
            limbs: 1,
            operand_limbs: [2, 1],
        }),
        Op::DivConst(DivConst {
            divisor: Divisor::Uniform(u32::MAX),
            limbs: 2,
        }),
        Op::Lut(table),
    ];
    for op in wide {
        let mut b = Builder::new(16);
        let x = b.input(1, &[2]);
        let inputs = if matches!(op, Op::Mul(_) | Op::Div(_)) {
            vec![x, x]
        } else {
            vec![NodeId(0)]
        };
        let y = b.node(op.clone(), &inputs, &[2]);
        b.output(y);
        b.graph.validate().unwrap();
        let compiled = CompiledCircuit::with_lanes(&b.graph, None, &CircuitOptions::default(), 108);
        assert!(matches!(compiled, Err(Error::Unsupported { .. })), "{op:?}");
    }
}
