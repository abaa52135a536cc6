//! What everyone may see of a request.

use super::{Binding, EvmRecipient};
use crate::codec::Writer;
use crate::{Error, EvmAddress, IdentityKey, RequestId, Requester, SealingKey};
use serde::{Deserialize, Serialize};
use zkml::Digest;

/// The part of a request that is not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Names the request.
    pub request_id: RequestId,
    /// Digest of the manifest of the model that is asked.
    pub model: Digest,
    /// When the request ends, in seconds since 1970.
    pub expiry: u64,
    /// The account that the answer is for, and the contract that takes it, if it is for an EVM chain.
    pub evm: Option<EvmRecipient>,
    /// Who asks, where the provider answers known requesters alone. The request is signed with this key.
    pub identity: Option<IdentityKey>,
}

impl RequestHeader {
    /// Bytes of the encoding.
    const LEN: usize = 32 + 32 + 8 + 1 + 20 + 8 + 20 + 1 + 32;

    /// The one encoding: request id (32 bytes), model (32), expiry (8), whether the answer is for an EVM chain
    /// (1), account (20), chain id (8), registry (20), where the last three are zeros if it is for none,
    /// whether there is an identity (1), its key (32, zeros without one).
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(Self::LEN);
        let (account, chain, registry) = match &self.evm {
            Some(evm) => (*evm.account.as_bytes(), evm.chain.get(), *evm.registry.as_bytes()),
            None => ([0; EvmAddress::LEN], 0, [0; EvmAddress::LEN]),
        };
        let identity = self.identity.map_or([0; IdentityKey::LEN], |key| *key.as_bytes());
        out.raw(self.request_id.as_bytes())
            .raw(self.model.as_bytes())
            .u64(self.expiry)
            .u8(self.evm.is_some().into())
            .raw(&account)
            .u64(chain)
            .raw(&registry)
            .u8(self.identity.is_some().into())
            .raw(&identity);
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
            destination: self.evm.map(|evm| evm.destination()),
        }
    }

    /// The EVM account, where there is one; otherwise a digest of the one-time reply key, which
    /// names no one's identity.
    fn requester(&self, reply_key: &SealingKey) -> Requester {
        match self.evm {
            Some(evm) => {
                let mut bytes = [0; 32];
                bytes[12..].copy_from_slice(evm.account.as_bytes());
                bytes.into()
            }
            None => (*Digest::of(b"zkml-requester-1", &[reply_key.as_bytes()]).as_bytes()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU64;

    fn header() -> RequestHeader {
        RequestHeader {
            request_id: [1; 32].into(),
            model: [2; 32].into(),
            expiry: 1000,
            evm: Some(recipient()),
            identity: Some([4; 32].into()),
        }
    }

    fn recipient() -> EvmRecipient {
        EvmRecipient {
            account: [3; 20].into(),
            chain: NonZeroU64::MIN,
            registry: [4; 20].into(),
        }
    }

    #[test]
    fn every_field_changes_the_encoding() {
        let base = header();
        let evm = |evm| RequestHeader {
            evm: Some(evm),
            ..base
        };
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
            RequestHeader { evm: None, ..base },
            evm(EvmRecipient {
                account: [0; 20].into(),
                ..recipient()
            }),
            evm(EvmRecipient {
                chain: NonZeroU64::MAX,
                ..recipient()
            }),
            evm(EvmRecipient {
                registry: [9; 20].into(),
                ..recipient()
            }),
            RequestHeader {
                identity: None,
                ..base
            },
            RequestHeader {
                identity: Some([0; 32].into()),
                ..base
            },
        ];
        let all: Vec<_> = others.iter().chain([&base]).map(RequestHeader::encode).collect();
        for (i, a) in all.iter().enumerate() {
            assert_eq!(a.len(), RequestHeader::LEN);
            assert!(all[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn a_request_is_alive_until_its_expiry() {
        header().check_alive(999).unwrap();
        assert!(matches!(header().check_alive(1000), Err(Error::Expired { .. })));
    }

    #[test]
    fn an_account_is_readable_in_the_requester() {
        let key = SealingKey::from([5; 32]);
        let binding = header().binding(&key);
        assert_eq!(binding.requester.as_bytes()[..12], [0; 12]);
        assert_eq!(binding.requester.as_bytes()[12..], [3; 20]);
        assert_eq!(binding.destination, Some(recipient().destination()));
        let anonymous = RequestHeader {
            evm: None,
            ..header()
        };
        assert_eq!(anonymous.binding(&key).destination, None);
        assert_ne!(
            anonymous.binding(&key).requester,
            anonymous.binding(&[6; 32].into()).requester
        );
    }
}
