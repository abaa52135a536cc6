//! What is wrong is an error that says so, and no proof.

use crate::backends::each_backend;
use crate::circuits::{Columns, Lookups, Phases, Tiny};
use crate::upstream::{Prepared, params, proving_key, rng, slices};
use ff::Field;
use halo2_proofs::plonk::{self, Circuit};
use halo2curves::bn256::Fr;
use std::ops::ControlFlow;
use std::sync::Arc;
use zkml_kernels::Oracle;
use zkml_prover::{
    CellId, CircuitWitness, Codes, Column, ColumnKind, DeviceKey, Error, PhasedColumns, Setup, Srs, Stage,
    Violation, create_proof,
};

/// The error of proving `circuit` with the key of `keyed`.
fn error_of<C: Circuit<Fr>, K: Circuit<Fr>>(
    keyed: &K,
    circuit: &C,
    instances: &[Vec<Fr>],
    k: u32,
) -> Vec<Error> {
    let params = params(k);
    let key = proving_key(&params, keyed);
    let errors = std::cell::RefCell::new(Vec::new());
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let error = prepared.circuit_proof(circuit, &slices(instances)).unwrap_err();
        errors.borrow_mut().push(error);
    });
    errors.into_inner()
}

fn violation<C: Circuit<Fr>>(circuit: &C, instances: &[Vec<Fr>], k: u32) -> Vec<Violation> {
    let violation = |error| match error {
        Error::Unsatisfied(violation) => violation,
        other => panic!("{other}"),
    };
    error_of(circuit, circuit, instances, k)
        .into_iter()
        .map(violation)
        .collect()
}

