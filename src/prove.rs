//! Making keys and proofs.

use crate::artifact::ArtifactKind;
use crate::backend::{Extras, NetworkCircuit, Optimize, WitnessColumn};
use crate::committed::Link;
use crate::compiled::CompiledModel;
use crate::engine::{self, Prover};
use crate::keys::{Parts, ProvingKey, VerifyingKey};
use crate::proof::{Proof, TranscriptKind};
use crate::{
    Commitment, Element, Error, HashedTensor, ModelCommitment, ModelSecret, Opening, PinnedModel, Progress,
    Role, Salt, Srs,
};
use ff::Field;
use group::Curve;
use halo2_proofs::plonk::create_proof;
use halo2_proofs::poly::Polynomial;
use halo2_proofs::poly::commitment::{Blind, Params};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, EncodedChallenge, TranscriptWriterBuffer};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use zkml_core::float::FloatTensor;
use zkml_evm::EvmWrite;

impl CompiledModel {
    /// Makes the keys. Whoever has the same model and the same SRS gets the same keys. Proofs of a
    /// model that is compiled for contracts ([`Optimize::Evm`]) have the transcript
    /// that contracts follow, others Blake2b.
    ///
    /// # Errors
    /// [`Error::SrsTooSmall`], [`Error::Backend`], [`Error::Cancelled`]. An SRS that is larger
    /// than [`CompiledModel::k`] is cut to size, which takes a while.
    pub fn setup(&self, srs: &Srs, progress: &Progress) -> Result<(ProvingKey, VerifyingKey), Error> {
        let transcript = match self.options().optimize {
            Optimize::Evm => TranscriptKind::Evm,
            Optimize::Prover | Optimize::Verifier => TranscriptKind::Blake2b,
        };
        self.setup_with(srs, transcript, progress)
    }

    /// Makes keys whose proofs have a transcript of choice.
    ///
    /// # Errors
    /// As [`CompiledModel::setup`].
    pub fn setup_with(
        &self,
        srs: &Srs,
        transcript: TranscriptKind,
        progress: &Progress,
    ) -> Result<(ProvingKey, VerifyingKey), Error> {
        const STAGE: &str = "making keys";
        let srs = srs.sized(self.k(), progress)?;
        let (halo2, engine) = progress.stage(STAGE, || engine::keygen(&srs, &self.circuit.blank()))?;
        let parts = Parts {
            model_digest: *self.digest(),
            s_g2: srs.params().s_g2(),
            transcript,
            shape: self.circuit.shape().clone(),
            schema: self.schema(),
        };
        let verifying_key = VerifyingKey::new(parts, &halo2)?;
        Ok((ProvingKey::new(verifying_key.clone(), engine), verifying_key))
    }
}

/// How to prove, and what a proof is made of besides the inputs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ProveOptions<'a> {
    /// Which code makes the proof.
    pub prover: Prover,
    context: Vec<Element>,
    salts: Vec<((Role, String), Salt)>,
    model: Option<(PinnedModel<'a>, &'a ModelSecret)>,
}

impl<'a> ProveOptions<'a> {
    /// Chooses the code that makes the proof.
    #[must_use]
    pub fn prover(mut self, prover: Prover) -> Self {
        self.prover = prover;
        self
    }

    /// The values that the proof is bound to and that its circuit says nothing about; as many as the model
    /// was compiled for.
    #[must_use]
    pub fn context(mut self, values: Vec<Element>) -> Self {
        self.context = values;
        self
    }

    /// The salt of a hashed input or output, or with an empty name of the parameters. Without one a fresh
    /// salt is drawn. Two commitments with the same salt tell whether they are to the same values.
    #[must_use]
    pub fn salt(mut self, role: Role, name: impl Into<String>, salt: Salt) -> Self {
        self.salts.push(((role, name.into()), salt));
        self
    }

    /// The model commitment that the proof is linked to, and its secret; needed exactly if the model's
    /// parameters are committed.
    #[must_use]
    pub fn model(mut self, model: PinnedModel<'a>, secret: &'a ModelSecret) -> Self {
        self.model = Some((model, secret));
        self
    }
}

/// A proof, and what the owners of hashed tensors get.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The proof.
    pub proof: Proof,
    /// The openings of its commitments, in their order: not for the verifier.
    pub openings: Vec<Opening>,
}

