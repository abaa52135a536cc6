//! The proving key and its file.
//!
//! The payload: the verifying key's payload (a block), then the columns of fixed values and of
//! the permutation, `2^k` field elements each (32 bytes, Montgomery form, little-endian). How
//! many columns there are follows from the circuit's shape. Everything else of halo2's key is
//! computed from these when the file is read.

use super::verifying::VerifyingKey;
use crate::artifact::{self, ArtifactKind, Reader, put_block};
use crate::engine::{EngineKey, Prepared};
use crate::srs_id::SrsId;
use crate::{Digest, Error};
use ff::Field;
use halo2_proofs::plonk;
use halo2_proofs::poly::{EvaluationDomain, LagrangeCoeff, Polynomial};
use halo2curves::bn256::{Fr, G1Affine};
use halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use std::path::Path;

const WHAT: &str = "this proving key";
const ELEMENT_LEN: usize = 32;

/// What a prover needs besides the model and the SRS. It holds the verifying key, and nothing
/// that is private.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    verifying_key: VerifyingKey,
    halo2: plonk::ProvingKey<G1Affine>,
    prepared: Prepared<EngineKey>,
}

impl ProvingKey {
    pub(crate) fn new(verifying_key: VerifyingKey, halo2: plonk::ProvingKey<G1Affine>) -> Self {
        Self {
            verifying_key,
            halo2,
            prepared: Prepared::default(),
        }
    }

    /// The key as the engine wants it.
    pub(crate) fn prepared(&self) -> &Prepared<EngineKey> {
        &self.prepared
    }

    /// The verifying key.
    pub fn verifying_key(&self) -> &VerifyingKey {
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

    /// The key as halo2 has it.
    pub fn halo2(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.halo2
    }

    /// The content of the file that [`ProvingKey::save`] writes.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Ok(artifact::seal(ArtifactKind::ProvingKey, &self.payload()?))
    }

    /// Reads what [`ProvingKey::to_bytes`] made. A key whose columns are not those of the model
    /// makes no proof: proving checks every proof before it returns it.
    ///
    /// # Errors
    /// Those of a container, of a verifying key, and [`Error::Malformed`] for elements that are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::parse(artifact::open(ArtifactKind::ProvingKey, bytes)?)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        artifact::save(path, ArtifactKind::ProvingKey, &self.payload()?)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`ProvingKey::from_bytes`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(&artifact::load(path, ArtifactKind::ProvingKey)?)
    }

    fn payload(&self) -> Result<Vec<u8>, Error> {
        let columns = || {
            self.halo2
                .fixed_values()
                .iter()
                .chain(self.halo2.permutation().permutations())
        };
        let verifying_key = self.verifying_key.payload()?;
        let elements = columns().map(|c| c.values().len()).sum::<usize>();
        let mut out = Vec::with_capacity(8 + verifying_key.len() + elements * ELEMENT_LEN);
        put_block(&mut out, &verifying_key);
        for value in columns().flat_map(|column| column.values()) {
            // Writing to memory does not fail.
            value.write_raw(&mut out).map_err(|e| malformed(e.to_string()))?;
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
        let halo2 = assemble(
            &verifying_key,
            columns(fixed, column_len)?,
            columns(permutation, column_len)?,
        );
        Ok(Self::new(verifying_key, halo2))
    }
}

type Column = Polynomial<Fr, LagrangeCoeff>;

fn columns(bytes: &[u8], column_len: usize) -> Result<Vec<Column>, Error> {
    let element = |bytes: &[u8]| {
        Fr::from_raw_bytes(bytes)
            .ok_or_else(|| malformed("expected field elements, found one not below the modulus"))
    };
    let column = |bytes: &[u8]| {
        let values = bytes
            .chunks_exact(ELEMENT_LEN)
            .map(element)
            .collect::<Result<_, Error>>()?;
        Ok(Polynomial::new(values))
    };
    bytes.par_chunks_exact(column_len).map(column).collect()
}

/// halo2's key from its columns.
fn assemble(
    verifying_key: &VerifyingKey,
    fixed_values: Vec<Column>,
    permutations: Vec<Column>,
) -> plonk::ProvingKey<G1Affine> {
    let light = verifying_key.halo2();
    let cs = light.cs();
    // The verifying key's domain lacks the tables for Fourier transforms.
    let domain = EvaluationDomain::<Fr>::new(cs.degree() as u32, verifying_key.k());
    let coefficients = |columns: &[Column]| {
        columns
            .par_iter()
            .map(|column| domain.lagrange_to_coeff(column.clone()))
            .collect::<Vec<_>>()
    };
    let (fixed_polys, permutation_polys) = (coefficients(&fixed_values), coefficients(&permutations));

    // Rows `last + 1 ..` hold blinding values; row `last` is the end of every running product.
    let n = 1usize << verifying_key.k();
    let last = n - cs.blinding_factors() - 1;
    let indicator = |on: &dyn Fn(usize) -> bool| {
        let values = (0..n)
            .map(|row| if on(row) { Fr::ONE } else { Fr::ZERO })
            .collect();
        domain.lagrange_to_coeff(Polynomial::new(values))
    };
    let l0 = indicator(&|row| row == 0);
    let l_last = indicator(&|row| row == last);
    let l_active_row = indicator(&|row| row < last);

    let verifying_key = plonk::VerifyingKey::from_parts(
        domain,
        light.fixed_commitments().clone(),
        light.permutation().clone(),
        cs.clone(),
        Vec::new(),
        false,
    );
    let permutation = plonk::permutation::ProvingKey::from_parts(permutations, permutation_polys);
    plonk::ProvingKey::from_parts(
        verifying_key,
        l0,
        l_last,
        l_active_row,
        fixed_values,
        fixed_polys,
        permutation,
    )
}

fn malformed(reason: impl Into<String>) -> Error {
    Error::Malformed {
        what: "proving key".to_owned(),
        reason: reason.into(),
    }
}
