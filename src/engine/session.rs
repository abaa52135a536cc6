//! Proofs: an SRS and a key on a device, and what is proven with them.

use super::{Implementation, Threads, engine_columns, failed, srs_on_cpu};
use crate::backend::NetworkCircuit;
use crate::committed::{Link, Linking};
use crate::device::{Device, Opened};
use crate::keys::ProvingKey;
use crate::{Error, Progress, Srs};
use halo2_proofs::plonk::create_proof;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use std::ops::ControlFlow;
use std::sync::Arc;
use zkml_kernels::{Backend, Cpu};
use zkml_prover::{DeviceKey, Extension, PhasedColumns, Setup, Stage};

const STAGE: &str = "proving";

/// What is proven.
pub(crate) struct Statement<'s> {
    pub(crate) circuit: &'s NetworkCircuit,
    /// The columns of public values.
    pub(crate) instances: &'s [&'s [Fr]],
    /// The link to a model commitment, if the parameters are committed.
    pub(crate) link: Option<&'s Link>,
}

/// A key and its SRS, ready to prove.
pub(crate) enum Engine {
    Cpu(Session<Cpu>),
    #[cfg(feature = "_gpu")]
    Cuda(Session<zkml_kernels::Cuda>),
    /// halo2's own prover.
    Upstream(Arc<ProvingKey>, Arc<Srs>),
}

/// A key and its SRS on a backend.
pub(crate) struct Session<B: Backend> {
    backend: B,
    srs: Arc<zkml_prover::Srs<B>>,
    key: Arc<DeviceKey<B>>,
}

impl Engine {
    /// Prepares a key and an SRS of its size.
    pub(crate) fn new(
        implementation: Implementation,
        device: Device,
        key: Arc<ProvingKey>,
        srs: Arc<Srs>,
        progress: &Progress,
    ) -> Result<Self, Error> {
        if implementation == Implementation::Upstream {
            if let Device::Cuda(_) = device {
                return Err(Error::UpstreamDevice {
                    found: device.to_string(),
                });
            }
            progress.stage("preparing the key", || key.halo2().map(drop))?;
            return Ok(Self::Upstream(key, srs));
        }
        if !srs.hides_quotients() {
            return Err(Error::SrsHidesNothing { k: srs.k() });
        }
        match device.open(key.k())? {
            Opened::Cpu(backend) => Ok(Self::Cpu(Session {
                srs: progress.stage("preparing the SRS", || srs_on_cpu(&backend, &srs))?,
                key: key.engine().clone(),
                backend,
            })),
            #[cfg(feature = "_gpu")]
            Opened::Cuda(backend) => Ok(Self::Cuda(Session {
                srs: progress.stage("preparing the SRS", || {
                    super::srs_on(&backend, &srs).map(Arc::new)
                })?,
                key: progress.stage("preparing the key", || {
                    super::transfer(key.engine(), &Cpu::new(), &backend).map(Arc::new)
                })?,
                backend,
            })),
        }
    }

    /// What computes proofs, for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Cpu(session) => session.backend.name(),
            #[cfg(feature = "_gpu")]
            Self::Cuda(session) => session.backend.name(),
            Self::Upstream(..) => "cpu (halo2-axiom)".to_owned(),
        }
    }

    /// Writes a proof to a transcript.
    pub(crate) fn prove<E, T>(
        &self,
        threads: &Threads,
        statement: &Statement<'_>,
        transcript: &mut T,
        progress: &Progress,
    ) -> Result<(), Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E> + Send,
    {
        match self {
            Self::Cpu(session) => {
                threads.run_limited(progress, || session.prove(statement, transcript, progress))
            }
            // Each thread has a stream of its own.
            #[cfg(feature = "_gpu")]
            Self::Cuda(session) => threads.install(|| session.prove(statement, transcript, progress)),
            Self::Upstream(key, srs) => threads.install(|| {
                progress.stage("proving with the upstream prover", || {
                    upstream(key, srs, statement, transcript)
                })
            }),
        }
    }
}

impl<B: Backend> Session<B> {
    fn prove<E, T>(
        &self,
        statement: &Statement<'_>,
        transcript: &mut T,
        progress: &Progress,
    ) -> Result<(), Error>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptWrite<G1Affine, E>,
    {
        let setup = Setup {
            backend: &self.backend,
            srs: &*self.srs,
            key: &*self.key,
        };
        let mut witness = PhasedColumns::new(|phase, challenges: &[Option<Fr>]| {
            statement.circuit.columns(phase, challenges).map(engine_columns)
        });
        let mut report = |stage: Stage, fraction: f64| match progress.report(STAGE, overall(stage, fraction))
        {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        progress.stage(STAGE, || {
            let mut linking = statement.link.map(Linking::new);
            let extension = linking.as_mut().map(|linking| linking as &mut dyn Extension<B>);
            zkml_prover::create_extended_proof(
                setup,
                &mut witness,
                statement.instances,
                OsRng,
                transcript,
                &mut report,
                extension,
            )
            .map_err(|error| match error {
                zkml_prover::Error::Cancelled { .. } => Error::Cancelled,
                zkml_prover::Error::Unsatisfied(violation) => Error::Unproven {
                    reason: violation.to_string(),
                },
                other => failed(STAGE, other),
            })
        })
    }
}

fn upstream<E, T>(
    key: &ProvingKey,
    srs: &Srs,
    statement: &Statement<'_>,
    transcript: &mut T,
) -> Result<(), Error>
where
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        srs.params(),
        key.halo2()?,
        std::slice::from_ref(statement.circuit),
        &[statement.instances],
        OsRng,
        transcript,
    )
    .map_err(|e| Error::backend(STAGE, e))
}

/// The part of a proof that is done when `fraction` of a stage is: for a progress bar, by the usual
/// share of each stage.
fn overall(stage: Stage, fraction: f64) -> f64 {
    let (before, share) = match stage {
        Stage::Witness | Stage::Lookups => (0.0, 0.35),
        Stage::Products => (0.35, 0.05),
        Stage::Polynomials => (0.4, 0.05),
        Stage::Quotient => (0.45, 0.4),
        Stage::Evaluations => (0.85, 0.05),
        _ => (0.9, 0.1),
    };
    before + share * fraction.clamp(0.0, 1.0)
}
