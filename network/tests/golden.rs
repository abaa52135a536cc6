//! Golden artefacts: one of each format, as this version writes it (`tests/fixtures/golden`).
//!
//! They fail when a format changes, and when what is written for the same content does. Then raise the version of the format, and
//! make them again, which is refused as long as no version is another than in `versions.json`:
//! `ZKML_GOLDEN=write cargo test -p zkml-network --test golden`.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zkml::advanced::{ArtifactKind, CircuitOptions};
use zkml::commitments::{ModelCommitment, ModelSecret};
use zkml::{
    Circuit, CompileOptions, CompiledModel, FloatTensor, ImportOptions, Model, ParamVisibility, Progress,
    Proof, ProvingKey, Srs, VerifyingKey, Visibility,
};
use zkml_network::{
    Asked, Binding, Engine, Identity, OpenRequest, Outcome, PendingRequest, ProverFiles, ProviderKeys,
    ProvingEngine, PublishedModel, SealedAnswer, SealedRequest, SignedManifest,
};
use zkml_testing::model;

/// When the golden request ends: far from now.
const EXPIRY: u64 = 4_000_000_000;
/// What is asked, and what the model answers.
const INPUT: [i64; 2] = [16, 16];
const OUTPUT: [i64; 3] = [24, 40, 0];

const KINDS: [(&str, ArtifactKind); 7] = [
    ("circuit", ArtifactKind::Circuit),
    ("compiled model", ArtifactKind::CompiledModel),
    ("verifying key", ArtifactKind::VerifyingKey),
    ("proof", ArtifactKind::Proof),
    ("SRS", ArtifactKind::Srs),
    ("model commitment", ArtifactKind::ModelCommitment),
    ("model secret", ArtifactKind::ModelSecret),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/golden")
}

fn read(name: &str) -> Vec<u8> {
    let path = folder().join(name);
    fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; see the head of this test", path.display()))
}

fn text(name: &str) -> Value {
    serde_json::from_slice(&read(name)).unwrap()
}

/// A copy that its owner alone may read, as files of secrets must be.
fn secret(name: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    zkml::advanced::write_new_secret(&path, |w| w.write_all(&read(name))).unwrap();
    (folder, path)
}

/// The versions of all formats: of files as the library tells them, of messages as these state them.
fn versions(
    request: &SealedRequest,
    answer: &SealedAnswer,
    manifest: &SignedManifest,
    pending: &Value,
) -> Value {
    let stated = |json: &[u8]| serde_json::from_slice::<Value>(json).unwrap()["version"].clone();
    let mut all = json!({
        "request": stated(&request.to_json().unwrap()),
        "answer": stated(&answer.to_json().unwrap()),
        "manifest": stated(&manifest.to_json().unwrap()),
        "pending request": pending["version"],
    });
    for (name, kind) in KINDS {
        all[name] = kind.version().into();
    }
    all
}

/// Everything made once from the same secrets.
struct Made {
    model: CompiledModel,
    key: VerifyingKey,
    prover: ProvingEngine,
    request: PendingRequest,
    answer: SealedAnswer,
    proof: Proof,
}

fn compiled() -> CompiledModel {
    let (graph, values) = model::graph();
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        params: ParamVisibility::Committed,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    };
    CompiledModel::from_graph(graph, values, options).unwrap()
}

/// A model from an ONNX file, with the report of its quantisation.
fn quantised() -> CompiledModel {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/models/gemm");
    let model = Model::load(&folder.join("network.onnx"), &ImportOptions::default()).unwrap();
    let input = FloatTensor::from_shape_fn(model.inputs()[0].shape.clone(), |at| at[1] as f32 / 4.0 - 0.5);
    model
        .compile(&[vec![input]], &CompileOptions::default(), &Progress::none())
        .unwrap()
}

fn keys(srs: &Srs) -> (ProvingKey, VerifyingKey) {
    compiled().setup(srs, &Progress::none()).unwrap()
}

