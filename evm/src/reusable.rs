//! The reusable verifiers: contracts that read what is particular to a circuit from a key contract.

use crate::key::{FIELD_NAMES, IDS, LINK_FIELD_NAMES};

/// A verifier for all circuits of a kind. A key names, by its first byte, the one that reads it.
///
/// They are two so that proofs without a link pay for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reusable {
    /// `ZkmlVerifier`: for proofs without a link.
    Plain,
    /// `ZkmlLinkedVerifier`: for proofs that are linked to a model commitment, which is part of the key.
    Linked,
}

impl Reusable {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Plain, Self::Linked];

    /// Name of the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "ZkmlVerifier",
            Self::Linked => "ZkmlLinkedVerifier",
        }
    }

    /// What the code of its keys starts with: STOP or INVALID.
    pub(crate) const fn first_byte(self) -> u8 {
        match self {
            Self::Plain => 0x00,
            Self::Linked => 0xfe,
        }
    }

    /// Names of its keys' fields, in their order.
    pub(crate) fn fields(self) -> Vec<&'static str> {
        let more: &[&str] = match self {
            Self::Plain => &[],
            Self::Linked => &LINK_FIELD_NAMES,
        };
        let (ids, others) = FIELD_NAMES.split_at(IDS);
        [ids, more, others].concat()
    }
}
