use super::*;
use crate::curve::{self, Engine};
use halo2curves::bn256::{Fr, G1, G1Affine};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const POINTS: usize = 50;

/// Sums lists of the given run lengths, on so many threads, and compares with sums of scalars.
fn check(lengths: &[&[usize]], threads: usize) {
    check_on(Engine::Plain, lengths, threads);
}

fn check_on(engine: Engine, lengths: &[&[usize]], threads: usize) {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let factors: Vec<Fr> = (0..POINTS as u64).map(|i| Fr::from(i * i)).collect();
    let points: Vec<G1Affine> = factors.iter().map(|f| (G1::generator() * f).into()).collect();
    let source = curve::encode(&points);
    let (mut lists, mut expected) = (Vec::new(), Vec::new());
    for lengths in lengths {
        let mut list = Runs::with_capacity(0, 0);
        for length in *lengths {
            let signs: Vec<(usize, bool)> = (0..*length)
                .map(|_| (rng.gen_range(0..POINTS), rng.r#gen()))
                .collect();
            list.push(signs.iter().map(|(i, negative)| Term::signed(*i, *negative)));
            let term = |(i, negative): &(usize, bool)| if *negative { -factors[*i] } else { factors[*i] };
            expected.push(signs.iter().map(term).sum::<Fr>());
        }
        lists.push(list);
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let sums = pool.install(|| sum(engine, &source, &lists));
    assert_eq!(sums.len(), expected.len());
    for (i, (sum, expected)) in sums.iter().zip(expected).enumerate() {
        let expected = G1::generator() * expected;
        assert_eq!(G1::from(G1Affine::from(sum)), expected, "run {i} of {lengths:?}");
    }
}

#[test]
fn runs_of_all_lengths() {
    let rising: Vec<usize> = (0..70).collect();
    for threads in [1, 2] {
        check(&[], threads);
        check(&[&[]], threads);
        check(&[&[0, 0, 0]], threads);
        check(&[&[1], &[], &[2, 0, 3], &rising], threads);
    }
}

#[test]
fn runs_on_every_engine() {
    let rising: Vec<usize> = (0..40).collect();
    let falling: Vec<usize> = (0..40).rev().collect();
    for engine in Engine::all() {
        check_on(engine, &[&rising, &[], &falling, &[1; 20]], 2);
    }
}

/// Enough runs of each length, and one more of some, for octets in every task and for runs that find no seven others.
#[test]
fn many_runs_of_equal_length_on_every_engine() {
    let lengths: Vec<usize> = (0..2600).map(|i| 1 + i % 131 / 8).collect();
    let terms: usize = lengths.iter().sum();
    assert!(terms / TASKS >= workspace::MIN_TERMS);
    for engine in Engine::all() {
        check_on(engine, &[&lengths], 1);
    }
}

#[test]
fn runs_longer_than_a_task() {
    for threads in [1, 2] {
        for length in [
            MIN_CHUNK - 1,
            MIN_CHUNK,
            MIN_CHUNK + 1,
            MAX_CHUNK,
            3 * MAX_CHUNK + 1,
        ] {
            check(&[&[length]], threads);
            check(&[&[1, length, 0, 2], &[length, length, 5]], threads);
        }
        // A task is full exactly at the end of a run, and empty runs follow.
        check(
            &[&[MIN_CHUNK / 2, MIN_CHUNK / 2, 0, 0, MIN_CHUNK, 0], &[0, 1]],
            threads,
        );
    }
}