fn make(srs: Srs, secret: ModelSecret, provider: &ProviderKeys, identity: Identity) -> Made {
    let (proving_key, key) = keys(&srs);
    let files = ProverFiles {
        model: compiled(),
        key: proving_key,
        srs,
        secret: Some(secret),
        device: zkml::Device::default(),
    };
    let prover = ProvingEngine::publish("golden", files, true, provider, &Progress::none()).unwrap();
    let asked = Asked {
        inputs: vec![INPUT.to_vec()],
        expiry: EXPIRY,
        evm: None,
        identity: Some(identity),
    };
    let request = PendingRequest::new(prover.manifest(), asked).unwrap();
    let open = OpenRequest::from(&request);
    let outcome = prover
        .answer(&request.binding(), &open, &Progress::none())
        .unwrap();
    let sealed = SealedAnswer::seal(
        request.envelope(),
        &request.reply_key(),
        provider.sealing(),
        &outcome,
    );
    let Outcome::Answer(answer) = outcome else {
        panic!("refused");
    };
    Made {
        model: compiled(),
        key,
        prover,
        request,
        answer: sealed.unwrap(),
        proof: answer.proof.clone(),
    }
}

/// Makes all of them from fresh secrets, if a version was raised.
fn write() {
    let provider = ProviderKeys::generate().unwrap();
    let identity = Identity::generate().unwrap();
    let srs = Srs::development(compiled().k(), &Progress::none()).unwrap();
    let model_secret = ModelSecret::random();
    let secret_bytes = model_secret.to_bytes();
    let made = make(srs.clone(), model_secret, &provider, identity);
    let fresh = tempfile::tempdir().unwrap();
    let at = |name: &str| fresh.path().join(name);
    made.request.save(&at("request.pending")).unwrap();
    provider.save(&at("provider.keys")).unwrap();
    let pending: Value = serde_json::from_slice(&fs::read(at("request.pending")).unwrap()).unwrap();
    let versions = versions(
        made.request.envelope(),
        &made.answer,
        made.prover.manifest(),
        &pending,
    );
    if folder().join("versions.json").exists() {
        assert_ne!(
            text("versions.json"),
            versions,
            "no version was raised: what was written before would be read as something else"
        );
    }
    let commitment = made.prover.published().pinned().unwrap().commitment().to_bytes();
    fs::create_dir_all(folder()).unwrap();
    for (name, bytes) in [
        ("model.zkml", made.model.to_bytes().unwrap()),
        ("quantised.zkml", quantised().to_bytes().unwrap()),
        ("key.vk", made.key.to_bytes().unwrap()),
        ("model.circuit", made.prover.circuit().to_bytes().unwrap()),
        ("proof.zkproof", made.proof.to_bytes()),
        ("setup.srs", srs.to_bytes().unwrap()),
        ("model.commitment", commitment),
        ("model.secret", secret_bytes),
        ("manifest.json", made.prover.manifest().to_json().unwrap()),
        ("answer.json", made.answer.to_json().unwrap()),
        ("request.pending", fs::read(at("request.pending")).unwrap()),
        ("provider.keys", fs::read(at("provider.keys")).unwrap()),
        ("versions.json", format!("{versions:#}\n").into_bytes()),
    ] {
        fs::write(folder().join(name), bytes).unwrap();
    }
}

