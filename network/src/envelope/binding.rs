//! What a proof says of the request that it answers.

use super::Destination;
use crate::{Error, RequestId, Requester};
use serde::{Deserialize, Serialize};
use zkml::{Digest, Element};

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
    /// The contract that takes the proof, if it is for one.
    pub destination: Option<Destination>,
}

impl Binding {
    /// Number of public values that state a binding.
    pub const VALUES: usize = 8;

    /// The public values: request id, requester, expiry, manifest digest, destination
    /// ([`Destination::to_element`]). 32 bytes are a big-endian number, given as its higher and its lower 128 bits.
    pub fn to_elements(&self) -> [Element; Self::VALUES] {
        let [id_high, id_low] = halves(self.request_id.as_bytes());
        let [requester_high, requester_low] = halves(self.requester.as_bytes());
        let [model_high, model_low] = halves(self.model.as_bytes());
        [
            id_high,
            id_low,
            requester_high,
            requester_low,
            Element::from(self.expiry),
            model_high,
            model_low,
            Destination::to_element(self.destination.as_ref()),
        ]
    }

    /// Reads [`Binding::to_elements`].
    ///
    /// # Errors
    /// [`Error::Malformed`] for another number of values, and for values that are wider than what they state.
    pub fn from_elements(elements: &[Element]) -> Result<Self, Error> {
        let [ih, il, rh, rl, expiry, mh, ml, destination] = elements else {
            return Err(malformed(format!(
                "expected {} values, found {}",
                Self::VALUES,
                elements.len()
            )));
        };
        Ok(Self {
            request_id: whole(ih, il)?.into(),
            requester: whole(rh, rl)?.into(),
            expiry: u64::try_from(narrow(expiry)?)
                .map_err(|_| malformed("expected an expiry of 64 bits, found more"))?,
            model: whole(mh, ml)?.into(),
            destination: Destination::from_element(destination)?,
        })
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
        check("model", expected.model.to_string(), self.model.to_string())?;
        let text = |destination: Option<Destination>| match destination {
            Some(destination) => destination.to_string(),
            None => "no contract".to_owned(),
        };
        check("destination", text(expected.destination), text(self.destination))
    }
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("binding of a proof", reason)
}

/// The higher and the lower 128 bits.
fn halves(bytes: &[u8; 32]) -> [Element; 2] {
    let (high, low) = bytes.split_at(16);
    [high, low].map(|half| Element::from(half.iter().fold(0, |x, byte| x << 8 | u128::from(*byte))))
}

/// 32 bytes from their halves.
fn whole(high: &Element, low: &Element) -> Result<[u8; 32], Error> {
    let mut out = [0; 32];
    out[..16].copy_from_slice(&narrow(high)?.to_be_bytes());
    out[16..].copy_from_slice(&narrow(low)?.to_be_bytes());
    Ok(out)
}

/// A value of at most 128 bits.
fn narrow(element: &Element) -> Result<u128, Error> {
    let bytes = element.to_be_bytes();
    let (high, low) = bytes.split_at(16);
    match high.iter().all(|byte| *byte == 0) {
        true => Ok(low.iter().fold(0, |x, byte| x << 8 | u128::from(*byte))),
        false => Err(malformed("expected values of 128 bits, found more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::num::NonZeroU64;

    fn destination(chain: u64, registry: [u8; 20]) -> Option<Destination> {
        NonZeroU64::new(chain).map(|chain| Destination {
            chain,
            registry: registry.into(),
        })
    }

    fn binding() -> Binding {
        Binding {
            request_id: [1; 32].into(),
            requester: [2; 32].into(),
            expiry: 1000,
            model: [3; 32].into(),
            destination: destination(1, [4; 20]),
        }
    }

    proptest! {
        #[test]
        fn values_come_back(
            id: [u8; 32],
            requester: [u8; 32],
            expiry: u64,
            model: [u8; 32],
            chain: u64,
            registry: [u8; 20],
        ) {
            let binding = Binding {
                request_id: id.into(),
                requester: requester.into(),
                expiry,
                model: model.into(),
                destination: destination(chain, registry),
            };
            prop_assert_eq!(Binding::from_elements(&binding.to_elements()).unwrap(), binding);
        }
    }

    #[test]
    fn each_part_is_compared() {
        let expected = binding();
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
            (
                "destination",
                Binding {
                    destination: destination(2, [4; 20]),
                    ..expected
                },
            ),
            (
                "destination",
                Binding {
                    destination: destination(1, [5; 20]),
                    ..expected
                },
            ),
            (
                "destination",
                Binding {
                    destination: None,
                    ..expected
                },
            ),
        ];
        for (part, other) in others {
            let error = other.expect(&expected).unwrap_err();
            assert!(matches!(error, Error::WrongBinding { what, .. } if what == part));
        }
    }

    #[test]
    fn values_that_are_too_many_or_too_wide_are_refused() {
        let values = binding().to_elements();
        assert!(Binding::from_elements(&values[..7]).is_err());
        assert!(Binding::from_elements(&[&values[..], &values[..1]].concat()).is_err());
        // One bit more than each has.
        for (at, byte) in [
            (0, 15),
            (1, 15),
            (2, 15),
            (3, 15),
            (4, 23),
            (5, 15),
            (6, 15),
            (7, 3),
        ] {
            let mut bytes = values[at].to_be_bytes();
            bytes[byte] = 1;
            let mut wide = values;
            wide[at] = Element::from_be_bytes(&bytes).unwrap();
            assert!(Binding::from_elements(&wide).is_err(), "{at}");
        }
    }
}
