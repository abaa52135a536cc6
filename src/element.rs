//! Elements of the scalar field in a program's hands: commitments, and what a proof is bound to.

use crate::field::{self, FIELD_LEN};
use crate::text::serde_as_text;
use ff::PrimeField;
use halo2curves::bn256::Fr;
use std::fmt;
use std::str::FromStr;

/// An element of BN254's scalar field; shown, and stored in JSON, as `0x` and 64 hex digits, the most
/// significant first.
///
/// Numbers of up to 128 bits, addresses among them after [`Element::from_be_bytes`], are elements as
/// they are; a digest of 256 bits is two ([`crate::Digest::halves`]).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Element(pub(crate) Fr);

impl Element {
    /// The number with these bytes, the most significant first; `None` if it is not below the group
    /// order, which no number of up to 31 bytes is.
    pub fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        let mut little = [0; FIELD_LEN];
        for (to, from) in little.iter_mut().zip(bytes.iter().rev()) {
            *to = *from;
        }
        let rest = bytes.len().saturating_sub(FIELD_LEN);
        if bytes[..rest].iter().any(|b| *b != 0) {
            return None;
        }
        field::from_bytes(little).map(Self)
    }

    /// The number as 32 bytes, the most significant first.
    pub fn to_be_bytes(&self) -> [u8; FIELD_LEN] {
        let mut bytes = field::to_bytes(&self.0);
        bytes.reverse();
        bytes
    }

    /// As halo2 has it.
    pub fn value(&self) -> Fr {
        self.0
    }
}

impl From<u64> for Element {
    fn from(x: u64) -> Self {
        Self(x.into())
    }
}

impl From<u128> for Element {
    fn from(x: u128) -> Self {
        Self(Fr::from_u128(x))
    }
}

impl From<Fr> for Element {
    fn from(x: Fr) -> Self {
        Self(x)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.to_be_bytes()))
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({self})")
    }
}

impl FromStr for Element {
    type Err = String;

    /// Reads `0x` and up to 64 hex digits, or a decimal number of up to 128 bits.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "expected 0x and up to 64 hex digits of a number below the group order, or a decimal number of \
                 up to 128 bits, found {} characters that are neither",
                text.len()
            )
        };
        let Some(digits) = text.strip_prefix("0x") else {
            return text.parse::<u128>().map(Self::from).map_err(|_| wrong());
        };
        if digits.is_empty() || digits.len() > 2 * FIELD_LEN {
            return Err(wrong());
        }
        let bytes = hex::decode(format!("{digits:0>64}")).map_err(|_| wrong())?;
        Self::from_be_bytes(&bytes).ok_or_else(wrong)
    }
}

serde_as_text!(Element);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_come_back() {
        let x = Element::from(0x1234_5678_9abc_def0_u128 << 64);
        assert_eq!(x.to_string().parse(), Ok(x));
        assert_eq!(Element::from_be_bytes(&x.to_be_bytes()), Some(x));
        assert_eq!("0x10".parse(), Ok(Element::from(16u64)));
        assert_eq!("16".parse(), Ok(Element::from(16u64)));
        let json = serde_json::to_string(&x).unwrap();
        assert_eq!(serde_json::from_str::<Element>(&json).unwrap(), x);
        assert_eq!(
            Element::from_be_bytes(&[[0; 12], [7; 12]].concat()),
            Element::from_be_bytes(&[7; 12])
        );
    }

    #[test]
    fn what_is_no_element_is_refused() {
        let long = format!("0x{}", "1".repeat(65));
        let large = format!("0x{}", "f".repeat(64));
        for bad in ["", "0x", "0xg", "-1", "x", &long, &large] {
            assert!(bad.parse::<Element>().is_err(), "{bad}");
        }
        assert_eq!(Element::from_be_bytes(&[0xff; 32]), None);
        assert_eq!(Element::from_be_bytes(&[1; 33]), None);
    }
}
