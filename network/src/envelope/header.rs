//! What everyone may see of a request, and what a proof says of it.

use crate::codec::Writer;
use crate::{Error, EvmAddress, RequestId, Requester, SealingKey};
use serde::{Deserialize, Serialize};
use zkml::{Digest, Element};

/// The part of a request that is not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Names the request.
    pub request_id: RequestId,
    /// Digest of the manifest of the model that is asked.
    pub model: Digest,
    /// When the request ends, in seconds since 1970.
    pub expiry: u64,
    /// The account that the answer is for, if it is for one on an EVM chain.
    pub evm_address: Option<EvmAddress>,
}

impl RequestHeader {
    /// The one encoding: request id (32 bytes), model (32), expiry (8), whether there is an address
    /// (1), address (20, zeros without one).
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(93);
        let address = self.evm_address.map_or([0; 20], |a| *a.as_bytes());
        out.raw(self.request_id.as_bytes())
            .raw(self.model.as_bytes())
            .u64(self.expiry)
            .u8(self.evm_address.is_some().into())
            .raw(&address);
        out.finish().to_vec()
    }

    /// Checks that the request is alive.
    ///
    /// # Errors
    /// [`Error::Expired`].
    pub fn check_alive(&self, now: u64) -> Result<(), Error> {
        match now < self.expiry {
            true => Ok(()),
            false => Err(Error::Expired {
                expiry: self.expiry,
                now,
            }),
        }
    }

    /// What a proof that answers this request says of it.
    pub fn binding(&self, reply_key: &SealingKey) -> Binding {
        Binding {
            request_id: self.request_id,
            requester: self.requester(reply_key),
            expiry: self.expiry,
            model: self.model,
        }
    }

    /// The EVM address, where there is one; otherwise a digest of the one-time reply key, which
    /// names nobody.
    fn requester(&self, reply_key: &SealingKey) -> Requester {
        match self.evm_address {
            Some(address) => {
                let mut bytes = [0; 32];
                bytes[12..].copy_from_slice(address.as_bytes());
                bytes.into()
            }
            None => (*Digest::of(b"zkml-requester-1", &[reply_key.as_bytes()]).as_bytes()).into(),
        }
    }
}

/// What a proof is bound to: it answers this request and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The request.
    pub request_id: RequestId,
    /// Whom it answers.
    pub requester: Requester,
    /// When it ends, in seconds since 1970.
    pub expiry: u64,
    /// Digest of the manifest.
    pub model: Digest,
}

impl Binding {
    /// Number of public values that state a binding.
    pub const VALUES: usize = 7;

    /// The public values: request id, requester, expiry, manifest digest. 32 bytes are a big-endian
    /// number, given as its higher and its lower 128 bits.
    pub fn to_values(&self) -> [u128; Self::VALUES] {
        let [id_high, id_low] = halves(self.request_id.as_bytes());
        let [requester_high, requester_low] = halves(self.requester.as_bytes());
        let [model_high, model_low] = halves(self.model.as_bytes());
        [
            id_high,
            id_low,
            requester_high,
            requester_low,
            self.expiry.into(),
            model_high,
            model_low,
        ]
    }

    /// Reads [`Binding::to_values`].
    ///
    /// # Errors
    /// [`Error::Malformed`] for another number of values and for an expiry beyond 64 bits.
    pub fn from_values(values: &[u128]) -> Result<Self, Error> {
        let [ih, il, rh, rl, expiry, mh, ml] = *values else {
            return Err(malformed(format!(
                "expected {} values, found {}",
                Self::VALUES,
                values.len()
            )));
        };
        Ok(Self {
            request_id: whole(ih, il).into(),
            requester: whole(rh, rl).into(),
            expiry: u64::try_from(expiry)
                .map_err(|_| malformed("expected an expiry of 64 bits, found more"))?,
            model: whole(mh, ml).into(),
        })
    }

    /// [`Binding::to_values`] as a proof has them.
    pub fn to_elements(&self) -> Vec<Element> {
        self.to_values().map(Element::from).to_vec()
    }

    /// Reads [`Binding::to_elements`].
    ///
    /// # Errors
    /// As [`Binding::from_values`]; [`Error::Malformed`] for values beyond 128 bits.
    pub fn from_elements(elements: &[Element]) -> Result<Self, Error> {
        let value = |element: &Element| {
            let bytes = element.to_be_bytes();
            let (high, low) = bytes.split_at(16);
            let low = low.iter().fold(0, |x, byte| x << 8 | u128::from(*byte));
            high.iter().all(|byte| *byte == 0).then_some(low)
        };
        let values: Option<Vec<u128>> = elements.iter().map(value).collect();
        Self::from_values(&values.ok_or_else(|| malformed("expected values of 128 bits, found more"))?)
    }

