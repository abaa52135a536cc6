//! What a valid proof says.

use crate::ceremony::{SrsId, SrsStanding};
use crate::field;
use crate::hashed::{Commitment, HashedTensor};
use crate::role::Role;
use crate::schema::{PublicInfo, PublicSchema, TensorInfo};
use crate::transcript::TranscriptKind;
use crate::{Digest, Element, Error};
use halo2curves::bn256::Fr;
use serde::Serialize;
use zkml_core::fixed_point::dequantize;
use zkml_core::tensor::first_largest;

/// A tensor with its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorValue {
    /// Name in the ONNX file.
    pub name: String,
    /// Its part in the model.
    pub role: Role,
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
    /// An integer `q` represents `q * 2^-scale`.
    pub scale: i32,
    /// The integers that the circuit is about, row-major.
    pub integers: Vec<i64>,
    /// The real numbers that the integers represent.
    pub values: Vec<f64>,
    /// For an output with class labels, the label of each row along the last axis: of its first
    /// largest element, or of the index that it holds. Empty without labels.
    pub labels: Vec<String>,
}

impl TensorValue {
    /// A tensor with these integers.
    pub fn new(info: &TensorInfo, integers: Vec<i64>) -> Self {
        let values = integers.iter().map(|q| dequantize(*q, info.scale)).collect();
        let labels = labels(info, &integers);
        Self {
            name: info.name.clone(),
            role: info.role,
            shape: info.shape.clone(),
            scale: info.scale,
            integers,
            values,
            labels,
        }
    }

    /// The label, if there is exactly one.
    pub fn label(&self) -> Option<&str> {
        match self.labels.as_slice() {
            [label] => Some(label),
            _ => None,
        }
    }
}

/// The label of each row, if the tensor's shape goes with its labels.
fn labels(info: &TensorInfo, integers: &[i64]) -> Vec<String> {
    let classes = info.labels.len();
    let row_len = info.shape.last().copied().unwrap_or(1);
    if classes == 0 {
        Vec::new()
    } else if row_len == classes {
        integers
            .chunks_exact(classes)
            .map(|row| info.labels[first_largest(row)].clone())
            .collect()
    } else if row_len == 1 && info.scale == 0 {
        // Indices, as ArgMax computes them.
        let label = |index: &i64| info.labels.get(usize::try_from(*index).ok()?).cloned();
        integers
            .iter()
            .map(label)
            .collect::<Option<_>>()
            .unwrap_or_default()
    } else {
        Vec::new()
    }
}

/// What a valid proof says: the circuit of this verifying key, run on inputs that fit it, has these public tensors.
///
/// That the key is the one of a certain model no proof says: it is its maker's claim until the key was checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    /// Digest of the verifying key: the identity of what was proven.
    pub key_digest: Digest,
    /// Digest of the model's architecture as the verifying key's maker claims it.
    pub claimed_model: Digest,
    /// The hash that the proof's challenges come from, which the key states.
    pub transcript: TranscriptKind,
    /// Identity of the SRS that the key was made with.
    pub srs: SrsId,
    /// What is known of that SRS. Unless it is the result of a ceremony, its maker can prove false claims.
    pub srs_standing: SrsStanding,
    /// Whether the key fixes the parameters. If it does not, the claim is about the public
    /// parameters among the tensors, or about some parameters that only the prover knows.
    pub fixed_params: bool,
    /// The public tensors: inputs, outputs, parameters.
    pub tensors: Vec<TensorValue>,
    /// The commitments to hashed tensors: inputs, outputs, parameters.
    pub commitments: Vec<Commitment>,
    /// Values that the circuit says nothing about, and that the proof is bound to.
    pub context: Vec<Element>,
    /// For committed parameters, the digest of the manifest whose model commitment the proof is linked
    /// to (of the commitment, if there is no manifest).
    pub committed_model: Option<Digest>,
}

/// What public values say, in their order.
#[derive(Debug)]
pub(crate) struct PublicParts {
    pub(crate) tensors: Vec<TensorValue>,
    pub(crate) commitments: Vec<Commitment>,
    pub(crate) context: Vec<Element>,
}

