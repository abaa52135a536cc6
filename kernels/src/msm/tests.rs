//! Against sums of products. The bases are known multiples of the generator, so that the expected
//! sum is one multiplication of the generator.

use super::*;
use crate::curve::glv;
use ff::{Field, PrimeField};
use halo2curves::bn256::G1;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Points with their factors: random, with the identity, repetitions and opposite points.
fn points(count: usize) -> (Vec<Fr>, Vec<G1Affine>) {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut factors: Vec<Fr> = Vec::with_capacity(count);
    for i in 0..count {
        factors.push(match i % 16 {
            3 => Fr::ZERO,
            5 => factors[i - 1],
            7 => -factors[i - 1],
            9 => factors[rng.gen_range(0..i)],
            _ => Fr::random(&mut rng),
        });
    }
    let points = crate::srs::FixedBase::new(G1Affine::generator(), count, Isa::Portable)
        .unwrap()
        .multiply(&factors);
    (factors, points)
}

fn small(value: i32) -> Fr {
    let magnitude = Fr::from(u64::from(value.unsigned_abs()));
    if value < 0 { -magnitude } else { magnitude }
}

fn scalars(column: &Column<'_>) -> Vec<Fr> {
    match *column {
        Column::Full(scalars) => scalars.to_vec(),
        Column::Small { values, tail } => values
            .iter()
            .map(|v| small(*v))
            .chain(tail.iter().copied())
            .collect(),
        Column::Dictionary { codes, table, tail } => (0..codes[0].len())
            .map(|row| codes.iter().map(|list| table[list[row] as usize]).sum())
            .chain(tail.iter().copied())
            .collect(),
    }
}

/// Compares on one and two threads, on every engine, in one group and in as many as possible.
fn check(count: usize, columns: &[Column<'_>]) {
    let (factors, points) = points(count);
    let points = curve::encode(&points);
    let expected = columns.iter().map(|column| {
        let products = scalars(column).into_iter().zip(&factors).map(|(s, f)| s * f);
        G1Affine::from(G1::generator() * products.sum::<Fr>())
    });
    let expected: Vec<G1Affine> = expected.collect();
    for engine in Engine::all() {
        for (threads, limit) in [(1, plan::GROUP), (2, plan::GROUP), (2, 1)] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let sums = pool.install(|| plan::msm(engine, &points, columns, limit));
            assert_eq!(sums, expected, "{engine:?}, {threads} threads, groups of {limit}");
        }
    }
}

#[test]
fn bases_are_what_they_are_said_to_be() {
    let (factors, points) = points(40);
    for (factor, point) in factors.iter().zip(points) {
        assert_eq!(G1::from(point), G1::generator() * factor);
    }
}

#[test]
fn full_width_of_any_length() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for count in [0, 1, 2, 3, 23, 24, 25, 26, 100, 1000, 4096, 5001] {
        let scalars: Vec<Fr> = (0..count).map(|_| Fr::random(&mut rng)).collect();
        check(
            count,
            &[Column::Full(&scalars), Column::Full(&scalars[..count / 2])],
        );
    }
}

#[test]
fn full_width_at_the_edges() {
    let half = Fr::from(2).invert().unwrap();
    let edges = [
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        glv::LAMBDA,
        -glv::LAMBDA,
        glv::LAMBDA.square(),
        half,
    ];
    for edge in edges {
        check(300, &[Column::Full(&[edge; 300]), Column::Full(&[edge; 10])]);
    }
    let mixed: Vec<Fr> = edges.into_iter().cycle().take(2000).collect();
    check(2000, &[Column::Full(&mixed)]);
}

/// Windows are chosen for the scalars that are there: few of them among many rows, one, and none.
#[test]
fn full_width_where_most_scalars_are_zero() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let mut column = |count: usize, step: usize| -> Vec<Fr> {
        let scalar = |i| {
            if i % step == 0 {
                Fr::random(&mut rng)
            } else {
                Fr::ZERO
            }
        };
        (0..count).map(scalar).collect()
    };
    let [few, first, dense] = [column(3000, 70), column(3000, 3000), column(3000, 1)];
    let none = vec![Fr::ZERO; 3000];
    let mut last = none.clone();
    last[2999] = -Fr::ONE;
    check(
        3000,
        &[&few, &none, &dense, &first, &last].map(|column| Column::Full(column)),
    );
    check(3000, &[Column::Full(&none)]);
}

