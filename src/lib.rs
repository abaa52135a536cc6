//! Zero-knowledge proofs that a neural network produced an output.
//!
//! A [`Model`] is imported from ONNX and compiled to a [`CompiledModel`]: an integer graph and its
//! circuit. With an [`Srs`] that gives a [`ProvingKey`] and a [`VerifyingKey`]. A [`Prover`] holds model, proving key and
//! SRS and makes a [`Proof`] of a run; a [`Verifier`] holds the verifying key, verifies the proof and returns the [`Claim`]
//! that it proves. A verifier needs the verifying key and the proof, and of this crate no more than what is left without
//! its features. With the feature `keys`, a user who does not trust the key's maker makes the key again from the model's
//! published `Circuit`, which holds no weights; the feature `prover` adds import, compilation and proving.
//!
//! [`commitments`] has what hides tensors and parameters, [`ceremony`] what is known of an SRS, [`report`] what people read of
//! a model, `device` what a machine has to prove with. [`advanced`] is for tools that look inside, and unstable.
//!
#![cfg_attr(
    feature = "prover",
    doc = r#"
```no_run
use zkml::{CompileOptions, ImportOptions, Model, Progress, Prover, SrsCache, Verifier};
# fn inputs() -> Vec<zkml::FloatTensor> { Vec::new() }
# fn main() -> Result<(), zkml::Error> {
let progress = Progress::none();
let model = Model::load("model.onnx".as_ref(), &ImportOptions::default())?;
let compiled = model.compile(&[inputs()], &CompileOptions::default(), &progress)?;
let srs = SrsCache::for_user()?.find(compiled.k(), &progress)?;
let (proving_key, verifying_key) = compiled.setup(&srs, &progress)?;
let prover = Prover::builder(compiled, proving_key, srs).build()?;
let proof = prover.prove(&inputs())?;
let claim = Verifier::new(verifying_key)?.verify(&proof)?;
println!("{:?}", claim.tensors);
# Ok(())
# }
```
"#
)]

pub mod advanced;
mod artifact;
mod backend;
pub mod ceremony;
#[cfg(feature = "keys")]
mod circuit;
mod claim;
mod committed;
#[cfg(feature = "prover")]
mod compiled;
mod contract;
#[cfg(feature = "keys")]
pub mod device;
mod digest;
mod element;
#[cfg(feature = "keys")]
mod engine;
mod error;
mod error_bound;
mod field;
mod hashed;
mod keys;
mod kzg;
mod layout;
#[cfg(feature = "prover")]
mod model;
#[cfg(feature = "keys")]
mod prepared;
mod progress;
mod proof;
mod protocol;
#[cfg(feature = "prover")]
mod prover;
mod role;
mod schema;
#[cfg(feature = "prover")]
mod setup;
#[cfg(feature = "keys")]
mod srs;
mod srs_id;
mod text;
mod transcript;
mod verifier;

pub use backend::{Optimize, ParamVisibility, Visibility};
#[cfg(feature = "keys")]
pub use circuit::Circuit;
pub use claim::{Claim, TensorValue};
#[cfg(feature = "prover")]
pub use compiled::{CompiledModel, Inference};
#[cfg(feature = "keys")]
pub use device::Device;
pub use digest::Digest;
pub use element::Element;
pub use error::Error;
#[cfg(feature = "keys")]
pub use keys::ProvingKey;
pub use keys::VerifyingKey;
#[cfg(feature = "prover")]
pub use model::{CompileOptions, ImportOptions, Model, ModelTensor};
#[cfg(feature = "prover")]
pub use ndarray;
pub use progress::Progress;
pub use proof::Proof;
#[cfg(feature = "prover")]
pub use prover::{ProveOptions, Proven, Prover, ProverBuilder};
pub use role::Role;
pub use schema::TensorInfo;
#[cfg(feature = "prover")]
pub use setup::SetupOptions;
#[cfg(feature = "keys")]
pub use srs::{Srs, SrsCache};
pub use transcript::TranscriptKind;
pub use verifier::{Verifier, VerifierBuilder};
#[cfg(feature = "prover")]
pub use zkml_core::float::FloatTensor;
pub use zkml_evm as evm;

/// Commitments: to the tensors of a run, and to the parameters of a model.
pub mod commitments {
    #[cfg(feature = "prover")]
    pub use crate::committed::ModelSecret;
    pub use crate::committed::{ModelCommitment, PinnedModel};
    pub use crate::hashed::{Commitment, HashedTensor, Opening, Salt, TensorForm, commit};
}

/// What is known of a model besides its outputs: sizes, ranges, errors, operators.
pub mod report {
    pub use crate::layout::Layout;
    #[cfg(feature = "prover")]
    pub use zkml_core::onnx::{
        Summary as OnnxSummary, SummaryOperator, SummaryTensor, summary as onnx_summary,
    };
    #[cfg(feature = "prover")]
    pub use zkml_core::reach::Escape;
    #[cfg(feature = "prover")]
    pub use zkml_core::report::{Beyond, LayerReport, Report};
}

/// The example in README.md compiles.
#[cfg(all(doctest, feature = "prover"))]
#[doc = include_str!("../README.md")]
struct Readme;