impl ProvingKey {
    /// Proves a run with default options. Salts of hashed tensors are fresh and forgotten.
    ///
    /// # Errors
    /// Those of [`ProvingKey::prove_with`].
    pub fn prove(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        inputs: &[FloatTensor],
        progress: &Progress,
    ) -> Result<Proof, Error> {
        let proven = self.prove_with(model, srs, inputs, &ProveOptions::default(), progress)?;
        Ok(proven.proof)
    }

    /// Runs the model on inputs and proves the run. The proof is verified before it is returned.
    ///
    /// # Errors
    /// [`Error::WrongModel`] and [`Error::WrongSrs`] for files that do not belong to the key;
    /// [`Error::SrsTooSmall`]; those of [`CompiledModel::run`] for inputs that the model does not
    /// take; [`Error::ContextLength`] and [`Error::UnknownSalt`]; [`Error::CommitmentNeeded`],
    /// [`Error::NothingCommitted`] and [`Error::WrongCommitment`]; [`Error::Unproven`] if the circuit is not
    /// satisfied, or the model commitment is not to these parameters with this secret; [`Error::UpstreamLink`];
    /// [`Error::Cancelled`]. An SRS that is larger than the key's k is cut to size, which takes a while.
    pub fn prove_with(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        inputs: &[FloatTensor],
        options: &ProveOptions<'_>,
        progress: &Progress,
    ) -> Result<Proven, Error> {
        self.check_model(model)?;
        self.check_srs(srs)?;
        let pinned = options.model.as_ref().map(|(model, _)| model);
        self.verifying_key().check_commitment(pinned)?;
        if pinned.is_some() && options.prover == Prover::Upstream {
            return Err(Error::UpstreamLink);
        }
        let (hashed, salts) = (model.hashed_tensors(), salts(model, options)?);
        if options.context.len() != model.context_len() {
            return Err(Error::ContextLength {
                expected: model.context_len(),
                found: options.context.len(),
            });
        }
        let srs = srs.sized(self.k(), progress)?;
        let fill = || {
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
            Ok::<_, Error>((trace, circuit))
        };
        // A link waits for nothing. Its thread is not the pool's, which takes up a whole run only with a proof's turn.
        let (filled, link) = match options.model {
            None => (fill(), Ok(None)),
            Some(_) => std::thread::scope(|scope| {
                let link = scope.spawn(|| self.link(model, options));
                (
                    fill(),
                    link.join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                )
            }),
        };
        let ((trace, circuit), link) = (filled?, link?);
        // The circuit has computed the commitments; tensors go by their own order here.
        let mut public_values = model.public_values(&trace);
        let rest = circuit.public_values().split_off(public_values.len());
        public_values.extend(rest);
        let columns = self.verifying_key().public_columns(&public_values)?;
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let run = Run {
            circuit: &circuit,
            columns: &columns,
            link: link.as_ref(),
            prover: options.prover,
        };
        let transcript = self.verifying_key().transcript();
        let bytes = match transcript {
            TranscriptKind::Blake2b => {
                let transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
                self.write(&srs, &run, transcript, progress)
            }
            TranscriptKind::Evm => self.write(&srs, &run, EvmWrite::init(Vec::new()), progress),
        }?;
        let proof = Proof {
            model_digest: *self.model_digest(),
            key_digest: *self.verifying_key().digest(),
            transcript,
            public_values,
            bytes,
        };
        // Whatever made it: halo2's prover does not look whether the constraints hold.
        let claim = progress.stage("checking the proof", || {
            match self.verifying_key().verify_with(&proof, pinned) {
                Err(Error::InvalidProof { reason }) => Err(Error::Unproven { reason }),
                other => other,
            }
        })?;
        let opening = |((tensor, salt), commitment): ((HashedTensor, Salt), &Commitment)| Opening {
            tensor,
            commitment: commitment.value,
            salt,
        };
        let openings = hashed.into_iter().zip(salts).zip(&claim.commitments);
        Ok(Proven {
            openings: openings.map(opening).collect(),
            proof,
        })
    }

