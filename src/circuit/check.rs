//! Making a circuit's verifying key, and comparing one with it.

use super::{Circuit, graph::model_digest, malformed};
use crate::artifact::ArtifactKind;
use crate::backend::{self, CompiledCircuit};
use crate::engine;
use crate::keys::{Parts, VerifyingKey};
use crate::schema;
use crate::{Device, Error, Progress, Srs};

impl Circuit {
    /// Makes the verifying key again, and compares: the key is this circuit's, constraint for constraint, or this is an
    /// error. Nothing that the key says of itself is believed, and the SRS may come from a stranger: its powers are checked.
    ///
    /// What the circuit computes is in its graph; that a proof's hidden weights are the published ones is for the model
    /// commitment.
    ///
    /// # Errors
    /// [`Error::WrongSrs`] for a key from another SRS; [`Error::SrsTooSmall`]; [`Error::InvalidSrs`];
    /// [`Error::WrongModel`] for a key that claims to be another model's; [`Error::OtherSetup`] for one with another
    /// transcript; [`Error::DishonestKey`] for one that claims to be this model's and is not; [`Error::Malformed`] for a
    /// circuit that this version lays out differently than its file says; [`Error::Circuit`], [`Error::Backend`],
    /// [`Error::Cancelled`].
    #[tracing::instrument(level = "debug", name = "check_key", skip_all)]
    pub fn check_key(&self, key: &VerifyingKey, srs: &Srs, progress: &Progress) -> Result<(), Error> {
        if key.srs_id() != srs.id() {
            return Err(Error::WrongSrs {
                expected: key.srs_id().to_string(),
                found: srs.id().to_string(),
            });
        }
        if *key.model_digest() != self.model_digest {
            return Err(Error::WrongModel {
                what: ArtifactKind::VerifyingKey,
                expected: self.model_digest.to_string(),
                found: key.model_digest().to_string(),
            });
        }
        if key.transcript() != self.transcript {
            return Err(Error::OtherSetup {
                expected: self.transcript,
                found: key.transcript(),
            });
        }
        let circuit = self.lay_out(progress)?;
        let srs = srs.sized(circuit.k(), progress)?;
        // Its file may come from the key's maker: with other powers than those of its identity it gives other keys.
        srs.check(progress)?;
        // Before anything of the circuit's size is allocated.
        let same_shape = key.parts.shape == *circuit.shape();
        let own = match same_shape {
            true => Some(self.key_of(&circuit, &srs, progress)?),
            false => None,
        };
        match own {
            Some(own) if own.digest() == key.digest() && own.payload()? == key.payload()? => Ok(()),
            own => Err(Error::DishonestKey {
                expected: own.map_or_else(
                    || "a key with the columns and gates of the circuit".to_owned(),
                    |own| own.digest().to_string(),
                ),
                found: key.digest().to_string(),
            }),
        }
    }

    /// Makes the verifying key.
    ///
    /// # Errors
    /// [`Error::SrsTooSmall`], [`Error::Malformed`], [`Error::Circuit`], [`Error::Backend`], [`Error::Cancelled`], as for
    /// [`Circuit::check_key`].
    pub fn verifying_key(&self, srs: &Srs, progress: &Progress) -> Result<VerifyingKey, Error> {
        self.key_of(&self.lay_out(progress)?, srs, progress)
    }

    fn key_of(
        &self,
        circuit: &CompiledCircuit,
        srs: &Srs,
        progress: &Progress,
    ) -> Result<VerifyingKey, Error> {
        let srs = srs.sized(circuit.k(), progress)?;
        let (halo2, _) = progress.stage("making the key again", || {
            engine::keygen(Device::Cpu, &srs, &circuit.blank())
        })?;
        let parts = Parts {
            model_digest: self.model_digest,
            s_g2: srs.params().s_g2(),
            transcript: self.transcript,
            shape: circuit.shape().clone(),
            schema: schema::public_schema(&self.graph, circuit),
        };
        VerifyingKey::new(parts, &halo2)
    }

    /// The circuit, laid out as its file says.
    fn lay_out(&self, progress: &Progress) -> Result<CompiledCircuit, Error> {
        let circuit = progress.stage("laying out the circuit", || {
            backend::compile_again(&self.graph, self.params.as_ref(), &self.options, self.layout)
        })?;
        let digest = model_digest(&self.graph, &self.options, circuit.shape())?;
        if digest != self.model_digest {
            return Err(malformed(format!(
                "expected the model {}, found {digest}: another version of zkml lays out this circuit differently",
                self.model_digest
            )));
        }
        Ok(circuit)
    }
}