    /// Checks that this is the expected binding, part by part.
    ///
    /// # Errors
    /// [`Error::WrongBinding`] that names the part.
    pub fn expect(&self, expected: &Binding) -> Result<(), Error> {
        let check = |what, expected: String, found: String| match expected == found {
            true => Ok(()),
            false => Err(Error::WrongBinding {
                what,
                expected,
                found,
            }),
        };
        check(
            "request",
            expected.request_id.to_string(),
            self.request_id.to_string(),
        )?;
        check(
            "requester",
            expected.requester.to_string(),
            self.requester.to_string(),
        )?;
        check("expiry", expected.expiry.to_string(), self.expiry.to_string())?;
        check("model", expected.model.to_string(), self.model.to_string())
    }
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("binding of a proof", reason)
}

fn halves(bytes: &[u8; 32]) -> [u128; 2] {
    let (high, low) = bytes.split_at(16);
    [high, low].map(|half| half.iter().fold(0, |x, byte| x << 8 | u128::from(*byte)))
}

fn whole(high: u128, low: u128) -> [u8; 32] {
    let mut out = [0; 32];
    out[..16].copy_from_slice(&high.to_be_bytes());
    out[16..].copy_from_slice(&low.to_be_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header() -> RequestHeader {
        RequestHeader {
            request_id: [1; 32].into(),
            model: [2; 32].into(),
            expiry: 1000,
            evm_address: Some([3; 20].into()),
        }
    }

    #[test]
    fn every_field_changes_the_encoding() {
        let base = header();
        let others = [
            RequestHeader {
                request_id: [9; 32].into(),
                ..base
            },
            RequestHeader {
                model: [9; 32].into(),
                ..base
            },
            RequestHeader { expiry: 1001, ..base },
            RequestHeader {
                evm_address: None,
                ..base
            },
            RequestHeader {
                evm_address: Some([0; 20].into()),
                ..base
            },
        ];
        let all: Vec<_> = others.iter().chain([&base]).map(RequestHeader::encode).collect();
        for (i, a) in all.iter().enumerate() {
            assert_eq!(a.len(), 93);
            assert!(all[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn a_request_is_alive_until_its_expiry() {
        header().check_alive(999).unwrap();
        assert!(matches!(header().check_alive(1000), Err(Error::Expired { .. })));
    }

    #[test]
    fn an_address_is_readable_in_the_requester() {
        let key = SealingKey::from([5; 32]);
        let binding = header().binding(&key);
        assert_eq!(binding.requester.as_bytes()[..12], [0; 12]);
        assert_eq!(binding.requester.as_bytes()[12..], [3; 20]);
        assert_eq!(binding.to_values()[2] >> 32, 0);
        let anonymous = RequestHeader {
            evm_address: None,
            ..header()
        };
        assert_ne!(
            anonymous.binding(&key).requester,
            anonymous.binding(&[6; 32].into()).requester
        );
    }

    proptest! {
        #[test]
        fn values_come_back(id: [u8; 32], requester: [u8; 32], expiry: u64, model: [u8; 32]) {
            let binding = Binding {
                request_id: id.into(),
                requester: requester.into(),
                expiry,
                model: model.into(),
            };
            prop_assert_eq!(Binding::from_values(&binding.to_values()).unwrap(), binding);
            prop_assert_eq!(Binding::from_elements(&binding.to_elements()).unwrap(), binding);
        }
    }

    #[test]
    fn each_part_is_compared() {
        let expected = header().binding(&[5; 32].into());
        expected.expect(&expected).unwrap();
        let others = [
            (
                "request",
                Binding {
                    request_id: [9; 32].into(),
                    ..expected
                },
            ),
            (
                "requester",
                Binding {
                    requester: [9; 32].into(),
                    ..expected
                },
            ),
            (
                "expiry",
                Binding {
                    expiry: 1,
                    ..expected
                },
            ),
            (
                "model",
                Binding {
                    model: [9; 32].into(),
                    ..expected
                },
            ),
        ];
        for (part, other) in others {
            let error = other.expect(&expected).unwrap_err();
            assert!(matches!(error, Error::WrongBinding { what, .. } if what == part));
        }
        assert!(Binding::from_values(&[0; 6]).is_err());
        let mut values = expected.to_values();
        values[4] = 1 << 64;
        assert!(Binding::from_values(&values).is_err());
        let mut elements = expected.to_elements();
        elements[0] = Element::from_be_bytes(&[1; 17]).unwrap();
        assert!(Binding::from_elements(&elements).is_err());
    }
}
