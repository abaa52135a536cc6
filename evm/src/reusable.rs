//! The reusable verifiers: contracts that read what is particular to a circuit from a key contract.

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

/// The fields of a key by the names that the sources have for them, in the order of their words.
const FIELD_NAMES: [&str; 32] = [
    "KEY_ID",
    "TRANSCRIPT",
    "S_G2_X1",
    "S_G2_X0",
    "S_G2_Y1",
    "S_G2_Y0",
    "PROOF_BYTES",
    "POINT_BYTES",
    "EVALUATION_BYTES",
    "PUBLIC_VALUES",
    "CLAIMED_VALUES",
    "INTEGERS",
    "INSTANCE_COLUMNS",
    "STRIDE",
    "ROOT_STEP",
    "ROUNDS",
    "CHALLENGES",
    "X",
    "EVALUATIONS",
    "SUMS",
    "POWER",
    "SCALARS",
    "DENOMINATORS",
    "MEMORY_END",
    "KEY_POINTS",
    "KEY_POINTS_END",
    "ORDER",
    "OUTPUTS",
    "OUTPUTS_END",
    "PROGRAM",
    "PROGRAM_MIDDLE",
    "PROGRAM_END",
];

/// How many of them come before the further fields of a key with a model commitment: the digest, which stands first in
/// every key. The plain verifier, which absorbs nothing of what links are about, takes a coordinate of such a key for the
/// length of a proof, and no call has that.
pub(crate) const IDS: usize = 1;

/// Further fields of a key with a model commitment: where what a link is about begins and ends.
const LINK_FIELD_NAMES: [&str; 2] = ["STATEMENT", "STATEMENT_END"];
