//! Hashed tensors, a context, committed parameters, and proofs in batches, through the public API.

mod batch;
#[path = "../common/mod.rs"]
mod common;
mod contract;
mod hashed;
mod links;

use common::input;
use std::ops::Range;
use zkml::{
    CompiledModel, Error, ModelCommitment, ModelSecret, Progress, Proof, ProveOptions, Proven, ProvingKey,
    Srs, TranscriptKind, VerifyingKey,
};

/// Where a proof whose points take `point` bytes has what its link is in: the quotient's first piece, and the scalar before
/// the evaluations.
fn link_places(setup: &Setup, point: usize) -> [Range<usize>; 2] {
    let cs = setup.verifying_key.halo2().cs();
    let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
    let (random, pieces) = (1, cs.degree() - 1);
    let first = point * (cs.num_advice_columns() + products + random);
    let scalar = first + point * pieces;
    [first..first + point, scalar..scalar + 32]
}

fn none() -> Progress {
    Progress::none()
}

struct Setup {
    model: CompiledModel,
    srs: Srs,
    proving_key: ProvingKey,
    verifying_key: VerifyingKey,
}

impl Setup {
    fn new(model: CompiledModel) -> Self {
        let srs = Srs::development(model.k(), &none()).unwrap();
        Self::with_srs(model, srs)
    }

    fn with_srs(model: CompiledModel, srs: Srs) -> Self {
        Self::make(model, srs, TranscriptKind::Blake2b)
    }

    /// With a key whose proofs a contract can follow.
    fn for_contracts(model: CompiledModel) -> Self {
        let srs = Srs::development(model.k(), &none()).unwrap();
        Self::make(model, srs, TranscriptKind::Evm)
    }

    fn make(model: CompiledModel, srs: Srs, transcript: TranscriptKind) -> Self {
        let (proving_key, verifying_key) = model.setup_with(&srs, transcript, &none()).unwrap();
        Setup {
            model,
            srs,
            proving_key,
            verifying_key,
        }
    }

    fn prove(&self, values: [f32; 2], options: &ProveOptions<'_>) -> Result<Proven, Error> {
        self.proving_key
            .prove_with(&self.model, &self.srs, &input(values), options, &none())
    }

    fn commit(&self, secret: &ModelSecret) -> ModelCommitment {
        self.proving_key
            .commit_model(&self.model, &self.srs, secret, &none())
            .unwrap()
    }
}

/// A proof with other bytes.
fn with_bytes(proof: &Proof, bytes: &[u8]) -> Proof {
    let mut json: serde_json::Value = serde_json::from_str(&proof.to_json().unwrap()).unwrap();
    json["proof"] = hex::encode(bytes).into();
    Proof::from_json(&json.to_string()).unwrap()
}
