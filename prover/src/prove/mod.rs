//! Making a proof.
//!
//! The stages follow the transcript of halo2: witness phases with their challenges; `theta` and
//! the permuted lookups; `beta`, `gamma` and the running products; the random polynomial; `y` and
//! the quotient; `x` and the evaluations; the opening. An [`Extension`] is called before the quotient and after `x`.

mod channel;
mod diagnose;
mod evaluations;
mod extension;
mod lookup;
mod opening;
mod phases;
mod polynomials;
mod products;
mod quotient;
mod random;
mod rows;
mod split;

pub use channel::Channel;
pub use extension::{Extended, Extension};

use crate::Stage;
use crate::key::DeviceKey;
use crate::program::Symbols;
use crate::progress::{Report, step};
use crate::witness::WitnessSource;
use crate::{Error, Srs};
use channel::TranscriptChannel;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rand_core::RngCore;
use zkml_kernels::{Backend, Scalars};

/// What proofs of one circuit share.
pub struct Setup<'a, B: Backend> {
    /// Where the work is done.
    pub backend: &'a B,
    /// The SRS of the key's size, prepared for the backend.
    pub srs: &'a Srs<B>,
    /// The key, uploaded to the backend.
    pub key: &'a DeviceKey<B>,
}

impl<B: Backend> Clone for Setup<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Backend> Copy for Setup<'_, B> {}

/// Writes a proof to `transcript`.
///
/// Work is spread over the caller's rayon pool, and soonest done if the caller is on one of its threads
/// ([`rayon::scope`]): a proof has hundreds of parallel sections, and each that starts elsewhere puts one thread to sleep and
/// wakes another.
///
/// All randomness comes from `rng`, drawn in this order: per phase the blinding cells column by
/// column, then one blind per column; per lookup the two tails, then two blinds; per permutation
/// product its blinding cells, then a blind; per lookup product the same; a blind of the random
/// polynomial; the blinds of the quotient's pieces; 32 bytes that seed the ChaCha20 stream of the
/// random polynomial. That is halo2's order. The blinds of the quotient's pieces hide these where the SRS has the power
/// that it takes ([`Srs::from_points`]); KZG commitments have no use for the other blinds.
///
/// # Errors
/// See [`Error`]; no proof comes with one, and what was written to `transcript` is to be thrown
/// away. [`Error::Unsatisfied`] names what a witness violates: looked-up values and copies are
/// found when their arguments are built, gates when the quotient does not match them.
pub fn create_proof<B, E, T>(
    setup: Setup<'_, B>,
    witness: &mut dyn WitnessSource,
    instances: &[&[Fr]],
    rng: impl RngCore,
    transcript: &mut T,
    report: &mut Report<'_>,
) -> Result<(), Error>
where
    B: Backend,
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    create_extended_proof(setup, witness, instances, rng, transcript, report, None)
}

/// Writes a proof to `transcript`, and in it an argument of one's own if there is one, which halo2's verifier alone does
/// not follow.
///
/// # Errors
/// Those of [`create_proof`], and of the extension.
pub fn create_extended_proof<B, E, T>(
    setup: Setup<'_, B>,
    witness: &mut dyn WitnessSource,
    instances: &[&[Fr]],
    mut rng: impl RngCore,
    transcript: &mut T,
    report: &mut Report<'_>,
    extension: Option<&mut dyn Extension<B>>,
) -> Result<(), Error>
where
    B: Backend,
    E: EncodedChallenge<G1Affine>,
    T: TranscriptWrite<G1Affine, E>,
{
    setup.key.check_srs(setup.srs)?;
    check_instances(setup.key, instances)?;
    let mut channel = TranscriptChannel::new(transcript);
    let mut prover = ProofState {
        backend: setup.backend,
        srs: setup.srs,
        key: setup.key,
        instances,
        channel: &mut channel,
        rng: &mut rng,
        report,
        // For as long as the prover's other parts live.
        extension: extension.map(|extension| extension as &mut dyn Extension<B>),
        symbols: Symbols::default(),
        blinds: Vec::new(),
    };
    prover.prove(witness)
}

fn check_instances<B: Backend>(key: &DeviceKey<B>, instances: &[&[Fr]]) -> Result<(), Error> {
    let expected = key.cs.num_instance_columns();
    if instances.len() != expected {
        return Err(Error::InstanceColumns {
            expected,
            found: instances.len(),
        });
    }
    for (column, values) in instances.iter().enumerate() {
        if values.len() > key.domain.usable {
            return Err(Error::InstanceTooLong {
                column,
                rows: key.domain.usable,
                found: values.len(),
            });
        }
    }
    Ok(())
}

/// The state that all stages share.
struct ProofState<'a, B: Backend> {
    backend: &'a B,
    srs: &'a Srs<B>,
    key: &'a DeviceKey<B>,
    instances: &'a [&'a [Fr]],
    channel: &'a mut dyn Channel,
    rng: &'a mut dyn RngCore,
    report: &'a mut Report<'a>,
    extension: Option<&'a mut dyn Extension<B>>,
    symbols: Symbols,
    /// The blinds of the quotient's pieces, once they are drawn.
    blinds: Vec<Fr>,
}

impl<B: Backend> ProofState<'_, B> {
    fn prove(&mut self, witness: &mut dyn WitnessSource) -> Result<(), Error> {
        self.channel.absorb_scalar(self.key.transcript_repr)?;
        let mut rows = self.assign_phases(witness)?;
        self.symbols.theta = self.channel.challenge();
        self.permute_lookups(&mut rows)?;
        self.symbols.beta = self.channel.challenge();
        self.symbols.gamma = self.channel.challenge();
        let products = self.running_products(&rows)?;
        let random = self.random_polynomial()?;
        self.symbols.y = self.channel.challenge();
        let mut polynomials = self.interpolate(rows, products, random)?;
        let pieces = self.quotient(&polynomials)?;
        let x = self.channel.challenge();
        let opened = self.evaluate(x, pieces, &mut polynomials)?;
        self.open(x, &polynomials, &opened)
    }

    /// Commits to polynomials by coefficients and writes the commitments.
    fn commit_coefficients(&mut self, polynomials: &[&B::Vector]) -> Result<(), Error> {
        let scalars: Vec<_> = polynomials.iter().map(|vector| Scalars::Full(*vector)).collect();
        let commitments = self.backend.msm(self.srs.coefficients(), &scalars)?;
        self.write_points(commitments)
    }

    /// Commits to polynomials by rows and writes the commitments.
    fn commit_rows(&mut self, columns: &[&B::Vector]) -> Result<(), Error> {
        let scalars: Vec<_> = columns.iter().map(|vector| Scalars::Full(*vector)).collect();
        let commitments = self.backend.msm(self.srs.lagrange(), &scalars)?;
        self.write_points(commitments)
    }

    fn write_points(&mut self, points: Vec<G1Affine>) -> Result<(), Error> {
        for point in points {
            self.channel.write_point(point)?;
        }
        Ok(())
    }

    fn step(&mut self, stage: Stage, done: usize, of: usize) -> Result<(), Error> {
        step(self.report, stage, done, of)
    }

    fn inconsistent(&self) -> Error {
        Error::Inconsistent {
            backend: self.backend.name(),
        }
    }
}
