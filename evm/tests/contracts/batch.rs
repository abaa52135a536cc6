//! Many proofs as one equation, beside what each is alone.

use crate::both;
use crate::proven::Proven;
use ff::{Field, PrimeField};
use group::Curve;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fr, G1, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::io::ErrorKind;
use zkml_evm::EvmRead;
use zkml_verifier::{BatchVerifier, Equation};

/// Proofs with other contexts, so that their challenges differ.
fn contexts() -> [[Fr; 4]; 3] {
    [1, 2, 3].map(|i| [Fr::from(i); 4])
}

fn verifier(proven: &Proven) -> BatchVerifier {
    let link = proven
        .commitment
        .as_ref()
        .map(|commitment| commitment.link.clone());
    BatchVerifier::new(&proven.circuit_key(link)).unwrap()
}

fn hold(batch: &BatchVerifier, equations: &[&Equation]) -> bool {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let weighted: Vec<_> = equations
        .iter()
        .map(|&equation| (Fr::random(&mut rng), equation.clone()))
        .collect();
    batch.hold(&weighted)
}

fn big_endian<F: PrimeField>(value: &F) -> Vec<u8> {
    value.to_repr().as_ref().iter().rev().copied().collect()
}

/// The proof with this added to its last point, which no challenge depends on.
fn shifted(proof: &[u8], by: G1) -> Vec<u8> {
    let (rest, last) = proof.split_at(proof.len() - 64);
    let [x, y] = [0, 32].map(|at| {
        let mut repr: [u8; 32] = last[at..at + 32].try_into().unwrap();
        repr.reverse();
        PrimeField::from_repr(repr).unwrap()
    });
    let point: G1Affine = (G1Affine::from_xy(x, y).unwrap() + by).to_affine();
    [rest, &big_endian(&point.x), &big_endian(&point.y)].concat()
}

#[test]
fn proofs_hold_together_if_each_does() {
    for makes in [Proven::with_context, Proven::linked_with] {
        let proven: Vec<Proven> = contexts().iter().map(|context| makes(context)).collect();
        let batch = verifier(&proven[0]);
        let equations: Vec<Equation> = proven
            .iter()
            .map(|p| proven[0].equation(&batch, &p.proof, &p.public).unwrap())
            .collect();
        let [a, b, c] = [0, 1, 2].map(|i| &equations[i]);
        assert!(hold(&batch, &[]));
        assert!(hold(&batch, &[a]));
        assert!(hold(&batch, &[a, b, c]));
        assert!(hold(&batch, &[b, b, a, b]));

        // Public values of another proof: all is well-formed, and only the sum tells.
        let wrong = proven[0]
            .equation(&batch, &proven[0].proof, &proven[1].public)
            .unwrap();
        for equations in [&[&wrong][..], &[a, &wrong, c], &[&wrong, &wrong]] {
            assert!(!hold(&batch, equations));
        }
    }
}

/// What the weights are for: errors of two proofs that are each other's opposite.
#[test]
fn opposite_errors_do_not_cancel_out() {
    for proven in both() {
        let batch = verifier(&proven);
        let [above, below] = [G1::generator(), -G1::generator()].map(|by| {
            let proof = shifted(&proven.proof, by);
            assert!(!proven.rust_accepts(&proof, &proven.public));
            proven.equation(&batch, &proof, &proven.public).unwrap()
        });
        let weighted = |weights: [Fr; 2]| -> Vec<(Fr, Equation)> {
            weights.into_iter().zip([above.clone(), below.clone()]).collect()
        };
        assert!(batch.hold(&weighted([Fr::ONE; 2])), "the cheat that weights stop");
        assert!(!batch.hold(&weighted([Fr::ONE, Fr::from(2)])));
        assert!(!hold(&batch, &[&above, &below]));
    }
}

/// The transcript does not tell where a column ends, so their number is checked; and equations are those of one key.
#[test]
fn columns_and_equations_are_those_of_the_key() {
    let [plain, linked] = both();
    let [without, with] = [&plain, &linked].map(verifier);
    let columns = plain.columns(&plain.public);
    let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
    let joined = [columns[0], columns[1]].concat();
    let read = |columns: &[&[Fr]]| without.read(columns, &mut EvmRead::new(&plain.proof));
    let own = read(&columns).unwrap();
    assert!(hold(&without, &[&own]));
    for others in [
        &[&joined[..], columns[2]][..],
        &[columns[0], columns[1], columns[2], &[]],
        &[],
    ] {
        assert_eq!(read(others).unwrap_err().kind(), ErrorKind::InvalidData);
    }
    assert!(!hold(&with, &[&own]));
}

/// The scalars of a link's points, of the proof's columns and of the marks among them, are added to those that openings give.
#[test]
fn a_proof_is_read_with_its_link_only() {
    let [plain, linked] = both();
    let [without, with] = [&plain, &linked].map(verifier);
    for (batch, proven) in [(&without, &linked), (&with, &plain)] {
        let equation = proven.equation(batch, &proven.proof, &proven.public);
        assert!(equation.is_none_or(|equation| !hold(batch, &[&equation])));
    }
}
