//! What a name stands for during import.

use crate::float::FloatId;
use ndarray::ArrayD;

/// A tensor of constant 64-bit integers (shapes, axes, indices).
pub(super) type Ints = ArrayD<i64>;

/// The value of an ONNX name.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Constant integers, known at import.
    Ints(Ints),
    /// A node of the float graph, constants among them.
    Node(FloatId),
}

impl Value {
    /// The constant integers, if it is some.
    pub(super) fn ints(&self) -> Option<&Ints> {
        match self {
            Value::Ints(ints) => Some(ints),
            Value::Node(_) => None,
        }
    }
}
