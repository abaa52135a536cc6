//! The sum of equations, without the single verifications that follow it.

use super::*;
use crate::commitments::PinnedModel;
use crate::committed::ModelSecret;
use crate::{
    CompileOptions, Digest, Element, FloatTensor, ImportOptions, Model, Optimize, ParamVisibility, Progress,
    ProveOptions, Prover, SetupOptions, Srs, Visibility,
};
use ndarray::ArrayD;

const MODEL: &[u8] = include_bytes!("../../../assets/breast_cancer_mlp.onnx");
const FEATURES: usize = 30;
const CONTEXT: u16 = 3;

/// Features of patients that there are not.
fn input(patient: usize) -> Vec<FloatTensor> {
    let feature = |i: usize| ((i * 7 + patient * 11) % 13) as f32 / 4.0 - 1.5;
    vec![ArrayD::from_shape_vec(vec![1, FEATURES], (0..FEATURES).map(feature).collect()).unwrap()]
}

/// Compiles the classifier, proves two inputs, and compares batches with halo2's verifier.
fn check_layout(options: CompileOptions, transcript: TranscriptKind) {
    let none = Progress::none();
    let calibration: Vec<_> = (0..16).map(input).collect();
    let model = Model::from_onnx(MODEL, &ImportOptions::default()).unwrap();
    let options = options.accept_error(true).context(CONTEXT);
    let model = model.compile(&calibration, &options, &none).unwrap();
    let srs = Srs::development(model.k(), &none).unwrap();
    let options = SetupOptions::default().transcript(transcript);
    let (proving_key, key) = model.setup_with(&srs, &options, &none).unwrap();
    let secret = ModelSecret::random();
    let commit = || proving_key.commit_model(&model, &srs, &secret, &none).unwrap();
    let commitment = key.commits_params().then(commit);
    let mut prover = Prover::builder(model, proving_key, srs);
    if let Some(commitment) = commitment {
        let pinned = PinnedModel::with_manifest(commitment, Digest::from([0xd1; 32]));
        prover = prover.commitment(pinned, secret);
    }
    let prover = prover.build().unwrap();
    let [a, b] = [0, 1].map(|patient| {
        let context = (0..CONTEXT).map(|i| Element::from(u128::from(i) + patient as u128));
        let options = ProveOptions::default().context(context.collect());
        prover.prove_with(&input(patient), &options).unwrap().proof
    });

    let batch = prover.verifier();
    let verifier = batch.batch_verifier().expect("zkml makes this circuit");
    let read = |proof: &Proof, columns: &[Vec<Fr>]| {
        let item = Item {
            index: 0,
            proof,
            columns,
        };
        Some((Fr::random(OsRng), equation(verifier, &item)?))
    };
    let columns = |proof: &Proof| key.statement(proof).unwrap().columns;
    let own = columns(&a);
    let (first, second) = (read(&a, &own).unwrap(), read(&b, &columns(&b)).unwrap());
    assert!(verifier.hold([&first]));
    assert!(verifier.hold([&first, &second, &first]));
    assert!(read(&a, &columns(&b)).is_none_or(|wrong| !verifier.hold([&wrong])));

    // Points and scalars of another proof, and halves of points that none are.
    let agrees = |bytes: Vec<u8>, at: usize| {
        let changed = Proof { bytes, ..a.clone() };
        let alone = key.check(&own, &changed, batch.commitment()).is_ok();
        let held = read(&changed, &own).is_some_and(|wrong| verifier.hold([&wrong]));
        assert_eq!((held, alone), (false, false), "byte {at}");
    };
    for at in (0..a.bytes.len()).step_by(32) {
        for len in [32, 64] {
            let end = (at + len).min(a.bytes.len());
            let mut bytes = a.bytes.clone();
            bytes[at..end].copy_from_slice(&b.bytes[at..end]);
            agrees(bytes, at);
        }
    }
    for len in [a.bytes.len() - 1, a.bytes.len() + 1] {
        let mut bytes = a.bytes.clone();
        bytes.resize(len, 0);
        agrees(bytes, len);
    }
}

#[test]
fn plain_proofs() {
    check_layout(CompileOptions::default(), TranscriptKind::Blake2b);
}

#[test]
fn proofs_with_everything_public() {
    let options = CompileOptions::default()
        .inputs(Visibility::Public)
        .params(ParamVisibility::Fixed);
    check_layout(options, TranscriptKind::Blake2b);
}

#[test]
fn proofs_with_committed_parameters_and_hashed_inputs() {
    let options = CompileOptions::default()
        .inputs(Visibility::Hashed)
        .params(ParamVisibility::Committed);
    check_layout(options, TranscriptKind::Blake2b);
}

#[test]
fn proofs_that_hide_all_values() {
    let options = CompileOptions::default()
        .outputs(Visibility::Private)
        .params(ParamVisibility::Hashed);
    check_layout(options, TranscriptKind::Blake2b);
}

#[test]
fn proofs_for_contracts() {
    let options = CompileOptions::default().optimize(Optimize::Evm);
    check_layout(options, TranscriptKind::Evm);
}

#[test]
fn linked_proofs_for_contracts() {
    let options = CompileOptions::default()
        .params(ParamVisibility::Committed)
        .outputs(Visibility::Hashed)
        .optimize(Optimize::Evm);
    check_layout(options, TranscriptKind::Evm);
}
