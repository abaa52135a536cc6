//! Real proofs of a tiny model: asked, answered, checked by user and validator; and what must fail.

mod answers;
#[path = "../common/mod.rs"]
mod common;
mod publishing;
mod refusals;
mod service;

use std::num::NonZeroU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zkml::advanced::{ArtifactKind, CircuitOptions, seal};
use zkml::commitments::{ModelSecret, commit};
use zkml::{CompiledModel, Digest, ParamVisibility, Progress, Proof, Role, Srs, Visibility};
use zkml_network::{
    Answer, Asked, Binding, CheckedAnswer, Client, Engine, Error, EvmRecipient, Hosted, Manifest, Metrics,
    OpenRequest, Outcome, PendingRequest, ProverFiles, ProviderKeys, ProvingEngine, PublishedModel, Queue,
    Refusal, SealedAnswer, Service, ServiceOptions, SignedManifest, TensorVisibility, WeightVisibility,
    Worker, prove_locally, serve, unix_now,
};

const PATIENCE: Duration = Duration::from_secs(120);

fn srs(k: u32) -> Srs {
    static SRS: OnceLock<Srs> = OnceLock::new();
    let srs = SRS.get_or_init(|| Srs::development(11, &Progress::none()).unwrap());
    srs.downsize(k, &Progress::none()).unwrap()
}

/// The tiny model with its prover's files.
fn files(options: CircuitOptions, weights: Option<Vec<i64>>) -> ProverFiles {
    let (graph, mut values) = zkml_testing::model::graph();
    if let Some(weights) = weights {
        values.tensors[0] = weights;
    }
    let model = CompiledModel::from_graph(graph, values, options).unwrap();
    let srs = srs(model.k());
    let (key, _) = model.setup(&srs, &Progress::none()).unwrap();
    ProverFiles {
        model,
        key,
        srs,
        secret: (options.params == ParamVisibility::Committed).then(ModelSecret::random),
        device: zkml::Device::default(),
    }
}

/// How models are compiled for the protocol.
fn bound(inputs: Visibility, outputs: Visibility, params: ParamVisibility) -> CircuitOptions {
    CircuitOptions {
        inputs,
        outputs,
        params,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    }
}

/// A published model.
fn prover(
    keys: &ProviderKeys,
    inputs: Visibility,
    outputs: Visibility,
    params: ParamVisibility,
) -> ProvingEngine {
    let files = files(bound(inputs, outputs, params), None);
    ProvingEngine::publish("tiny", files, true, keys, &Progress::none()).unwrap()
}

fn hidden(keys: &ProviderKeys) -> ProvingEngine {
    prover(
        keys,
        Visibility::Hashed,
        Visibility::Hashed,
        ParamVisibility::Committed,
    )
}

fn asked(values: [i64; 2]) -> Asked {
    Asked {
        inputs: vec![values.to_vec()],
        expiry: unix_now() + 600,
        evm: Some(EvmRecipient {
            account: [7; 20].into(),
            chain: NonZeroU64::MIN,
            registry: [8; 20].into(),
        }),
        identity: None,
    }
}

fn pending(prover: &ProvingEngine, values: [i64; 2]) -> PendingRequest {
    PendingRequest::new(prover.manifest(), asked(values)).unwrap()
}

fn run(prover: &ProvingEngine, binding: &Binding, open: &OpenRequest) -> Outcome {
    prover.answer(binding, open, &Progress::none()).unwrap()
}

fn answer(prover: &ProvingEngine, request: &PendingRequest) -> Answer {
    match run(prover, &request.binding(), &OpenRequest::from(request)) {
        Outcome::Answer(answer) => answer,
        Outcome::Refusal(reason) => panic!("{reason}"),
    }
}

fn check(model: &PublishedModel, request: &PendingRequest, answer: &Answer) -> Result<CheckedAnswer, Error> {
    model.check_answer(request, answer, unix_now())
}

/// The answer with another proof.
fn with_proof(answer: &Answer, proof: Proof) -> Answer {
    Answer {
        proof,
        output_salts: answer.output_salts.clone(),
        outputs: answer.outputs.clone(),
    }
}
