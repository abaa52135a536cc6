//! What the command line says: types that clap fills, without any behaviour.

mod address;
mod ask;
mod backend;
mod calldata;
mod commit;
mod compile;
mod context;
mod contract;
mod demo;
mod doctor;
mod identity;
mod inspect;
mod key;
mod keys;
mod mock;
mod model_input;
mod open;
mod pinned;
mod prove;
mod provider;
mod proving_key;
mod publish;
mod recipient;
mod setup;
mod srs;
mod trust;
mod url;
mod validate;
mod verify;

pub use address::Address;
pub use ask::{AskArgs, ResumeArgs};
pub use backend::BackendArgs;
pub use calldata::CalldataArgs;
pub use commit::CommitArgs;
pub use compile::{CompileArgs, CompileChoices, Goal, ParamsSeenBy, SeenBy};
pub use context::ContextLength;
pub use contract::ContractArgs;
pub use demo::DemoArgs;
pub use doctor::DoctorArgs;
pub use identity::{IdentityArgs, IdentityCommand};
pub use inspect::InspectArgs;
pub use key::{KeyArgs, KeyCheckArgs, KeyCommand};
pub use keys::{KeysArgs, KeysCommand};
pub use mock::MockArgs;
pub use model_input::InputArgs;
pub use open::OpenArgs;
pub use pinned::PinnedArgs;
pub use prove::{ProveArgs, ProverArg};
pub use provider::{ProviderArgs, ServeArgs, WorkerArgs};
pub use proving_key::ProvingKeyArgs;
pub use publish::PublishArgs;
pub use recipient::RecipientArgs;
pub use setup::SetupArgs;
pub use srs::{SrsArgs, SrsCommand, SrsFormat, SrsImportArgs, SrsNewArgs};
pub use trust::{KeyTrustArgs, SrsRequirement};
pub use validate::ValidateArgs;
pub use verify::VerifyArgs;

use clap::{Args, Parser, Subcommand};

/// Prove in zero knowledge that a neural network produced an output.
#[derive(Parser, Debug)]
#[command(name = "zkml", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
From a model to a verified proof:
  zkml compile model.onnx --calibrate samples.npz   writes model.zkml
  zkml srs import powers.ptau                       once per machine
  zkml setup model.zkml                             writes model.pk, model.vk and model.circuit
  zkml prove model.zkml --input sample.json         writes model.zkproof
  zkml verify --vk model.vk model.zkproof           needs neither the model nor the SRS
  zkml key check --circuit model.circuit --vk model.vk   is this key the model's?

For smart contracts, compile with --optimize evm, then:
  zkml contract model.vk                            writes ModelVerifier.sol
  zkml calldata model.zkproof                       prints the call that verifies it

For private inference, compile with --input hashed --params committed --context request --saturate:
  zkml publish model.zkml --keys provider.keys      writes model.manifest.json
  zkml serve model.manifest.json --keys provider.keys
  zkml ask http://HOST:8080 --input sample.json     writes answer.zkproof
  zkml validate answer.zkproof --manifest model.manifest.json --vk model.vk

Exit codes: 0 done, proven or valid; 1 the proof is invalid; 2 error.

To see it all at work without any file: zkml demo";

/// Options of every command.
#[derive(Args, Debug, Clone, Default)]
pub struct Global {
    /// Print the result as JSON on stdout; everything else goes to stderr
    #[arg(long, global = true, display_order = 900)]
    pub json: bool,
    /// Print the result and errors only
    #[arg(long, short, global = true, display_order = 901)]
    pub quiet: bool,
}

/// The commands; clap takes their texts from the types.
#[derive(Subcommand, Debug)]
pub enum Command {
    Demo(DemoArgs),
    Inspect(InspectArgs),
    Compile(CompileArgs),
    Srs(SrsArgs),
    Setup(SetupArgs),
    Commit(CommitArgs),
    Prove(ProveArgs),
    Verify(VerifyArgs),
    Contract(ContractArgs),
    Calldata(CalldataArgs),
    Open(OpenArgs),
    Mock(MockArgs),
    Key(KeyArgs),
    Keys(KeysArgs),
    Publish(PublishArgs),
    Serve(ServeArgs),
    Worker(WorkerArgs),
    Identity(IdentityArgs),
    Ask(AskArgs),
    Resume(ResumeArgs),
    Validate(ValidateArgs),
    Doctor(DoctorArgs),
}