#[test]
fn what_this_version_wrote_is_read_and_written_as_it_was() {
    if std::env::var_os("ZKML_GOLDEN").is_some_and(|value| value == "write") {
        write();
    }
    let model = CompiledModel::from_bytes(&read("model.zkml")).unwrap();
    assert_eq!(model.to_bytes().unwrap(), read("model.zkml"));
    let quantised = CompiledModel::from_bytes(&read("quantised.zkml")).unwrap();
    assert_eq!(quantised.to_bytes().unwrap(), read("quantised.zkml"));
    assert!(quantised.report().is_some());
    let key = VerifyingKey::from_bytes(&read("key.vk")).unwrap();
    assert_eq!(key.to_bytes().unwrap(), read("key.vk"));
    let circuit = Circuit::from_bytes(&read("model.circuit")).unwrap();
    assert_eq!(circuit.to_bytes().unwrap(), read("model.circuit"));
    let proof = Proof::from_bytes(&read("proof.zkproof")).unwrap();
    assert_eq!(proof.to_bytes(), read("proof.zkproof"));
    let commitment = ModelCommitment::from_bytes(&read("model.commitment")).unwrap();
    assert_eq!(commitment.to_bytes(), read("model.commitment"));
    let srs = Srs::from_bytes(&read("setup.srs")).unwrap();
    assert_eq!(srs.to_bytes().unwrap(), read("setup.srs"));
    let manifest = SignedManifest::from_json(&read("manifest.json")).unwrap();
    assert_eq!(manifest.to_json().unwrap(), read("manifest.json"));
    let answer = SealedAnswer::from_json(&read("answer.json")).unwrap();
    assert_eq!(answer.to_json().unwrap(), read("answer.json"));

    let (_folder, path) = secret("request.pending");
    let request = PendingRequest::load(&path).unwrap();
    let (again, pending) = (path.with_extension("again"), text("request.pending"));
    request.save(&again).unwrap();
    assert_eq!(fs::read(again).unwrap(), read("request.pending"));
    let envelope = request.envelope();
    let same = SealedRequest::from_json(&envelope.to_json().unwrap()).unwrap();
    assert_eq!(same, *envelope);
    assert_eq!(
        versions(envelope, &answer, &manifest, &pending),
        text("versions.json")
    );

    // They say what they said: the request opens and is signed, the answer is to it, and its proof is valid.
    let (_folder, path) = secret("provider.keys");
    let provider = ProviderKeys::load(&path).unwrap();
    envelope.check_signature().unwrap();
    assert_eq!(envelope.open(provider.sealing()).unwrap().inputs, [INPUT]);
    let published = PublishedModel::new(manifest.clone(), key).unwrap();
    let Outcome::Answer(opened) = request.open(&manifest, &answer).unwrap() else {
        panic!("a proof opens as a refusal");
    };
    assert_eq!(opened.proof.to_bytes(), read("proof.zkproof"));
    let checked = published.check_answer(&request, &opened, EXPIRY - 1).unwrap();
    assert_eq!(checked.outputs[0].integers, OUTPUT);
    assert_eq!(*commitment.model_digest(), *model.digest());
    published.check_key(&circuit, &srs, &Progress::none()).unwrap();
}

#[test]
fn the_same_content_is_written_as_it_was() {
    let srs = Srs::from_bytes(&read("setup.srs")).unwrap();
    let secret_of_model = ModelSecret::from_bytes(&read("model.secret")).unwrap();
    let (_folder, path) = secret("provider.keys");
    let provider = ProviderKeys::load(&path).unwrap();
    let made = make(srs, secret_of_model, &provider, Identity::generate().unwrap());
    let raise = "the format changed, or what is written in it: raise its version";
    assert!(
        made.model.to_bytes().unwrap() == read("model.zkml"),
        "model: {raise}"
    );
    assert!(made.key.to_bytes().unwrap() == read("key.vk"), "key: {raise}");
    let circuit = made.prover.circuit().to_bytes().unwrap();
    assert!(circuit == read("model.circuit"), "circuit: {raise}");
    let commitment = made.prover.published().pinned().unwrap().commitment().to_bytes();
    assert!(commitment == read("model.commitment"), "commitment: {raise}");
    let manifest = made.prover.manifest().to_json().unwrap();
    assert_eq!(
        String::from_utf8(manifest).unwrap(),
        String::from_utf8(read("manifest.json")).unwrap(),
        "manifest: {raise}"
    );
    // What is random has the same length and the same fields.
    assert_eq!(
        made.proof.to_bytes().len(),
        read("proof.zkproof").len(),
        "proof: {raise}"
    );
    let shape = |json: &[u8]| -> Vec<(String, usize)> {
        let json: Value = serde_json::from_slice(json).unwrap();
        let fields = json.as_object().unwrap().iter();
        fields
            .map(|(name, value)| (name.clone(), value.to_string().len()))
            .collect()
    };
    let answer = made.answer.to_json().unwrap();
    assert_eq!(shape(&answer), shape(&read("answer.json")), "answer: {raise}");
    let stored = text("request.pending")["envelope"].as_str().unwrap().to_owned();
    let request = made.request.envelope().to_json().unwrap();
    assert_eq!(shape(&request), shape(stored.as_bytes()), "request: {raise}");
}
