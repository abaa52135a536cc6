//! Whether a key shows and hashes the inputs and outputs that a manifest describes.
//!
//! A manifest is its provider's word, a key is what proofs are checked with: a user who seals an input for
//! a hashed one must know that the key commits to it.

use crate::{Error, Manifest, TensorVisibility};
use zkml::commitments::{HashedTensor, TensorForm};
use zkml::{Role, TensorInfo, VerifyingKey};

/// The inputs or the outputs, as a manifest describes them.
struct Described {
    role: Role,
    visibility: TensorVisibility,
    /// Each as a proof would show it, and as a commitment to it would state it.
    tensors: Vec<(TensorInfo, TensorForm)>,
}

/// Checks inputs and outputs: names, shapes, scales, labels of those that are shown, widths of those
/// that are hashed.
///
/// # Errors
/// [`Error::Mismatch`].
pub(super) fn check(body: &Manifest, key: &VerifyingKey) -> Result<(), Error> {
    Described {
        role: Role::Input,
        visibility: body.visibility.inputs,
        tensors: body.inputs.iter().map(|i| (i.info(), i.form())).collect(),
    }
    .check(key, "public inputs", "hashed inputs")?;
    Described {
        role: Role::Output,
        visibility: body.visibility.outputs,
        tensors: body.outputs.iter().map(|o| (o.info(), o.form())).collect(),
    }
    .check(key, "public outputs", "hashed outputs")
}

impl Described {
    fn check(&self, key: &VerifyingKey, public: &'static str, hashed: &'static str) -> Result<(), Error> {
        let shown: Vec<&TensorInfo> = key.public_tensors().filter(|t| t.role == self.role).collect();
        let described = match self.visibility {
            TensorVisibility::Public => self.tensors.iter().map(|(info, _)| info).collect(),
            _ => Vec::new(),
        };
        same(public, &described, &shown)?;
        let committed = key.hashed_tensors().iter().filter(|t| t.role == self.role);
        let committed: Vec<&HashedTensor> = committed.collect();
        let described: Vec<HashedTensor> = match self.visibility {
            TensorVisibility::Hashed => self.tensors.iter().map(hashed_tensor).collect(),
            _ => Vec::new(),
        };
        same(hashed, &described.iter().collect::<Vec<_>>(), &committed)
    }
}

fn hashed_tensor((info, form): &(TensorInfo, TensorForm)) -> HashedTensor {
    HashedTensor {
        name: info.name.clone(),
        role: info.role,
        forms: vec![form.clone()],
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &'static str, described: &T, found: &T) -> Result<(), Error> {
    match described == found {
        true => Ok(()),
        false => Err(Error::Mismatch {
            what,
            expected: format!("{described:?}"),
            found: format!("{found:?}"),
        }),
    }
}
