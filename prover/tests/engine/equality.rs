//! With the same key, witness, randomness and challenges the engine writes what halo2 writes.

use crate::backends::each_backend;
use crate::circuits::{Columns, Lookups, Phases};
use crate::upstream::{self, Prepared, params, proving_key, slices, upstream_items};
use halo2_proofs::plonk::{Circuit, ConstraintSystem};
use halo2curves::bn256::Fr;
use std::collections::BTreeSet;
use zkml_prover::{CircuitWitness, Column, PhasedColumns};
use zkml_testing::lanes::Lanes;
use zkml_testing::script::{Item, check_equal, permutation_products, thread_local, written};

const SEED: u64 = 11;

/// Positions of what follows from the order in which halo2 meets a lookup's inputs, a hash map's:
/// the permuted columns, the products, the quotient, and the lookups' evaluations.
fn hash_order(cs: &ConstraintSystem<Fr>, items: &[Item]) -> BTreeSet<usize> {
    let (points, scalars) = written(items);
    let (advice, lookups) = (cs.num_advice_columns(), cs.lookups().len());
    let products = advice + 2 * lookups + permutation_products(cs);
    let permuted = points[advice..advice + 2 * lookups].iter();
    let later = points[products..].iter();
    let evaluations = scalars[scalars.len() - 5 * lookups..].iter();
    permuted.chain(later).chain(evaluations).copied().collect()
}

/// Everything but the positions in `free` is equal; those are of the same kind.
fn assert_equal(ours: &[Item], upstream: &[Item], free: &BTreeSet<usize>, what: &str) {
    check_equal(ours, upstream, free).unwrap_or_else(|difference| panic!("{what}: {difference}"));
}

/// Compares the engine with halo2 on every backend, with one thread and with two.
fn compare<C: Circuit<Fr> + Clone + Sync>(circuit: &C, instances: &[Vec<Fr>], k: u32, hashed: bool) {
    let params = params(k);
    let key = proving_key(&params, circuit);
    let instances = slices(instances);
    let upstream = upstream_items(&params, &key, circuit.clone(), &instances, SEED);
    let cs = key.get_vk().cs();
    let mut free = thread_local(cs, &upstream);
    if hashed {
        free.extend(hash_order(cs, &upstream));
    }
    each_backend!(backend => {
        // Large sizes take their time.
        let threads: &[usize] = if k <= 12 { &[1, 2] } else { &[2] };
        for &threads in threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let ours = pool.install(|| {
                let prepared = Prepared::new(backend, &params, &key);
                prepared.items(&mut CircuitWitness::new(circuit), &instances, SEED)
            });
            assert_equal(&ours, &upstream, &free, &format!("k = {k}, {threads} threads"));
        }
    });
}

#[test]
fn permutations_over_many_columns() {
    // Degree 3 makes a product of each column, degree 5 of three columns; degree 4 leaves one
    // coset of halo2's domain unused.
    for (width, degree, k) in [(7, 3, 5), (7, 4, 5), (8, 5, 6), (1, 3, 4)] {
        let circuit = Columns::new(width, (1 << k) - 7, degree);
        compare(&circuit, &circuit.instances(), k, false);
    }
}

#[test]
fn every_size_up_to_two_to_the_sixteen() {
    for k in [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16] {
        let circuit = Columns::new(2, 9, 3);
        compare(&circuit, &circuit.instances(), k, false);
    }
}

#[test]
fn two_phases_however_they_end() {
    for ends_phases in [true, false] {
        let circuit = Phases {
            rows: 20,
            third: false,
            ends_phases,
        };
        compare(&circuit, &[], 5, false);
    }
}

#[test]
fn lookups_up_to_hash_order() {
    let circuit = Lookups::new([5, 1, 5, 0, 7, 1, 1]);
    compare(&circuit, &circuit.instances(), 5, true);
}

#[test]
fn lookups_with_one_input() {
    // Inputs on all usable rows, so that no row looks up zero: no order is left open.
    let circuit = Lookups::new([3; 10]);
    compare(&circuit, &circuit.instances(), 4, false);
    let circuit = Lookups::new([3; 26]);
    compare(&circuit, &circuit.instances(), 5, false);
}

#[test]
fn log_derivative_lanes() {
    let circuit = Lanes::new(7, 7);
    compare(&circuit, &[], 7, false);
    let params = params(7);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let cells = prepared.items(&mut CircuitWitness::new(&circuit), &[], SEED);
        let columns = |phase: usize, challenges: &[Option<Fr>]| -> Result<Vec<Column>, String> {
            Ok(circuit.columns(phase, challenges[0]))
        };
        assert_eq!(prepared.items(&mut PhasedColumns::new(columns), &[], SEED), cells);
    });
}

#[test]
fn finished_columns_are_the_same_witness() {
    let circuit = Phases {
        rows: 20,
        third: false,
        ends_phases: true,
    };
    let params = params(5);
    let key = proving_key(&params, &circuit);
    let upstream = upstream_items(&params, &key, circuit, &[], SEED);
    let free = thread_local(key.get_vk().cs(), &upstream);
    let columns = |phase: usize, challenges: &[Option<Fr>]| -> Result<Vec<Column>, String> {
        Ok(vec![match (phase, challenges) {
            (0, _) => Column::Small((0..circuit.rows).map(|row| circuit.a(row)).collect()),
            (1, [Some(r), Some(s)]) => Column::Field(circuit.b(*r, *s)),
            _ => return Err(format!("phase {phase}")),
        }])
    };
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let ours = prepared.items(&mut PhasedColumns::new(columns), &[], SEED);
        assert_equal(&ours, &upstream, &free, "finished columns");
    });
}

#[test]
fn randomness_changes_every_commitment() {
    let circuit = Lookups::new([5, 1, 5]);
    let instances = circuit.instances();
    let instances = slices(&instances);
    let params = params(5);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        let prepared = Prepared::new(backend, &params, &key);
        let items = |randomness| {
            let mut script = zkml_testing::script::Script::new(SEED);
            zkml_prover::create_proof(
                prepared.setup(),
                &mut CircuitWitness::new(&circuit),
                &instances,
                upstream::rng(randomness),
                &mut script,
                &mut zkml_prover::unreported,
            )
            .unwrap();
            script.items
        };
        let (one, same, other) = (items(1), items(1), items(2));
        assert_eq!(one, same);
        let (points, _) = written(&one);
        assert!(points.len() > 10);
        for position in points {
            assert_ne!(one[position], other[position], "point {position}");
        }
    });
}