#[test]
fn a_violated_gate_is_named() {
    let mut circuit = Columns::new(4, 20, 5);
    circuit.fault = Some((9, 1));
    for found in violation(&circuit, &circuit.instances(), 5) {
        // The step from row 8 to row 9 is the first that does not fit.
        let expected = Violation::Gate {
            gate: "step 0".into(),
            constraint: String::new(),
            polynomial: 0,
            row: 8,
        };
        assert_eq!(found, expected);
    }
    for found in violation(&Tiny { a: 3, b: 8 }, &[vec![Fr::from(8)]], 4) {
        let expected = Violation::Gate {
            gate: "square".into(),
            constraint: "b is a squared".into(),
            polynomial: 0,
            row: 0,
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn a_value_outside_of_the_table_is_named() {
    let mut circuit = Lookups::new([5, 1, 5, 0, 7, 1, 1]);
    circuit.fault = Some((4, 1));
    for found in violation(&circuit, &circuit.instances(), 5) {
        let expected = Violation::Lookup {
            lookup: "squares".into(),
            index: 0,
            row: 4,
        };
        assert_eq!(found, expected);
    }
    // The table of successors is public: here it lacks the 8.
    let circuit = Lookups::new([1, 2, 7, 7]);
    let public = vec![(0..8).map(Fr::from).collect()];
    for found in violation(&circuit, &public, 5) {
        let expected = Violation::Lookup {
            lookup: "successors".into(),
            index: 1,
            row: 2,
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn an_unequal_copy_is_named() {
    let mut circuit = Columns::new(4, 20, 5);
    circuit.copy_fault = 1;
    for found in violation(&circuit, &circuit.instances(), 5) {
        let Violation::Copy { left, right } = found else {
            panic!("{found}")
        };
        // Advice columns 1 and 2: the digits are column 0. The constant ties both to a fixed cell.
        let unequal = CellId {
            kind: ColumnKind::Advice,
            column: 2,
            row: 0,
        };
        assert!(left == unequal || right == unequal, "{left}, {right}");
        assert_ne!(left, right);
    }
    for found in violation(&Tiny { a: 3, b: 9 }, &[vec![Fr::from(8)]], 4) {
        let expected = Violation::Copy {
            left: CellId {
                kind: ColumnKind::Advice,
                column: 1,
                row: 0,
            },
            right: CellId {
                kind: ColumnKind::Instance,
                column: 0,
                row: 0,
            },
        };
        assert_eq!(found, expected);
    }
}

#[test]
fn instances_must_fit() {
    let circuit = Tiny { a: 3, b: 9 };
    for error in error_of(&circuit, &circuit, &[], 4) {
        assert!(
            matches!(
                error,
                Error::InstanceColumns {
                    expected: 1,
                    found: 0
                }
            ),
            "{error}"
        );
    }
    for error in error_of(&circuit, &circuit, &[vec![], vec![]], 4) {
        assert!(
            matches!(
                error,
                Error::InstanceColumns {
                    expected: 1,
                    found: 2
                }
            ),
            "{error}"
        );
    }
    for error in error_of(&circuit, &circuit, &[vec![Fr::from(9); 11]], 4) {
        assert!(
            matches!(
                error,
                Error::InstanceTooLong {
                    column: 0,
                    rows: 10,
                    found: 11
                }
            ),
            "{error}"
        );
    }
}

#[test]
fn the_srs_must_be_of_the_keys_size() {
    let circuit = Tiny { a: 3, b: 9 };
    let key = proving_key(&params(5), &circuit);
    each_backend!(backend => {
        let key = DeviceKey::new(backend, &key).unwrap();
        for k in [4, 6] {
            let srs = Srs::new(backend, &params(k), None).unwrap();
            let prepared = Prepared { backend, srs, key: DeviceKey::new(backend, &proving_key(&params(5), &circuit)).unwrap() };
            let error = prepared.circuit_proof(&circuit, &[&[Fr::from(9)]]).unwrap_err();
            assert!(matches!(error, Error::SrsSize { expected: 5, found } if found == k), "{error}");
        }
        assert_eq!(key.k(), 5);
    });
}

#[test]
fn the_key_must_be_of_the_circuit() {
    for error in error_of(&Tiny { a: 3, b: 9 }, &Lookups::new([1]), &[vec![Fr::from(9)]], 5) {
        assert!(matches!(error, Error::ForeignKey { .. }), "{error}");
    }
    let (three, five) = (Columns::new(3, 9, 3), Columns::new(5, 9, 3));
    for error in error_of(&three, &five, &three.instances(), 5) {
        assert!(
            matches!(
                error,
                Error::ForeignKey {
                    what: "advice columns",
                    expected: 4,
                    found: 6
                }
            ),
            "{error}"
        );
    }
    let params = params(5);
    each_backend!(backend => {
        let srs = Srs::new(backend, &params, None).unwrap();
        let vk = zkml_prover::keygen_vk(backend, &srs, &three, false).unwrap();
        let error = zkml_prover::keygen_pk(backend, vk, &five).unwrap_err();
        assert!(matches!(error, Error::ForeignKey { .. }), "{error}");
    });
}

/// The error of a witness of finished columns for the two-phase circuit.
fn columns_error(columns: impl FnMut(usize, &[Option<Fr>]) -> Result<Vec<Column>, String>) -> Error {
    let circuit = Phases {
        rows: 20,
        third: false,
        ends_phases: true,
    };
    let params = params(5);
    let key = proving_key(&params, &circuit);
    let prepared = Prepared::new(&Oracle, &params, &key);
    prepared
        .proof(&mut PhasedColumns::new(columns), &[], 1)
        .unwrap_err()
}

#[test]
fn columns_must_fit() {
    let error = columns_error(|_, _| Ok(Vec::new()));
    assert!(
        matches!(
            error,
            Error::WitnessColumns {
                phase: 0,
                expected: 1,
                found: 0
            }
        ),
        "{error}"
    );
    let error = columns_error(|phase, _| Ok(vec![Column::Small(vec![]); phase + 1]));
    assert!(
        matches!(
            error,
            Error::WitnessColumns {
                phase: 1,
                expected: 1,
                found: 2
            }
        ),
        "{error}"
    );
    let error = columns_error(|_, _| Ok(vec![Column::Small(vec![0; 27])]));
    assert!(
        matches!(
            error,
            Error::RowOutOfRange {
                kind: "advice",
                column: 0,
                rows: 26,
                row: 26
            }
        ),
        "{error}"
    );
    let codes = |codes: Codes| {
        columns_error(move |phase, _| {
            let dictionary = Column::Dictionary {
                codes: vec![codes.clone()],
                rows: 4,
                table: Arc::new(vec![Fr::ONE; 2]),
            };
            Ok(vec![if phase == 0 {
                Column::Small(vec![2])
            } else {
                dictionary
            }])
        })
    };
    let error = codes(Codes::Own(vec![0; 3]));
    let expected = matches!(
        error,
        Error::Codes {
            column: None,
            expected: 4,
            found: 3
        }
    );
    assert!(expected, "{error}");
    for column in [1, 7] {
        let error = codes(Codes::Advice(column));
        let expected =
            matches!(error, Error::Codes { column: Some(found), expected: 4, found: 0 } if found == column);
        assert!(expected, "{error}");
    }
    let beyond = |error: Error| {
        matches!(
            error,
            Error::Backend(zkml_kernels::Error::Code {
                entries: 2,
                found: 2,
                ..
            })
        )
    };
    assert!(beyond(codes(Codes::Own(vec![0, 1, 2, 0]))));
    assert!(beyond(codes(Codes::Advice(0))));
    let error = columns_error(|_, _| Err("no disk".into()));
    assert!(
        matches!(&error, Error::Witness(reason) if reason.to_string() == "no disk"),
        "{error}"
    );
    let error = columns_error(|phase, _| Ok(vec![Column::Small(vec![1, phase as i32])]));
    assert!(
        matches!(error, Error::Unsatisfied(Violation::Gate { .. })),
        "{error}"
    );
}

#[test]
fn circuits_that_do_not_fit_are_errors_of_key_generation() {
    let params4 = params(4);
    let srs = Srs::new(&Oracle, &params4, None).unwrap();
    // Ten usable rows.
    let error = zkml_prover::keygen_vk(&Oracle, &srs, &Columns::new(2, 11, 3), false).unwrap_err();
    let named = matches!(
        error,
        Error::RowOutOfRange {
            rows: 10,
            row: 10,
            ..
        } | Error::Synthesis(plonk::Error::NotEnoughRowsAvailable { .. })
    );
    assert!(named, "{error}");
    // The gate has degree 7, halo2 makes room for 5.
    let circuit = Columns::new(2, 9, 7);
    let vk = zkml_prover::keygen_vk(&Oracle, &srs, &circuit, false).unwrap();
    let error = zkml_prover::keygen_pk(&Oracle, vk, &circuit).unwrap_err();
    let named = matches!(&error, Error::Degree { gate, degree: 7, limit: 5, .. } if gate == "range");
    assert!(named, "{error}");
    let srs = Srs::new(&Oracle, &params(2), None).unwrap();
    let error = zkml_prover::keygen_vk(&Oracle, &srs, &Tiny { a: 3, b: 9 }, false).unwrap_err();
    assert!(
        matches!(error, Error::NotEnoughRows { expected: 8, k: 2 }),
        "{error}"
    );
}

#[test]
fn every_stage_can_be_cancelled() {
    let circuit = Lookups::new([5, 1, 5]);
    let instances = circuit.instances();
    let instances = slices(&instances);
    let params = params(5);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let Setup { backend, srs, key } = prepared.setup();
        let prove = |progress: &mut zkml_prover::Report<'_>| {
            let mut script = zkml_testing::script::Script::new(1);
            let setup = Setup { backend, srs, key };
            create_proof(setup, &mut CircuitWitness::new(&circuit), &instances, rng(1), &mut script, progress)
        };
        let mut reports = Vec::new();
        prove(&mut |stage: Stage, fraction: f64| {
            reports.push((stage, fraction));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(reports.windows(2).all(|pair| pair[0] <= pair[1]), "{reports:?}");
        assert_eq!(reports.last(), Some(&(Stage::Opening, 1.0)));
        for (stop, (running, _)) in reports.iter().enumerate() {
            let mut calls = 0;
            let error = prove(&mut |_: Stage, _: f64| {
                calls += 1;
                if calls > stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .unwrap_err();
            assert!(matches!(error, Error::Cancelled { stage } if stage == *running), "{error}");
        }
    });
}
