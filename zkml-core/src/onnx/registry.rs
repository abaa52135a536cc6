//! The supported operators: what each takes, what it becomes in a circuit, and its importer.

use super::{node::Node, value::Value};
use crate::error::Result;

/// Oldest operator set whose broadcasting and attributes are as the importers expect.
pub(super) const OLDEST_OPSET: i64 = 7;

/// A supported ONNX operator. Its importer's file declares it; `docs/operators.md` lists all of them.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// Name in the standard domain.
    pub name: &'static str,
    /// First version of the operator set in which it is supported. Later versions are too.
    pub since: i64,
    /// Types of its inputs.
    pub types: &'static str,
    /// What the ONNX specification allows and is refused; empty if that is nothing.
    pub limits: &'static str,
    /// The integer operations ([`crate::graph::Op`]) that it becomes.
    pub proof: &'static str,
    pub(super) import: Importer,
}

/// Imports one node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Importer {
    /// Makes the first output; other outputs are not supported.
    One(fn(&mut Node<'_>) -> Result<Value>),
    /// Makes the first outputs, in the order of the specification; later ones are not supported.
    Several(fn(&mut Node<'_>) -> Result<Vec<Value>>),
}

impl Operator {
    /// An operator on floats with one output.
    pub(super) const fn one(
        name: &'static str,
        import: fn(&mut Node<'_>) -> Result<Value>,
        proof: &'static str,
    ) -> Self {
        Self::new(name, Importer::One(import), proof)
    }

    /// An operator on floats with several outputs.
    pub(super) const fn several(
        name: &'static str,
        import: fn(&mut Node<'_>) -> Result<Vec<Value>>,
        proof: &'static str,
    ) -> Self {
        Self::new(name, Importer::Several(import), proof)
    }

    const fn new(name: &'static str, import: Importer, proof: &'static str) -> Self {
        Operator {
            name,
            since: OLDEST_OPSET,
            types: "float",
            limits: "",
            proof,
            import,
        }
    }

    /// Newer operator sets only.
    pub(super) const fn since(self, since: i64) -> Self {
        Operator { since, ..self }
    }

    /// Also on the constant integers that shapes are computed with, at import.
    pub(super) const fn and_shapes(self) -> Self {
        Operator {
            types: "float; constant integers",
            ..self
        }
    }

    /// What is refused.
    pub(super) const fn limits(self, limits: &'static str) -> Self {
        Operator { limits, ..self }
    }

    /// Imports a node of this operator.
    pub(super) fn import(&self, node: &mut Node<'_>) -> Result<Vec<Value>> {
        match self.import {
            Importer::One(import) => import(node).map(|value| vec![value]),
            Importer::Several(import) => import(node),
        }
    }
}

/// Operators by name, in families as their files declare them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registry<'a>(pub(super) &'a [&'a [Operator]]);

impl<'a> Registry<'a> {
    /// All operators.
    pub(super) fn operators(self) -> impl Iterator<Item = &'a Operator> {
        self.0.iter().copied().flatten()
    }

    /// The operator with this name, if it is supported.
    pub(super) fn get(self, name: &str) -> Option<&'a Operator> {
        self.operators().find(|operator| operator.name == name)
    }
}
