//! Hashed tensors: the salts of their commitments, and how an owner checks one.

use crate::backend::commitment;
pub use crate::backend::commitment::TensorForm;
use crate::field::{self, FIELD_LEN};
use crate::role::Role;
use crate::{Element, Error};
use ff::Field;
use halo2curves::bn256::Fr;
use rand_core::OsRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The random value that hides what a commitment is to. A holder of it can try out values: it goes to
/// the owner of the tensor and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(pub(crate) Fr);

impl Salt {
    /// A fresh salt from the operating system's randomness.
    pub fn random() -> Self {
        Self(Fr::random(OsRng))
    }

    /// The salt that [`Salt::to_bytes`] gave; `None` for bytes that are none.
    pub fn from_bytes(bytes: [u8; FIELD_LEN]) -> Option<Self> {
        field::from_bytes(bytes).map(Self)
    }

    /// 32 bytes.
    pub fn to_bytes(&self) -> [u8; FIELD_LEN] {
        field::to_bytes(&self.0)
    }

    /// The salt as `0x` and hex digits: not `Display`, so that it does not end up in a log by accident.
    pub fn reveal(&self) -> String {
        Element(self.0).to_string()
    }
}

impl Drop for Salt {
    /// Overwrites the value: field elements are plain numbers, so that this is a best effort, which the
    /// compiler is kept from removing.
    fn drop(&mut self) {
        self.0 = Fr::ZERO;
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

impl FromStr for Salt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<Element>().map(|e| Self(e.0))
    }
}

impl Serialize for Salt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.reveal())
    }
}

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// The commitment to tensors with a salt: what a proof about them, hashed, has as public value.
///
/// # Errors
/// [`Error::Circuit`] for another number of values than the form has, or values wider than it says.
pub fn commit(tensors: &[(TensorForm, &[i64])], salt: &Salt) -> Result<Element, Error> {
    Ok(Element(commitment::commit(tensors, salt.0)?))
}

/// Tensors that one commitment is to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashedTensor {
    /// Name in the ONNX file; empty for the parameters, which share a commitment.
    pub name: String,
    /// Their part in the model.
    pub role: Role,
    /// Shape, scale and width of each.
    pub forms: Vec<TensorForm>,
}

/// A commitment among the public values of a proof.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Commitment {
    /// What it is to.
    pub tensor: HashedTensor,
    /// The commitment.
    pub value: Element,
}

/// What the owner of a hashed tensor keeps of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// What the commitment is to.
    pub tensor: HashedTensor,
    /// The commitment.
    pub commitment: Element,
    /// Its salt.
    pub salt: Salt,
}

impl Opening {
    /// Whether these values, one list for each tensor, are those that were committed to.
    ///
    /// # Errors
    /// As [`commit`].
    pub fn opens_to(&self, values: &[&[i64]]) -> Result<bool, Error> {
        let forms = &self.tensor.forms;
        if forms.len() != values.len() {
            return Err(Error::malformed(
                "opening",
                format!(
                    "expected values of {} tensors, found {}",
                    forms.len(),
                    values.len()
                ),
            ));
        }
        let tensors: Vec<_> = forms.iter().cloned().zip(values.iter().copied()).collect();
        Ok(commit(&tensors, &self.salt)? == self.commitment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn salts_are_fresh_and_do_not_show() {
        let (a, b) = (Salt::random(), Salt::random());
        assert_ne!(a, b);
        assert_eq!(format!("{a:?}"), "Salt(..)");
        assert_eq!(a.reveal().parse::<Salt>().unwrap(), a);
        assert_eq!(Salt::from_bytes(a.to_bytes()), Some(a));
    }

    #[test]
    fn an_opening_opens_to_its_values_alone() {
        let form = TensorForm {
            shape: vec![3],
            scale: 2,
            bits: 8,
        };
        let tensor = HashedTensor {
            name: "x".to_owned(),
            role: Role::Input,
            forms: vec![form.clone()],
        };
        let (salt, values) = (Salt::random(), [1i64, -2, 3]);
        let opening = Opening {
            tensor,
            commitment: commit(&[(form, &values[..])], &salt).unwrap(),
            salt,
        };
        assert!(opening.opens_to(&[&values]).unwrap());
        assert!(!opening.opens_to(&[&[1, -2, 4]]).unwrap());
        assert!(opening.opens_to(&[&values, &values]).is_err());
        assert!(opening.opens_to(&[&[1, -2]]).is_err());
        let other = Opening {
            salt: Salt::random(),
            ..opening
        };
        assert!(!other.opens_to(&[&values]).unwrap());
    }
}
