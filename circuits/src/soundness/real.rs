//! The upstream prover, which does not check what it proves, and the upstream verifier: challenges that depend
//! on the witness.

use super::{Forgery, GadgetAt};
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::{ProvingKey, create_proof, keygen_pk, keygen_vk, verify_proof};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

struct Prover {
    params: ParamsKZG<Bn256>,
    key: ProvingKey<G1Affine>,
}

impl Prover {
    fn new(f: &Forgery) -> Self {
        let params = ParamsKZG::setup(f.circuit.shape.k, ChaCha20Rng::seed_from_u64(1));
        let blank = halo2_proofs::plonk::Circuit::without_witnesses(f);
        let vk = keygen_vk(&params, &blank).unwrap();
        let key = keygen_pk(&params, vk, &blank).unwrap();
        Prover { params, key }
    }

    fn accepts(&self, f: &Forgery) -> bool {
        self.verifies(&self.prove(f), &f.circuit.instances())
    }

    fn prove(&self, f: &Forgery) -> Vec<u8> {
        let instances = f.circuit.instances();
        let columns: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
        let rng = ChaCha20Rng::seed_from_u64(2);
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.key,
            std::slice::from_ref(f),
            &[&columns],
            rng,
            &mut transcript,
        )
        .unwrap();
        transcript.finalize()
    }

    fn verifies(&self, proof: &[u8], instances: &[Vec<Fr>]) -> bool {
        let columns: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
        let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, SingleStrategy<'_, Bn256>>(
            &self.params,
            self.key.get_vk(),
            SingleStrategy::new(&self.params),
            &[&columns],
            &mut transcript,
        )
        .is_ok()
    }
}

/// Changes a witness.
type Cheat = fn(&mut Forgery);

/// Accepts the honest witness of a sample and rejects each forgery of it: in the plain circuit, and with several columns in
/// one.
fn check(name: &str, forgeries: &[(&str, Cheat)]) {
    let honest = Forgery::of(name);
    for fold in [1, 4] {
        let prover = Prover::new(&honest.folded(fold));
        assert!(prover.accepts(&honest.folded(fold)), "{name}, fold {fold}");
        for (what, forge) in forgeries {
            let mut f = honest.clone();
            forge(&mut f);
            assert!(!prover.accepts(&f.folded(fold)), "{name}, fold {fold}: {what}");
        }
    }
}

/// Changes a cell of a gadget by one, within the range.
fn nudge(f: &mut Forgery, gadget: GadgetAt, cell: usize) {
    let by = if f.cells(gadget)[cell] < 31 { 1 } else { -1 };
    f.add(gadget, &[(cell, by)]);
}

#[test]
fn forged_dense_layers_are_rejected() {
    check(
        "dense_row",
        &[
            ("activation", |f| nudge(f, f.gadget("plain", 0, |_| true), 0)),
            ("weight", |f| nudge(f, f.gadget("plain", 1, |_| true), 0)),
            ("bias", |f| nudge(f, f.gadget("plain", 2, |_| true), 0)),
            ("output", |f| {
                let u = f.gadget("rescale", 0, |c| c[0] < 31);
                f.add(u, &[(0, 1)]);
                f.linear_constraint(0, u.index, 1);
            }),
            ("remainder limb", |f| {
                nudge(f, f.gadget("rescale", 0, |_| true), 4)
            }),
            ("remainder out of range", |f| {
                let u = f.gadget("rescale", 0, |c| c[0] > 0);
                f.add(u, &[(0, -1), (5, 32)]);
                f.linear_constraint(0, u.index, -1);
            }),
            ("sign", |f| {
                let u = f.gadget("rescale", 0, |c| c[0] < 31 && c[2] < 31);
                f.add(u, &[(0, 1), (2, 1)]);
                f.linear_constraint(0, u.index, 1);
            }),
            ("copy cell", |f| f.witness().copied[2] += 1),
            ("multiplicity", |f| f.witness().multiplicity[5] += 1),
            ("public value", |f| f.linear_constraint(0, 1, 1)),
        ],
    );
}

