//! Private inference: a user asks a provider's model, and gets an answer that anyone can check,
//! while only that provider sees the input and has the weights.
//!
//! * A **provider** publishes a [`SignedManifest`] of a model, whose digest everyone pins, and runs a
//!   [`Service`] with [`Worker`]s.
//! * A **user** seals a [`PendingRequest`] to the provider, and checks the answer with a
//!   [`PublishedModel`].
//! * A **validator** checks the same proof with [`PublishedModel::validate`], from commitments alone.
//!
//! The feature `client` is for users, `service` for providers, `prover` for those who prove. Without
//! any of them the crate makes and checks messages.

mod bytes;
#[cfg(feature = "client")]
mod client;
mod clock;
mod codec;
mod engine;
mod envelope;
mod error;
mod keys;
mod manifest;
#[cfg(feature = "prover")]
mod prover;
mod published;
#[cfg(feature = "service")]
mod queue;
mod random;
#[cfg(feature = "service")]
mod service;
#[cfg(test)]
mod testing;
mod wire;
#[cfg(feature = "service")]
mod worker;

pub use bytes::{EvmAddress, IdentityKey, ProviderKey, RequestId, Requester, SealingKey, Signature};
#[cfg(feature = "client")]
pub use client::Client;
pub use clock::unix_now;
pub use engine::Engine;
pub use envelope::{
    Answer, Asked, Binding, Destination, EvmRecipient, OpenRequest, Outcome, PendingRequest, Refusal,
    RequestHeader, SealedAnswer, SealedRequest,
};
pub use error::Error;
pub use keys::{Identity, ProviderKeys, ReplyKey, SealingSecret};
pub use manifest::{
    Accuracy, InputSchema, Manifest, ModelVisibility, OutputSchema, SignedManifest, TensorVisibility,
    WeightVisibility,
};
#[cfg(feature = "prover")]
pub use prover::{ProverFiles, ProvingEngine, Publication, prove_locally, publish};
pub use published::{CheckedAnswer, PublishedModel, Validated};
#[cfg(feature = "service")]
pub use queue::{Budget, Job, Queue, Status, Submitted};
#[cfg(feature = "service")]
pub use service::{Hosted, Metrics, Requesters, Service, ServiceOptions, serve};
pub use wire::{Health, ModelEntry, ModelList, Problem, RequestStatus, State};
#[cfg(feature = "service")]
pub use worker::{Worker, WorkerOptions};
pub use zkml::commitments::Salt;
