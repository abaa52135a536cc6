//! Answers that are for an EVM chain: for which account, and for which contract on which chain.

use crate::{Error, EvmAddress};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU64;
use zkml::Element;

/// Bytes of a value before the chain's id. A value has 32 bytes, an id 8, an address 20.
const ZEROS: usize = 32 - 8 - EvmAddress::LEN;

/// Whom an answer is for on an EVM chain, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvmRecipient {
    /// The account that brings the proof.
    pub account: EvmAddress,
    /// Id of the chain.
    pub chain: NonZeroU64,
    /// The contract that takes the proof: an `AnswerRegistry`.
    pub registry: EvmAddress,
}

impl EvmRecipient {
    /// The contract that takes the proof.
    pub fn destination(&self) -> Destination {
        Destination {
            chain: self.chain,
            registry: self.registry,
        }
    }
}

/// The one contract on the one chain that a proof is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Id of the chain.
    pub chain: NonZeroU64,
    /// The contract's address.
    pub registry: EvmAddress,
}

impl Destination {
    /// The public value that states a destination: `chain * 2^160 + registry`, and 0 for none. It is below the
    /// group order.
    pub fn to_element(destination: Option<&Self>) -> Element {
        let number = destination.and_then(|destination| {
            let chain = destination.chain.get().to_be_bytes();
            Element::from_be_bytes(&[&chain[..], destination.registry.as_bytes()].concat())
        });
        number.unwrap_or(Element::from(0u64))
    }

    /// Reads [`Destination::to_element`].
    ///
    /// # Errors
    /// [`Error::Malformed`] for a chain id beyond 64 bits, and for an address without a chain.
    pub fn from_element(element: &Element) -> Result<Option<Self>, Error> {
        let bytes = element.to_be_bytes();
        let (mut chain, mut registry) = ([0; 8], [0; EvmAddress::LEN]);
        chain.copy_from_slice(&bytes[ZEROS..ZEROS + 8]);
        registry.copy_from_slice(&bytes[ZEROS + 8..]);
        if bytes[..ZEROS] != [0; ZEROS] {
            return Err(malformed("expected a chain id of 64 bits, found more"));
        }
        match NonZeroU64::new(u64::from_be_bytes(chain)) {
            Some(chain) => Ok(Some(Self {
                chain,
                registry: registry.into(),
            })),
            None if registry == [0; EvmAddress::LEN] => Ok(None),
            None => Err(malformed(
                "expected a chain with the address of a contract, found none",
            )),
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the contract {} on the chain {}", self.registry, self.chain)
    }
}

fn malformed(reason: &str) -> Error {
    Error::malformed("destination of a proof", reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn destinations_come_back(chain in 1u64.., registry: [u8; 20]) {
            let destination = Destination {
                chain: NonZeroU64::new(chain).unwrap(),
                registry: registry.into(),
            };
            let element = Destination::to_element(Some(&destination));
            prop_assert_eq!(Destination::from_element(&element).unwrap(), Some(destination));
        }
    }

    #[test]
    fn no_destination_is_zero() {
        let zero = Element::from(0u64);
        assert_eq!(Destination::to_element(None), zero);
        assert_eq!(Destination::from_element(&zero).unwrap(), None);
    }

    #[test]
    fn a_destination_is_the_number_that_a_registry_computes() {
        let destination = Destination {
            chain: NonZeroU64::new(31337).unwrap(),
            registry: [0xab; 20].into(),
        };
        let element = Destination::to_element(Some(&destination));
        let digits = format!("{:0>24}{}", "7a69", "ab".repeat(20));
        assert_eq!(element.to_string(), format!("0x{digits}"));
    }

    #[test]
    fn numbers_that_are_no_destination_are_refused() {
        let with = |at: usize| {
            let mut bytes = [0; 32];
            bytes[at] = 1;
            Element::from_be_bytes(&bytes).unwrap()
        };
        for at in [0, 3, 12, 31] {
            let error = Destination::from_element(&with(at)).unwrap_err();
            assert!(matches!(error, Error::Malformed { .. }), "{at}: {error}");
        }
        for at in [4, 11] {
            assert!(Destination::from_element(&with(at)).unwrap().is_some(), "{at}");
        }
    }
}