/// Changes cells of the hash chip in a row of the first chain.
fn hash_cell(f: &mut Forgery, row: usize, column: usize) {
    let first = f.circuit.program.chains[0].0 as usize;
    let hash = f.witness().hash.as_mut().expect("a hash chip");
    hash[column][first + row] += Fr::one();
}

#[test]
fn forged_commitments_are_rejected() {
    check(
        "hashed",
        &[
            ("input", |f| nudge(f, f.gadget("plain", 0, |_| true), 0)),
            ("message", |f| hash_cell(f, 55, 1)),
            ("salt", |f| hash_cell(f, 0, 1)),
            ("input of an S-box", |f| hash_cell(f, 21, 0)),
            ("square", |f| hash_cell(f, 22, 2)),
            ("digest", |f| {
                f.linear_constraint_value(1, Fr::one());
                hash_cell(f, 165, 1);
            }),
            ("another message and its digest", |f| {
                super::hashed::rehash(f, 0, |cells| cells[55][1] += Fr::one());
            }),
        ],
    );
}

#[test]
fn forged_committed_parameters_are_rejected() {
    check(
        "committed_convolution",
        &[
            ("kernel", |f| nudge(f, super::weights::gadget(f, 0), 0)),
            ("matrix", |f| nudge(f, super::weights::gadget(f, 1), 0)),
            ("copy cell", |f| f.witness().copied[3] += 1),
        ],
    );
}

/// A proof with a context verifies with this context alone, though no constraint mentions it.
#[test]
fn another_context_is_rejected() {
    let honest = Forgery::of("hashed");
    let prover = Prover::new(&honest);
    let proof = prover.prove(&honest);
    let columns = honest.circuit.instances();
    assert!(prover.verifies(&proof, &columns));
    let context = columns.len() - 1;
    assert_eq!(columns[context].len(), 2);
    for i in 0..2 {
        let mut changed = columns.clone();
        changed[context][i] += Fr::one();
        assert!(!prover.verifies(&proof, &changed));
    }
    let mut swapped = columns.clone();
    swapped[context].swap(0, 1);
    assert!(!prover.verifies(&proof, &swapped));
}

#[test]
fn forged_runs_are_rejected() {
    check(
        "dense_batch",
        &[
            ("activation", |f| nudge(f, f.gadget("plain", 0, |_| true), 0)),
            ("weight", |f| nudge(f, f.gadget("plain", 1, |_| true), 0)),
            ("running evaluation", |f| {
                f.edit(|p, _| p.horner.iter_mut().for_each(|r| *r += Fr::one()))
            }),
            ("jump of the sum", |f| {
                f.linear_constraint(0, 0, 1);
                f.edit(|p, _| *p.sum.last_mut().unwrap() = Fr::zero());
            }),
        ],
    );
}

#[test]
fn forged_convolutions_and_maxima_are_rejected() {
    check(
        "pooled_convolution",
        &[
            ("kernel", |f| nudge(f, f.gadget("plain", 2, |_| true), 0)),
            ("spare term or border", |f| {
                nudge(f, f.gadget("plain", 1, |_| true), 0)
            }),
            ("maximum", |f| {
                let u = f.gadget("max", 0, |c| c[0] < 31);
                f.add(u, &[(0, 1)]);
                f.linear_constraint(0, u.index, 1);
            }),
            ("distance", |f| nudge(f, f.gadget("max", 0, |_| true), 4)),
        ],
    );
}

#[test]
fn forged_indices_and_functions_are_rejected() {
    check(
        "arg_max",
        &[
            ("index", |f| {
                nudge(f, f.gadget("plain", 2, |_| true), 0);
                f.linear_constraint(0, 0, 1);
            }),
            ("marker", |f| nudge(f, f.gadget("arg_max", 0, |c| c[1] == 0), 1)),
            ("largest", |f| nudge(f, f.gadget("plain", 1, |_| true), 0)),
        ],
    );
    check(
        "functions",
        &[
            ("value", |f| nudge(f, f.gadget("lut", 1, |_| true), 2)),
            ("index", |f| nudge(f, f.gadget("lut", 0, |_| true), 0)),
            ("fraction", |f| nudge(f, f.gadget("lut", 0, |_| true), 4)),
            ("multiplicity of a table row", |f| {
                f.witness().function_multiplicity[1] += 1
            }),
        ],
    );
}