/// Cuts public values into tensors, commitments and a context of so many values.
pub(crate) fn parts(schema: &PublicSchema, values: &[Fr], context: usize) -> Result<PublicParts, Error> {
    let invalid = |reason: String| Error::InvalidProof { reason };
    let mut rest = values;
    let mut tensors = Vec::with_capacity(schema.tensors.len());
    for PublicInfo { info, .. } in &schema.tensors {
        let Some((head, tail)) = info.len().and_then(|len| rest.split_at_checked(len)) else {
            return Err(invalid(format!(
                "expected values for the tensor {}, found too few",
                info.name
            )));
        };
        rest = tail;
        let integers = head
            .iter()
            .map(field::to_integer)
            .collect::<Option<Vec<i64>>>()
            .ok_or_else(|| {
                invalid(format!(
                    "expected integers of 64 bits in the tensor {}, found others",
                    info.name
                ))
            })?;
        tensors.push(TensorValue::new(info, integers));
    }
    let hashed = schema.hashed.len();
    if rest.len() != hashed + context {
        return Err(invalid(format!(
            "expected {} public values after the tensors, found {}",
            hashed + context,
            rest.len()
        )));
    }
    let (digests, context) = rest.split_at(hashed);
    let commitment = |(tensor, value): (&HashedTensor, &Fr)| Commitment {
        tensor: tensor.clone(),
        value: Element(*value),
    };
    Ok(PublicParts {
        tensors,
        commitments: schema.hashed.iter().zip(digests).map(commitment).collect(),
        context: context.iter().copied().map(Element).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    fn info(shape: &[usize], scale: i32, labels: &[&str]) -> TensorInfo {
        TensorInfo {
            name: "y".to_owned(),
            role: Role::Output,
            shape: shape.to_vec(),
            scale,
            labels: labels.iter().map(|l| l.to_string()).collect(),
        }
    }

    #[test]
    fn values_are_dequantised_and_labelled() {
        let tensor = TensorValue::new(&info(&[2, 3], 2, &["a", "b", "c"]), vec![1, 5, 5, 9, 0, -8]);
        assert_eq!(tensor.values, [0.25, 1.25, 1.25, 2.25, 0.0, -2.0]);
        assert_eq!(tensor.labels, ["b", "a"]);
        assert_eq!(tensor.label(), None);
        assert_eq!(
            TensorValue::new(&info(&[1, 2], 0, &["a", "b"]), vec![3, 4]).label(),
            Some("b")
        );
    }

    #[test]
    fn an_index_is_labelled_if_it_is_in_range() {
        let info = info(&[1, 1], 0, &["a", "b", "c"]);
        assert_eq!(TensorValue::new(&info, vec![2]).label(), Some("c"));
        assert_eq!(TensorValue::new(&info, vec![3]).label(), None);
        assert_eq!(TensorValue::new(&info, vec![-1]).label(), None);
    }

    #[test]
    fn labels_that_do_not_fit_are_left_out() {
        assert!(
            TensorValue::new(&info(&[2, 4], 0, &["a", "b"]), vec![0; 8])
                .labels
                .is_empty()
        );
        assert!(
            TensorValue::new(&info(&[2, 2], 0, &[]), vec![0; 4])
                .labels
                .is_empty()
        );
    }

    #[test]
    fn public_values_are_cut_into_tensors() {
        let schema = PublicSchema {
            tensors: [info(&[2], 0, &[]), info(&[], 1, &[])]
                .map(|info| PublicInfo { info, order: None })
                .to_vec(),
            hashed: vec![],
        };
        let tensors = |schema: &PublicSchema, values: &[Fr]| parts(schema, values, 0).map(|p| p.tensors);
        let values = [Fr::from(3), -Fr::from(4), Fr::from(5)];
        let cut = tensors(&schema, &values).unwrap();
        let with_context = parts(&schema, &[values, values].concat(), 3).unwrap();
        assert_eq!(with_context.context, values.map(Element));
        assert_eq!(
            (&cut[0].integers[..], &cut[1].values[..]),
            (&[3, -4][..], &[2.5][..])
        );
        assert!(tensors(&schema, &values[..2]).is_err());
        assert!(tensors(&schema, &[values, values].concat()).is_err());
        assert!(tensors(&schema, &[Fr::from(3).invert().unwrap(), Fr::ONE, Fr::ONE]).is_err());
    }
}
