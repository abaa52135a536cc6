//! What a float node became.

use crate::graph::NodeId;

/// How much a value may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A materialised tensor.
    Cells,
    /// Elements of materialised tensors in another arrangement.
    View,
    /// A linear combination of materialised elements.
    Linear,
    /// A sum with a product of two tensors in it: to be rescaled exactly once.
    Bilinear,
}

/// The range of materialised elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    pub limbs: u8,
    pub signed: bool,
}

impl Width {
    /// Limbs of a signed range that holds it.
    pub(super) fn signed_limbs(self) -> u8 {
        self.limbs + u8::from(!self.signed)
    }

    /// A range that holds both.
    pub(super) fn joined(self, other: Width) -> Width {
        if self.signed == other.signed {
            return Width {
                limbs: self.limbs.max(other.limbs),
                signed: self.signed,
            };
        }
        Width {
            limbs: self.signed_limbs().max(other.signed_limbs()),
            signed: true,
        }
    }
}

/// Scales that differ between channels: channel `c` has `deltas[c]` more fraction bits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deltas {
    pub axis: usize,
    pub bits: Vec<u32>,
}

/// An integer node and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub node: NodeId,
    /// An integer `q` stands for `q * 2^-scale`. It can differ from the node's scale, because a
    /// factor that is a power of two costs nothing.
    pub scale: i32,
    pub kind: Kind,
    /// The range; means nothing for linear combinations.
    pub width: Width,
    /// Whether no element is negative.
    pub nonnegative: bool,
    pub deltas: Option<Deltas>,
}

impl Value {
    /// A materialised tensor.
    pub(super) fn cells(node: NodeId, scale: i32, width: Width) -> Value {
        Value {
            node,
            scale,
            kind: Kind::Cells,
            width,
            nonnegative: !width.signed,
            deltas: None,
        }
    }

    /// This value, with what else is known of its sign.
    pub(super) fn known_nonnegative(self, nonnegative: bool) -> Value {
        Value { nonnegative, ..self }
    }

    /// A linear combination.
    pub(super) fn linear(node: NodeId, scale: i32, nonnegative: bool) -> Value {
        Value {
            kind: Kind::Linear,
            nonnegative,
            ..Value::cells(
                node,
                scale,
                Width {
                    limbs: 0,
                    signed: true,
                },
            )
        }
    }
}
