//! Contracts that verify a key's proofs.

use crate::committed::{PinnedModel, link};
use crate::keys::VerifyingKey;
use crate::role::Role;
use crate::{Error, Proof, TranscriptKind};
use zkml_evm::{ContractKey, Function, KeyContract, OutputTensor, PublicLayout, Verifier};
use zkml_verifier::{CircuitKey, ModelLink};

impl VerifyingKey {
    /// What contracts need to verify this key's proofs: sources come from there.
    ///
    /// # Errors
    /// [`Error::NotForContracts`] for a key whose proofs no contract can follow,
    /// [`Error::ContractNeedsCommitment`] for one with committed parameters: a contract for those is made with
    /// [`VerifyingKey::contract_for`]; [`Error::Contract`] for a circuit that is too large.
    pub fn contract(&self) -> Result<Verifier, Error> {
        self.contract_with(None)
    }

    /// What contracts need to verify the proofs of a key with committed parameters that are linked to this commitment
    /// under this manifest, and no others: both are fixed in the contract, or in the key contract.
    ///
    /// # Errors
    /// [`Error::NothingCommitted`] for a key whose parameters are not committed, [`Error::WrongCommitment`] for a
    /// commitment for another key; [`Error::NotForContracts`] and [`Error::Contract`] as
    /// [`VerifyingKey::contract`], the latter also for a commitment that is no points of the curve.
    pub fn contract_for(&self, model: &PinnedModel) -> Result<Verifier, Error> {
        self.check_commitment(Some(model))?;
        self.contract_with(Some(self.model_link(model)))
    }

    fn contract_with(&self, link: Option<ModelLink>) -> Result<Verifier, Error> {
        if self.parts.transcript != TranscriptKind::Evm {
            return Err(Error::NotForContracts {
                found: self.parts.transcript,
            });
        }
        if link.is_none() && self.commits_params() {
            return Err(Error::ContractNeedsCommitment);
        }
        Ok(Verifier::new(&self.contract_key(link))?)
    }

    /// The link of proofs to this commitment.
    pub(crate) fn model_link(&self, model: &PinnedModel) -> ModelLink {
        ModelLink {
            tag: link::tag(),
            manifest: *model.manifest().as_bytes(),
            published: model.commitment().points().to_vec(),
            columns: self.parts.shape.weight_columns(),
            marks: self.halo2.fixed_commitments().len().saturating_sub(1),
        }
    }

    /// The key with all that a verifier's arithmetic is derived from.
    pub(crate) fn circuit_key(&self, link: Option<ModelLink>) -> CircuitKey<'_> {
        let shape = &self.parts.shape;
        CircuitKey {
            halo2: &self.halo2,
            k: shape.k,
            s_g2: self.parts.s_g2,
            instance_columns: shape.instance_columns.into(),
            context: shape.context > 0,
            link,
        }
    }

    /// The key with all that contracts say of it.
    fn contract_key(&self, link: Option<ModelLink>) -> ContractKey<'_> {
        let shape = &self.parts.shape;
        let values = shape.public_values as usize;
        let mut outputs = vec![];
        let mut first = 0;
        for tensor in self.public_tensors() {
            let len = tensor.len().unwrap_or(0);
            if tensor.role == Role::Output {
                outputs.push(OutputTensor {
                    first,
                    len,
                    scale: tensor.scale,
                });
            }
            first += len;
        }
        let positions: Vec<u32> = (0..shape.public_values).collect();
        ContractKey {
            circuit: self.circuit_key(link),
            srs: format!("{} ({})", self.srs_id(), self.srs_id().standing()),
            public: PublicLayout {
                values,
                integers: values - self.parts.schema.hashed.len(),
                context: shape.context.into(),
                columns: shape.instance_columns.into(),
                stride: shape.fold.into(),
                order: Some(self.parts.schema.circuit_order(&positions)),
                outputs,
            },
            key_id: *self.digest.as_bytes(),
        }
    }
}

impl Proof {
    /// Calldata that asks a contract about the proof: the model's own, or the reusable one with a key
    /// contract. The link of a proof with committed parameters is part of it.
    ///
    /// # Errors
    /// [`Error::NotForContracts`] for a proof that no contract can follow.
    pub fn calldata(&self, function: Function, key: Option<&KeyContract>) -> Result<Vec<u8>, Error> {
        if self.transcript != TranscriptKind::Evm {
            return Err(Error::NotForContracts {
                found: self.transcript,
            });
        }
        Ok(zkml_evm::calldata(
            function,
            key,
            &self.bytes,
            &self.public_values,
        ))
    }
}