#[test]
fn table_entries_of_any_number() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let random =
        |count, rng: &mut ChaCha8Rng| -> Vec<Fr> { (0..count).map(|_| Fr::random(&mut *rng)).collect() };
    let tail = random(3, &mut rng);
    for (count, entries) in [(1, 1), (2, 1), (40, 3), (700, 500), (2000, 16)] {
        let table = random(entries, &mut rng);
        let lists: Vec<Vec<i32>> = (0..3)
            .map(|step| {
                (0..count as i32)
                    .map(|row| row * (step + 1) % entries as i32)
                    .collect()
            })
            .collect();
        let lists: Vec<&[i32]> = lists.iter().map(Vec::as_slice).collect();
        let column = |codes, tail| Column::Dictionary {
            codes,
            table: &table,
            tail,
        };
        let scalars = random(count, &mut rng);
        let others = [
            Column::Full(&scalars),
            column(&lists[..1], &[]),
            column(&lists, &tail),
        ];
        check(count + tail.len(), &others);
    }
}

#[test]
fn small_integers_of_any_range() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let tail: Vec<Fr> = (0..6).map(|_| Fr::random(&mut rng)).collect();
    for count in [0, 1, 5, 700, 5000] {
        for bound in [0, 1, 2, 7, 127, 128, 1 << 15, 1 << 20, i32::MAX] {
            let values: Vec<i32> = (0..count).map(|_| rng.gen_range(-bound..=bound)).collect();
            let columns = [&[][..], &tail[..1], &tail].map(|tail| Column::Small {
                values: &values,
                tail,
            });
            check(count + 6, &columns);
        }
    }
}

#[test]
fn small_integers_at_the_edges() {
    let patterns: [&[i32]; 8] = [
        &[i32::MIN],
        &[i32::MAX, i32::MIN],
        &[1, -1],
        &[0, 1],
        &[-128, 127],
        &[-32768, 32767],
        &[0],
        &[65536, -65536, 65535],
    ];
    for pattern in patterns {
        let values: Vec<i32> = pattern.iter().copied().cycle().take(3000).collect();
        check(
            3000,
            &[Column::Small {
                values: &values,
                tail: &[],
            }],
        );
    }
}

#[test]
fn many_columns_of_all_kinds() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let count = 3000;
    let full: Vec<Fr> = (0..count).map(|_| Fr::random(&mut rng)).collect();
    let wide: Vec<i32> = (0..count - 3).map(|_| rng.r#gen()).collect();
    let narrow: Vec<i32> = (0..count / 3).map(|_| rng.gen_range(-128..128)).collect();
    let tail = &full[..3];
    let mut columns = Vec::new();
    for _ in 0..8 {
        columns.push(Column::Full(&full));
        columns.push(Column::Small { values: &wide, tail });
        columns.push(Column::Small {
            values: &narrow,
            tail: &[],
        });
        columns.push(Column::Small { values: &[], tail });
        columns.push(Column::Full(&[]));
    }
    check(count, &columns);
}

#[test]
fn a_column_longer_than_the_bases_is_an_error() {
    let bases = Bases::new(&[G1Affine::generator()], Isa::detect()).unwrap();
    let error = Error::length("msm", 1, 2);
    let (full, values) = ([Fr::ONE; 2], [1]);
    let tail = &full[..1];
    for column in [
        Column::Full(&full),
        Column::Small {
            values: &values,
            tail,
        },
    ] {
        assert_eq!(msm(&bases, &[Column::Full(&[]), column]), Err(error.clone()));
    }
}

fn adversarial_scalar() -> impl Strategy<Value = Fr> {
    prop_oneof![
        Just(Fr::ZERO),
        Just(Fr::ONE),
        Just(-Fr::ONE),
        Just(glv::LAMBDA),
        any::<u64>().prop_map(Fr::from),
        any::<u128>().prop_map(|v| -Fr::from_u128(v)),
        any::<(u128, u128)>().prop_map(|(a, b)| Fr::from_u128(a) + glv::LAMBDA * Fr::from_u128(b)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn full_width(scalars in prop::collection::vec(adversarial_scalar(), 0..600)) {
        check(scalars.len(), &[Column::Full(&scalars)]);
    }

    #[test]
    fn small_with_a_tail(
        values in prop::collection::vec(
            prop_oneof![any::<i32>(), -2..3i32, Just(i32::MIN), Just(i32::MAX), Just(5)],
            0..600,
        ),
        shift in 0u32..31,
        tail in prop::collection::vec(adversarial_scalar(), 0..8),
    ) {
        let narrowed: Vec<i32> = values.iter().map(|value| value >> shift).collect();
        let column = Column::Small { values: &narrowed, tail: &tail };
        check(values.len() + tail.len(), &[column]);
    }
}
