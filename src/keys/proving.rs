//! The proving key and its file.
//!
//! The payload: the verifying key's payload (a block), then the columns of fixed values and of
//! the permutation, `2^k` field elements each (32 bytes, Montgomery form, little-endian). How
//! many columns there are follows from the circuit's shape. Everything else of a key is
//! computed from these when the file is read.

use super::verifying::VerifyingKey;
use crate::artifact::{Reader, artifact_file, put_block};
use crate::engine;
use crate::prepared::Prepared;
use crate::srs_id::SrsId;
use crate::{Digest, Error};
use halo2_proofs::plonk;
use halo2_proofs::poly::EvaluationDomain;
use halo2curves::bn256::{Fr, G1Affine};
use halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use std::sync::Arc;
use zkml_kernels::Cpu;
use zkml_prover::DeviceKey;

const WHAT: &str = "this proving key";
const ELEMENT_LEN: usize = 32;

/// What a prover needs besides the model and the SRS. It holds the verifying key, and nothing
/// that is private. Clones share the columns.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    verifying_key: Arc<VerifyingKey>,
    engine: Arc<DeviceKey<Cpu>>,
    halo2: Prepared<plonk::ProvingKey<G1Affine>>,
}

artifact_file! {
    /// Reads what [`Self::to_bytes`] made. A key whose columns are not those of the model
    /// makes no proof: proving checks every proof before it returns it.
    ///
    /// # Errors
    /// Those of a container, of a verifying key, and [`Error::Malformed`] for elements that are none.
    ProvingKey
}

impl ProvingKey {
    pub(crate) fn new(verifying_key: VerifyingKey, engine: DeviceKey<Cpu>) -> Self {
        Self {
            verifying_key: Arc::new(verifying_key),
            engine: Arc::new(engine),
            halo2: Prepared::default(),
        }
    }

    /// The key as the engine has it in main memory.
    #[cfg(feature = "prover")]
    pub(crate) fn engine(&self) -> &Arc<DeviceKey<Cpu>> {
        &self.engine
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &Arc<VerifyingKey> {
        &self.verifying_key
    }

    /// Digest of the model's architecture.
    pub fn model_digest(&self) -> &Digest {
        self.verifying_key.model_digest()
    }

    /// log2 of the number of rows of the circuit.
    pub fn k(&self) -> u32 {
        self.verifying_key.k()
    }

    /// Identity of the SRS that the key was made with; proving needs the same one.
    pub fn srs_id(&self) -> SrsId {
        self.verifying_key.srs_id()
    }

    /// The key as halo2 has it, made when it is first asked for: the cross-check with the upstream prover alone
    /// needs it.
    ///
    /// # Errors
    /// [`Error::Backend`].
    pub fn halo2(&self) -> Result<&plonk::ProvingKey<G1Affine>, Error> {
        let made = self.halo2.get_or_make(|| {
            let light = self.verifying_key.halo2();
            let cs = light.cs();
            // The verifying key's domain lacks the tables for Fourier transforms.
            let verifying_key = plonk::VerifyingKey::from_parts(
                EvaluationDomain::<Fr>::new(cs.degree() as u32, self.k()),
                light.fixed_commitments().clone(),
                light.permutation().clone(),
                cs.clone(),
                Vec::new(),
                false,
            );
            engine::halo2_key(&self.engine, verifying_key)
        });
        made.map(|key| &**key)
    }

    fn payload(&self) -> Result<Vec<u8>, Error> {
        let verifying_key = self.verifying_key.payload()?;
        let columns = self.engine.fixed_columns() + self.engine.permutation_columns();
        let elements = columns << self.k();
        let mut out = Vec::with_capacity(8 + verifying_key.len() + elements * ELEMENT_LEN);
        put_block(&mut out, &verifying_key);
        for column in engine::key_columns(&self.engine, &Cpu::new()) {
            for value in column? {
                // Writing to memory does not fail.
                value.write_raw(&mut out).map_err(|e| malformed(e.to_string()))?;
            }
        }
        Ok(out)
    }

    fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(WHAT, payload);
        let verifying_key = VerifyingKey::parse(reader.block()?)?;
        let cs = verifying_key.halo2().cs();
        let (fixed, permutation) = (cs.num_fixed_columns(), cs.permutation().get_columns().len());
        let column_len = ELEMENT_LEN << verifying_key.k();
        // Nothing that grows with the circuit is allocated before all of it is known to be there.
        let fixed = reader.take(fixed * column_len)?;
        let permutation = reader.take(permutation * column_len)?;
        reader.finish()?;
        let engine = engine::key(
            verifying_key.halo2(),
            columns(fixed, column_len)?,
            columns(permutation, column_len)?,
        )?;
        Ok(Self::new(verifying_key, engine))
    }
}

fn columns(bytes: &[u8], column_len: usize) -> Result<Vec<Vec<Fr>>, Error> {
    let element = |bytes: &[u8]| {
        Fr::from_raw_bytes(bytes)
            .ok_or_else(|| malformed("expected field elements, found one not below the modulus"))
    };
    let column = |bytes: &[u8]| bytes.chunks_exact(ELEMENT_LEN).map(element).collect();
    bytes.par_chunks_exact(column_len).map(column).collect()
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("proving key", reason)
}
