//! The prover: a model, its key and its SRS on a device.

mod builder;
mod options;

pub use builder::ProverBuilder;
pub use options::ProveOptions;

use crate::backend::{Extras, NetworkCircuit, Trace};
use crate::commitments::{Commitment, HashedTensor, Opening, Salt};
use crate::committed::Link;
use crate::compiled::CompiledModel;
use crate::engine::{Engine, Statement, Threads};
use crate::keys::ProvingKey;
use crate::proof::Proof;
use crate::transcript::TranscriptKind;
use crate::{Error, Progress, Srs, Verifier};
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, EncodedChallenge, TranscriptWriterBuffer};
use halo2curves::bn256::{Fr, G1Affine};
use std::fmt;
use std::sync::Arc;
use zkml_core::float::FloatTensor;
use zkml_evm::EvmWrite;

/// A model with its proving key and its SRS, ready to prove on one device.
///
/// [`Prover::builder`] takes the parts, owned or shared; [`ProverBuilder::build`] checks once that they belong together and
/// prepares them. A prover serves any number of proofs, from any number of threads at once. A program may have several, on
/// different devices and with threads of their own; parts in an [`Arc`] are shared between them.
///
/// ```no_run
/// use zkml::{CompiledModel, Device, Prover, ProvingKey, Srs};
/// # fn inputs() -> Vec<zkml::FloatTensor> { Vec::new() }
/// # fn main() -> Result<(), zkml::Error> {
/// let model = CompiledModel::load("lenet5.zkml".as_ref())?;
/// let key = ProvingKey::load("lenet5.pk".as_ref())?;
/// let srs = Srs::load("k13.srs".as_ref())?;
/// let prover = Prover::builder(model, key, srs).device(Device::Cpu).threads(8).build()?;
/// let proof = prover.prove(&inputs())?;
/// let claim = prover.verifier().verify(&proof)?;
/// println!("{:?}", claim.tensors);
/// # Ok(())
/// # }
/// ```
pub struct Prover {
    model: Arc<CompiledModel>,
    key: Arc<ProvingKey>,
    srs: Arc<Srs>,
    link: Option<Link>,
    verifier: Verifier,
    engine: Engine,
    threads: Threads,
}

/// A proof, and what the owners of hashed tensors get.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The proof.
    pub proof: Proof,
    /// The openings of its commitments, in their order: not for the verifier.
    pub openings: Vec<Opening>,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover")
            .field("model", self.model.digest())
            .field("key", self.key.verifying_key().digest())
            .field("device", &self.device_name())
            .finish_non_exhaustive()
    }
}

impl Prover {
    /// Starts with what every prover has: a model, its proving key, and the SRS that the key was made with.
    pub fn builder(
        model: impl Into<Arc<CompiledModel>>,
        key: impl Into<Arc<ProvingKey>>,
        srs: impl Into<Arc<Srs>>,
    ) -> ProverBuilder {
        ProverBuilder::new(model.into(), key.into(), srs.into())
    }

    /// The model.
    pub fn model(&self) -> &Arc<CompiledModel> {
        &self.model
    }

    /// The proving key.
    pub fn key(&self) -> &Arc<ProvingKey> {
        &self.key
    }

    /// The SRS, of the key's size.
    pub fn srs(&self) -> &Arc<Srs> {
        &self.srs
    }

    /// What verifies the proofs of this prover.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// What computes the proofs, for people: `cpu (AVX-512 IFMA, 2 threads)`.
    pub fn device_name(&self) -> String {
        self.threads.install(|| self.engine.name())
    }

    /// Proves a run with default options. Salts of hashed tensors are fresh and forgotten.
    ///
    /// # Errors
    /// Those of [`Prover::prove_with`].
    pub fn prove(&self, inputs: &[FloatTensor]) -> Result<Proof, Error> {
        Ok(self.prove_with(inputs, &ProveOptions::default())?.proof)
    }

