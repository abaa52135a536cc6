//! Blinded pieces of the quotient: the same quotient, and commitments that do not depend on it alone.

use crate::backends::each_backend;
use crate::circuits::{Columns, Lookups, Phases, Tiny};
use crate::parameters::{next_power, secret};
use crate::upstream::{Prepared, accepts, params, proving_key, slices};
use ff::Field;
use group::Curve;
use halo2_proofs::plonk::Circuit;
use halo2curves::bn256::{Fr, G1, G1Affine};
use zkml_prover::CircuitWitness;
use zkml_testing::script::{Item, permutation_products, written};

/// Proves a circuit with and without blinds, with the same randomness and challenges. Gives the positions of the pieces, and
/// checks that nothing else differs but the opening.
fn compare<C: Circuit<Fr> + Clone>(circuit: &C, instances: &[Vec<Fr>], k: u32) {
    let params = params(k);
    let key = proving_key(&params, circuit);
    let instances = slices(instances);
    let cs = key.get_vk().cs();
    each_backend!(backend => {
        let items = |prepared: Prepared<'_, _>| prepared.items(&mut CircuitWitness::new(circuit), &instances, 5);
        let plain = items(Prepared::new(backend, &params, &key));
        let blinded = items(Prepared::hiding(backend, &params, &key));
        let points = written(&plain).0;
        let first = cs.num_advice_columns() + 3 * cs.lookups().len() + permutation_products(cs) + 1;
        let (pieces, opening) = points[first..].split_at(points.len() - first - 2);
        assert!(pieces.len() > 1);

        let point = |items: &[Item], position: usize| match items[position] {
            Item::Point(point) => point,
            other => panic!("{other:?} is no point"),
        };
        for position in 0..plain.len() {
            let differs = plain[position] != blinded[position];
            let expected = pieces.contains(&position) || opening.contains(&position);
            assert_eq!(differs, expected, "item {position}");
        }
        // `r_0 s^n` and `- r_(d-2)` are the ends, and the sum is that of the quotient.
        let power = secret().pow([1 << k]);
        let quotient = |items: &[Item]| {
            let rising = std::iter::successors(Some(Fr::ONE), |x| Some(x * power));
            let terms = pieces.iter().zip(rising).map(|(&piece, power)| point(items, piece) * power);
            terms.fold(G1::default(), |sum, term| sum + term).to_affine()
        };
        assert_eq!(quotient(&plain), quotient(&blinded));

        let proof = Prepared::hiding(backend, &params, &key).circuit_proof(circuit, &instances).unwrap();
        assert!(accepts(&params, key.get_vk(), &instances, &proof));
    });
}

#[test]
fn pieces_differ_and_their_sum_does_not() {
    for third in [3, 5, 9] {
        let columns = Columns::new(third, 20, 5);
        compare(&columns, &columns.instances(), 5);
    }
    let lookups = Lookups::new([5, 1, 5, 0, 7, 1, 1]);
    compare(&lookups, &lookups.instances(), 5);
    compare(&Tiny { a: 3, b: 9 }, &[vec![Fr::from(9)]], 4);
    let phases = Phases {
        rows: 20,
        third: true,
        ends_phases: true,
    };
    compare(&phases, &[], 5);
}

/// Where a verifier's equation involves the coefficient of `X^n`, a power that is not the next one shows.
#[test]
fn another_power_than_the_next_proves_nothing() {
    let circuit = Tiny { a: 3, b: 9 };
    let public = [Fr::from(9)];
    let params = params(4);
    let key = proving_key(&params, &circuit);
    each_backend!(backend => {
        for wrong in [next_power(3), next_power(5), G1Affine::generator()] {
            let mut prepared = Prepared::new(backend, &params, &key);
            prepared.srs = zkml_prover::Srs::new(backend, &params, Some(wrong)).unwrap();
            let proof = prepared.circuit_proof(&circuit, &[&public]).unwrap();
            assert!(!accepts(&params, key.get_vk(), &[&public], &proof));
        }
    });
}
