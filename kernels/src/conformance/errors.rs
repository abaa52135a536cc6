//! What cannot be done is a typed error.

use super::sample::up;
use crate::{Backend, Column, Error, Instruction, Operand, Program, Scalars};
use ff::Field;
use halo2curves::bn256::{Fr, G1Affine};

/// Asserts that a result is an error of a variant.
macro_rules! refused {
    ($result:expr, $variant:ident) => {{
        let refused = matches!($result.err(), Some(Error::$variant { .. }));
        assert!(
            refused,
            "expected {} from {}",
            stringify!($variant),
            stringify!($result)
        );
    }};
}

pub(super) fn check<B: Backend>(backend: &B) {
    let three = || up(backend, &[Fr::ONE; 3]);
    let four = || up(backend, &[Fr::ONE; 4]);
    let empty = up(backend, &[]);

    refused!(backend.ntt(&mut [four(), three()]), Domain);
    refused!(backend.intt(&mut [three()]), Domain);
    refused!(backend.ntt(&mut [up(backend, &[])]), Domain);
    refused!(backend.coset_ntt(&[&three()], Fr::from(5)), Domain);
    refused!(backend.coset_ntt(&[&four()], Fr::ZERO), ZeroShift);
    refused!(backend.coset_intt(&mut three(), Fr::from(5)), Domain);
    refused!(backend.coset_intt(&mut four(), Fr::ZERO), ZeroShift);

    refused!(backend.read(&four(), 3, 2), Range);
    refused!(backend.read(&four(), usize::MAX, 2), Range);
    refused!(backend.write(&mut four(), 1, &[Fr::ONE; 4]), Range);
    refused!(backend.linear_combination(&[]), Empty);
    refused!(backend.fold(&[&four(), &three()], 2, Fr::ONE), Length);
    refused!(backend.fold(&[&four()], 0, Fr::ONE), Length);
    refused!(backend.fold(&[&four()], 8, Fr::ONE), Length);

    let bases = backend.bases(&[G1Affine::generator(); 3]).expect("bases");
    refused!(backend.msm(&bases, &[Scalars::Full(&four())]), Length);
    let integers = |values: &[i32]| backend.upload_integers(values.to_vec()).expect("integers");
    let long = Scalars::Small {
        values: &integers(&[1; 3]),
        tail: &[Fr::ONE],
    };
    refused!(backend.msm(&bases, &[long]), Length);

    let table = up(backend, &[Fr::ONE; 2]);
    let codes: [(&[&[i32]], &str); 4] = [
        (&[], "no list"),
        (&[&[0, 1], &[0]], "a short list"),
        (&[&[0, 2]], "beyond the table"),
        (&[&[-1, 0]], "before the table"),
    ];
    for (codes, what) in codes {
        let lists: Vec<B::Integers> = codes.iter().map(|codes| integers(codes)).collect();
        let lists: Vec<&B::Integers> = lists.iter().collect();
        let scalars = Scalars::Dictionary {
            codes: &lists,
            rows: 2,
            table: &table,
            tail: &[],
        };
        let errors = [
            backend.expand_dictionary(&lists, 2, &table, &[]).err(),
            backend.msm(&bases, &[scalars]).err(),
        ];
        for error in errors {
            let refused = matches!(
                (&error, what),
                (Some(Error::Empty { .. }), "no list")
                    | (Some(Error::Length { .. }), "a short list")
                    | (Some(Error::Code { .. }), "beyond the table" | "before the table")
            );
            assert!(refused, "{what}: {error:?}");
        }
    }

    // Nothing to do is no error.
    assert_eq!(backend.len(&empty), 0);
    assert_eq!(
        backend
            .evaluate(&[(&empty, Fr::ONE)])
            .expect("the zero polynomial"),
        [Fr::ZERO]
    );
    assert_eq!(backend.evaluate(&[]).expect("no queries"), []);
    assert_eq!(backend.read(&four(), 4, 0).expect("nothing"), []);
    backend.ntt(&mut []).expect("no vectors");
    let mut nothing = up(backend, &[]);
    backend.batch_invert(&mut nothing).expect("nothing");
    backend.divide_by_linear(&mut nothing, Fr::ONE).expect("nothing");
    backend.running_product(&nothing, Fr::ONE).expect("nothing");

    programs(backend);
}

fn programs<B: Backend>(backend: &B) {
    let (three, four) = (up(backend, &[Fr::ONE; 3]), up(backend, &[Fr::ONE; 4]));
    let constant = Operand::Constant(0);
    let program = |target, a, result| Program {
        instructions: vec![Instruction::Add {
            target,
            a,
            b: constant,
        }],
        registers: 1,
        result: Some(result),
    };
    let good = program(0, constant, Operand::Register(0));
    let run = |program: &Program, columns: &[&B::Vector]| backend.run(program, columns, &[Fr::ONE]);

    assert!(run(&good, &[&four]).is_ok());
    refused!(run(&good, &[]), Empty);
    refused!(run(&good, &[&four, &three]), Length);
    refused!(backend.run(&good, &[&four], &[]), Program);
    refused!(run(&program(1, constant, constant), &[&four]), Program);
    refused!(
        run(&program(0, Operand::Register(0), constant), &[&four]),
        Program
    );
    refused!(
        run(&program(0, Operand::Register(9), constant), &[&four]),
        Program
    );
    refused!(
        run(&program(0, constant, Operand::Constant(1)), &[&four]),
        Program
    );
    let cell = Operand::Column(Column {
        index: 1,
        rotation: 0,
    });
    refused!(run(&program(0, cell, constant), &[&four]), Program);
    refused!(
        run(
            &Program {
                registers: u32::MAX,
                ..good.clone()
            },
            &[&four]
        ),
        Program
    );
}
