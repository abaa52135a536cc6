//! Fixed-length identifiers and keys, shown as hex.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A newtype of bytes that is shown, and stored in JSON, as lower-case hex after a prefix.
macro_rules! hex_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Number of bytes.
            pub const LEN: usize = $len;

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl From<[u8; $len]> for $name {
            fn from(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let mut bytes = [0; $len];
                text.strip_prefix($prefix)
                    .and_then(|digits| hex::decode_to_slice(digits, &mut bytes).ok())
                    .map(|()| Self(bytes))
                    .ok_or_else(|| {
                        format!(
                            "expected {} as {:?} and {} hex digits, found {} characters",
                            $what,
                            $prefix,
                            2 * $len,
                            text.chars().count()
                        )
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_bytes!(
    /// Names one request; random, chosen by the user.
    RequestId, 32, "", "a request id"
);
hex_bytes!(
    /// An X25519 public key that messages are sealed to.
    SealingKey, 32, "", "an X25519 key"
);
hex_bytes!(
    /// A provider's Ed25519 public key, which its manifests are signed with.
    ProviderKey, 32, "", "an Ed25519 key"
);
hex_bytes!(
    /// The Ed25519 public key of a requester's identity.
    IdentityKey, 32, "", "an Ed25519 key"
);
hex_bytes!(
    /// An Ed25519 signature.
    Signature, 64, "", "an Ed25519 signature"
);
hex_bytes!(
    /// An account or a contract on an EVM chain.
    EvmAddress, 20, "0x", "an EVM address"
);
hex_bytes!(
    /// Whom an answer is for, as proofs state it: an EVM address after twelve zero bytes, or a
    /// digest of the one-time reply key.
    Requester, 32, "", "a requester"
);

impl RequestId {
    /// A fresh one, from the operating system's randomness.
    ///
    /// # Errors
    /// [`crate::Error::Randomness`].
    pub fn random() -> Result<Self, crate::Error> {
        crate::random::bytes().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_and_other_text_does_not() {
        let address = EvmAddress::from([0xab; 20]);
        assert_eq!(address.to_string().parse(), Ok(address));
        assert_eq!(address.to_string().len(), 42);
        let id = RequestId::from([7; 32]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<RequestId>(&json).unwrap(), id);
        for bad in ["", "0x", "ab", &"g".repeat(64), &"a".repeat(66)] {
            assert!(bad.parse::<RequestId>().is_err(), "{bad}");
        }
        assert!("ab".repeat(20).parse::<EvmAddress>().is_err());
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(RequestId::random().unwrap(), RequestId::random().unwrap());
    }
}