    fn write<E, T>(
        &self,
        srs: &Srs,
        run: &Run<'_>,
        mut transcript: T,
        progress: &Progress,
    ) -> Result<Vec<u8>, Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWriterBuffer<Vec<u8>, G1Affine, E> + Send,
    {
        match run.prover {
            Prover::Engine => engine::prove(
                self,
                srs,
                run.circuit,
                run.columns,
                run.link,
                &mut transcript,
                progress,
            )?,
            Prover::Upstream => progress.stage("proving with the upstream prover", || {
                let key = self.halo2()?;
                create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
                    srs.params(),
                    key,
                    std::slice::from_ref(run.circuit),
                    &[run.columns],
                    OsRng,
                    &mut transcript,
                )
                .map_err(|e| Error::Backend {
                    stage: "proving",
                    reason: e.to_string(),
                })
            })?,
        }
        Ok(transcript.finalize())
    }

    /// Commits to a model's parameters: whoever proves with them links the proofs to this commitment.
    ///
    /// # Errors
    /// [`Error::NothingCommitted`] if the model's parameters are not committed; [`Error::WrongModel`],
    /// [`Error::WrongSrs`], [`Error::SrsTooSmall`], [`Error::Cancelled`] as for proofs.
    pub fn commit_model(
        &self,
        model: &CompiledModel,
        srs: &Srs,
        secret: &ModelSecret,
        progress: &Progress,
    ) -> Result<ModelCommitment, Error> {
        self.check_model(model)?;
        self.check_srs(srs)?;
        let key = self.verifying_key();
        if !key.commits_params() {
            return Err(Error::NothingCommitted);
        }
        let srs = srs.sized(self.k(), progress)?;
        progress.stage("committing to the parameters", || {
            let columns = model.weight_columns()?;
            let blinding = secret.blinding(key.digest(), &columns, self.blinding_rows());
            let commit = |(column, blinding): (&WitnessColumn, Vec<Fr>)| {
                let mut values = vec![Fr::ZERO; (1 << key.k()) - blinding.len()];
                for (row, cell) in column.cells() {
                    values[row] = cell;
                }
                values.extend(blinding);
                srs.params()
                    .commit_lagrange(&Polynomial::new(values), Blind::default())
                    .to_affine()
            };
            Ok(ModelCommitment {
                model_digest: *key.model_digest(),
                key_digest: *key.digest(),
                columns: columns.iter().zip(blinding).map(commit).collect(),
            })
        })
    }

    /// The link to the model commitment, if the parameters are committed.
    fn link<'a>(
        &self,
        model: &CompiledModel,
        options: &'a ProveOptions<'_>,
    ) -> Result<Option<Link<'a>>, Error> {
        let Some((pinned, secret)) = &options.model else {
            return Ok(None);
        };
        let (parameters, verifying_key) = (model.weight_columns()?, self.verifying_key());
        Ok(Some(Link {
            statement: pinned.statement(),
            columns: verifying_key.parts.shape.weight_columns(),
            blinding: secret.blinding(verifying_key.digest(), &parameters, self.blinding_rows()),
            parameters,
        }))
    }

    /// Rows that hold random values in every column: halo2 fills one more than it counts.
    pub(crate) fn blinding_rows(&self) -> usize {
        self.verifying_key().halo2().cs().blinding_factors() + 1
    }

    fn check_srs(&self, srs: &Srs) -> Result<(), Error> {
        if srs.id() == self.srs_id() {
            return Ok(());
        }
        Err(Error::WrongSrs {
            expected: self.srs_id().to_string(),
            found: srs.id().to_string(),
        })
    }

    fn check_model(&self, model: &CompiledModel) -> Result<(), Error> {
        if self.model_digest() == model.digest() {
            return Ok(());
        }
        Err(Error::WrongModel {
            what: ArtifactKind::ProvingKey,
            expected: model.digest().to_string(),
            found: self.model_digest().to_string(),
        })
    }
}

/// What is proven.
struct Run<'r> {
    circuit: &'r NetworkCircuit,
    columns: &'r [&'r [Fr]],
    link: Option<&'r Link<'r>>,
    prover: Prover,
}

/// The salt of each commitment: the caller's, or a fresh one.
fn salts(model: &CompiledModel, options: &ProveOptions<'_>) -> Result<Vec<Salt>, Error> {
    let hashed = model.hashed_tensors();
    let is = |t: &HashedTensor, (role, name): &(Role, String)| t.role == *role && t.name == *name;
    if let Some((unknown, _)) = options
        .salts
        .iter()
        .find(|(key, _)| !hashed.iter().any(|t| is(t, key)))
    {
        let all: Vec<String> = hashed
            .iter()
            .map(|t| format!("{:?} {}", t.role, t.name))
            .collect();
        return Err(Error::UnknownSalt {
            expected: match all.is_empty() {
                true => "none".to_owned(),
                false => all.join(", "),
            },
            found: format!("{:?} {}", unknown.0, unknown.1),
        });
    }
    let given = |t: &HashedTensor| options.salts.iter().rev().find(|(key, _)| is(t, key));
    Ok(hashed
        .iter()
        .map(|t| given(t).map_or_else(Salt::random, |(_, salt)| salt.clone()))
        .collect())
}
