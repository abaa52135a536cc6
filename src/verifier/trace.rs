//! What a verifier computes on the way to its verdict: known answers, beside which other verifiers are put.
//!
//! The challenges are those of halo2's verifier, the inputs of the pairing those of batches.

use super::Verifier;
use super::batch::{Item, equation};
use crate::transcript::{StrictRead, TranscriptKind};
use crate::{Element, Error, Proof};
use ff::Field;
use halo2_proofs::transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Fr, G1Affine};
use serde::Serialize;
use std::io;
use zkml_evm::{EvmChallenge, EvmRead};

/// What is computed for a proof that can be read, in the form of `docs/proof-format.md`, section 12.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The instance columns.
    pub instances: Vec<Vec<Element>>,
    /// All challenges, as they are drawn.
    pub challenges: Vec<Element>,
    /// The values of the instance queries.
    pub instance_evaluations: Vec<Element>,
    /// What the constraints say of the quotient.
    pub quotient: Element,
    /// What is paired with the secret.
    #[serde(serialize_with = "crate::protocol::serialize_point")]
    pub left: Option<G1Affine>,
    /// What is paired with the generator.
    #[serde(serialize_with = "crate::protocol::serialize_point")]
    pub right: Option<G1Affine>,
    /// Whether halo2's verifier accepts the proof.
    #[serde(skip)]
    pub accepted: bool,
    /// Whether the equation of batches holds for the proof alone.
    #[serde(skip)]
    pub holds: bool,
}

impl Verifier {
    /// What is computed for a proof, whether it is valid or not.
    ///
    /// # Errors
    /// Those of [`Verifier::verify`] for a proof that cannot be read, [`Error::NoProtocol`] for a key that has none.
    pub fn trace(&self, proof: &Proof) -> Result<Trace, Error> {
        let protocol = self.key.protocol()?;
        let columns = self.key.statement(proof)?.columns;
        let item = Item {
            index: 0,
            proof,
            columns: &columns,
        };
        let unread = |reason: &str| Error::InvalidProof {
            reason: reason.to_owned(),
        };
        let batch = self.batch_verifier();
        let batch = batch.ok_or_else(|| unread("expected a circuit that batches are verified for"))?;
        let equation = equation(batch, &item);
        let equation = equation.ok_or_else(|| unread("expected a proof in its canonical encoding"))?;
        let [left, right] = batch.pairing(&equation);
        let (accepted, recorded) = self.recorded(&columns, proof);
        let evaluated = protocol.evaluate(&columns, &recorded.challenges, &recorded.scalars);
        let evaluated = evaluated.ok_or_else(|| unread("expected all challenges and evaluations"))?;
        let elements = |values: &[Fr]| values.iter().copied().map(Element).collect();
        Ok(Trace {
            instances: columns.iter().map(|column| elements(column)).collect(),
            challenges: elements(&recorded.challenges),
            instance_evaluations: elements(&evaluated.instances),
            quotient: Element(evaluated.quotient),
            left,
            right,
            accepted,
            holds: batch.hold(&[(Fr::ONE, equation)]),
        })
    }

    /// halo2's verdict, and what its transcript gave.
    fn recorded(&self, columns: &[Vec<Fr>], proof: &Proof) -> (bool, Recorded) {
        let pinned = self.pinned.as_ref();
        match proof.transcript {
            TranscriptKind::Blake2b => {
                let mut reader = Recording::new(StrictRead::new(&proof.bytes));
                let read = self
                    .key
                    .read::<Challenge255<G1Affine>, _>(columns, pinned, &mut reader);
                (read.is_ok() && reader.inner.finish().is_ok(), reader.recorded)
            }
            TranscriptKind::Evm => {
                let mut reader = Recording::new(EvmRead::new(&proof.bytes));
                let read = self.key.read::<EvmChallenge, _>(columns, pinned, &mut reader);
                (read.is_ok() && reader.inner.finish().is_ok(), reader.recorded)
            }
        }
    }
}

/// What a transcript gave.
#[derive(Debug, Default)]
struct Recorded {
    challenges: Vec<Fr>,
    scalars: Vec<Fr>,
}

/// A reader that keeps what it gave.
struct Recording<T> {
    inner: T,
    recorded: Recorded,
}

impl<T> Recording<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            recorded: Recorded::default(),
        }
    }
}

impl<E: EncodedChallenge<G1Affine>, T: Transcript<G1Affine, E>> Transcript<G1Affine, E> for Recording<T> {
    fn squeeze_challenge(&mut self) -> E {
        let challenge = self.inner.squeeze_challenge();
        self.recorded.challenges.push(challenge.get_scalar());
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> TranscriptRead<G1Affine, E>
    for Recording<T>
{
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.inner.read_point()
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let scalar = self.inner.read_scalar()?;
        self.recorded.scalars.push(scalar);
        Ok(scalar)
    }
}
