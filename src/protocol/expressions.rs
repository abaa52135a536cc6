//! Constraints as a list of operations, each on earlier ones.

use super::{ColumnQuery, queries};
use crate::Element;
use halo2_proofs::plonk::{ConstraintSystem, Expression};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::Fr;
use serde::{Serialize, Serializer};
use std::collections::HashMap;
use zkml_verifier::Error;

/// An operation of an expression. Operands are indices of earlier nodes, leaves are indices of queries and challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A scalar.
    Constant(Element),
    /// The evaluation of an advice query.
    Advice(usize),
    /// The evaluation of a fixed query.
    Fixed(usize),
    /// The evaluation of an instance query.
    Instance(usize),
    /// A challenge of the circuit.
    Challenge(usize),
    /// `-a`.
    Negated(usize),
    /// `a + b`.
    Sum(usize, usize),
    /// `a b`.
    Product(usize, usize),
    /// `a` times a scalar.
    Scaled(usize, Element),
}

/// The name, then the operands: `["sum", 3, 4]`.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(scalar) => ("constant", scalar).serialize(serializer),
            Self::Advice(query) => ("advice", query).serialize(serializer),
            Self::Fixed(query) => ("fixed", query).serialize(serializer),
            Self::Instance(query) => ("instance", query).serialize(serializer),
            Self::Challenge(index) => ("challenge", index).serialize(serializer),
            Self::Negated(a) => ("negated", a).serialize(serializer),
            Self::Sum(a, b) => ("sum", a, b).serialize(serializer),
            Self::Product(a, b) => ("product", a, b).serialize(serializer),
            Self::Scaled(a, scalar) => ("scaled", a, scalar).serialize(serializer),
        }
    }
}

/// Writes expressions down; equal ones once.
pub(super) struct Expressions {
    nodes: Vec<Node>,
    indices: HashMap<Node, usize>,
    /// Of advice, fixed and instance columns.
    queries: [HashMap<ColumnQuery, usize>; 3],
}

impl Expressions {
    pub fn new(cs: &ConstraintSystem<Fr>) -> Self {
        let lists = [
            queries(cs.advice_queries()),
            queries(cs.fixed_queries()),
            queries(cs.instance_queries()),
        ];
        Self {
            nodes: Vec::new(),
            indices: HashMap::new(),
            queries: lists.map(|list| {
                list.into_iter()
                    .enumerate()
                    .map(|(i, query)| (query, i))
                    .collect()
            }),
        }
    }

    pub fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// The node of an expression.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for one that has virtual selectors, or a query that is in no list.
    pub fn push(&mut self, expression: &Expression<Fr>) -> Result<usize, Error> {
        let node = match expression {
            Expression::Constant(scalar) => Node::Constant(Element(*scalar)),
            Expression::Advice(q) => Node::Advice(self.query(0, q.column_index(), q.rotation())?),
            Expression::Fixed(q) => Node::Fixed(self.query(1, q.column_index(), q.rotation())?),
            Expression::Instance(q) => Node::Instance(self.query(2, q.column_index(), q.rotation())?),
            Expression::Challenge(challenge) => Node::Challenge(challenge.index()),
            Expression::Negated(a) => Node::Negated(self.push(a)?),
            Expression::Sum(a, b) => Node::Sum(self.push(a)?, self.push(b)?),
            Expression::Product(a, b) => Node::Product(self.push(a)?, self.push(b)?),
            Expression::Scaled(a, scalar) => Node::Scaled(self.push(a)?, Element(*scalar)),
            Expression::Selector(_) => {
                return Err(Error::Unsupported {
                    expected: "whose selectors are fixed columns",
                    found: "a virtual selector".to_owned(),
                });
            }
        };
        let next = self.nodes.len();
        let index = *self.indices.entry(node).or_insert(next);
        if index == next {
            self.nodes.push(node);
        }
        Ok(index)
    }

    fn query(&self, list: usize, column: usize, at: Rotation) -> Result<usize, Error> {
        self.queries[list]
            .get(&(column, at.0))
            .copied()
            .ok_or_else(|| Error::Unsupported {
                expected: "that opens what its gates read",
                found: format!("no opening of column {column} at rotation {}", at.0),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::PrimeField;

    #[test]
    fn equal_expressions_are_one_node() {
        let constant = |x: u64| Expression::Constant(Fr::from(x));
        let product = || constant(3) * constant(4);
        let mut expressions = Expressions::new(&ConstraintSystem::default());
        let sum = expressions.push(&(product() + product())).unwrap();
        let scaled = expressions.push(&(-product() * Fr::TWO_INV)).unwrap();
        let nodes = expressions.into_nodes();
        let scalar = |x: u64| Node::Constant(Element::from(x));
        let expected = [
            scalar(3),
            scalar(4),
            Node::Product(0, 1),
            Node::Sum(2, 2),
            Node::Negated(2),
            Node::Scaled(4, Element(Fr::TWO_INV)),
        ];
        assert_eq!(nodes, expected);
        assert_eq!((sum, scaled), (3, 5));
        assert_eq!(serde_json::to_string(&nodes[3]).unwrap(), r#"["sum",2,2]"#);
    }
}