    /// Runs the model on inputs and proves the run. The proof is verified before it is returned.
    ///
    /// # Errors
    /// Those of [`CompiledModel::run`] for inputs that the model does not take; [`Error::ContextLength`] and
    /// [`Error::UnknownSalt`]; [`Error::Unproven`] if the circuit is not satisfied, or the model commitment is not to these
    /// parameters with this secret; [`Error::Backend`] if the device fails; [`Error::Cancelled`].
    #[tracing::instrument(level = "debug", name = "prove", skip_all)]
    pub fn prove_with(&self, inputs: &[FloatTensor], options: &ProveOptions) -> Result<Proven, Error> {
        let (model, progress) = (&self.model, &options.progress);
        let salts = options.salts(model)?;
        if options.context.len() != model.context_len() {
            return Err(Error::ContextLength {
                expected: model.context_len(),
                found: options.context.len(),
            });
        }
        let (trace, circuit) = self.threads.install(|| self.fill(inputs, &salts, options))?;
        // The circuit has computed the commitments; tensors go by their own order here.
        let mut public_values = model.public_values(&trace);
        let rest = circuit.public_values().split_off(public_values.len());
        public_values.extend(rest);
        let key = self.key.verifying_key();
        let proof = Proof {
            model_digest: *self.key.model_digest(),
            key_digest: *key.digest(),
            transcript: key.transcript(),
            bytes: self.write(&circuit, &public_values, progress)?,
            public_values,
        };
        // Whatever made it: halo2's prover does not look whether the constraints hold.
        let claim = progress.stage("checking the proof", || {
            match self.threads.install(|| self.verifier.verify(&proof)) {
                Err(Error::InvalidProof { reason }) => Err(Error::Unproven { reason }),
                other => other,
            }
        })?;
        let opening = |((tensor, salt), commitment): ((HashedTensor, Salt), &Commitment)| Opening {
            tensor,
            commitment: commitment.value,
            salt,
        };
        let openings = model.hashed_tensors().into_iter().zip(salts);
        Ok(Proven {
            openings: openings.zip(&claim.commitments).map(opening).collect(),
            proof,
        })
    }

    /// Runs the model, and fills the circuit with the run.
    #[tracing::instrument(level = "debug", name = "fill", skip_all)]
    fn fill(
        &self,
        inputs: &[FloatTensor],
        salts: &[Salt],
        options: &ProveOptions,
    ) -> Result<(Trace, NetworkCircuit), Error> {
        let (model, progress) = (&self.model, &options.progress);
        let trace = progress.stage("running the model", || model.trace(inputs))?;
        let circuit = progress.stage("filling the circuit", || {
            let salts: Vec<Fr> = salts.iter().map(|s| s.0).collect();
            let context: Vec<Fr> = options.context.iter().map(|c| c.0).collect();
            let extras = Extras {
                salts: &salts,
                context: &context,
            };
            model.witness(&trace, &extras)
        })?;
        Ok((trace, circuit))
    }

    /// The bytes of a proof.
    fn write(
        &self,
        circuit: &NetworkCircuit,
        public_values: &[Fr],
        progress: &Progress,
    ) -> Result<Vec<u8>, Error> {
        let columns = self.key.verifying_key().public_columns(public_values)?;
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let statement = Statement {
            circuit,
            instances: &columns,
            link: self.link.as_ref(),
        };
        match self.key.verifying_key().transcript() {
            TranscriptKind::Blake2b => {
                let transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
                self.write_to(transcript, &statement, progress)
            }
            TranscriptKind::Evm => self.write_to(EvmWrite::init(Vec::new()), &statement, progress),
        }
    }

    fn write_to<E, T>(
        &self,
        mut transcript: T,
        statement: &Statement<'_>,
        progress: &Progress,
    ) -> Result<Vec<u8>, Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWriterBuffer<Vec<u8>, G1Affine, E> + Send,
    {
        self.engine
            .prove(&self.threads, statement, &mut transcript, progress)?;
        Ok(transcript.finalize())
    }
}
