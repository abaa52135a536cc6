//! Expressions as a graph in which equal subexpressions are one node.

use super::constant::{Constant, Constants, Symbol};
use crate::Error;
use ff::Field;
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;
use std::collections::HashMap;

/// A polynomial of a proof, by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    Advice(usize),
    Fixed(usize),
    Instance(usize),
    /// `sigma` of a column of the permutation argument, by its position there.
    Sigma(usize),
    /// A running product of the permutation argument.
    PermutationProduct(usize),
    /// `A'` of a lookup.
    LookupInput(usize),
    /// `S'` of a lookup.
    LookupTable(usize),
    /// The running product of a lookup.
    LookupProduct(usize),
    /// 1 on the first row.
    First,
    /// 1 on the row after the usable ones.
    Last,
    /// 1 on the usable rows.
    Active,
    /// `X`
    Identity,
    /// The inverse of a running product's denominators.
    Inverse,
    /// `h`, its pieces put together at the challenge point.
    Quotient,
    /// The random polynomial that hides the quotient.
    Random,
}

/// A polynomial at `w^rotation X`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub source: Source,
    pub rotation: i32,
}

impl From<Source> for Cell {
    fn from(source: Source) -> Self {
        Self { source, rotation: 0 }
    }
}

/// A node of a [`Graph`]; operands come before what uses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Node(pub(super) u32);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum NodeKind {
    Constant(Constant),
    Cell(Cell),
    Add(Node, Node),
    Sub(Node, Node),
    Mul(Node, Node),
}

/// Expressions under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(super) kinds: Vec<NodeKind>,
    index: HashMap<NodeKind, Node>,
    pub(super) constants: Constants,
}

impl Graph {
    pub(super) fn kind(&self, node: Node) -> NodeKind {
        self.kinds[node.0 as usize]
    }

    pub(super) fn constant(&mut self, constant: Constant) -> Node {
        self.intern(NodeKind::Constant(constant))
    }

    pub fn literal(&mut self, value: Fr) -> Node {
        let constant = self.constants.literal(value);
        self.constant(constant)
    }

    pub fn symbol(&mut self, symbol: Symbol) -> Node {
        let constant = self.constants.symbol(symbol);
        self.constant(constant)
    }

    pub fn cell(&mut self, cell: impl Into<Cell>) -> Node {
        self.intern(NodeKind::Cell(cell.into()))
    }

    pub fn add(&mut self, a: Node, b: Node) -> Node {
        match (self.kind(a), self.kind(b)) {
            (NodeKind::Constant(a), NodeKind::Constant(b)) => {
                let sum = self.constants.add(a, b);
                self.constant(sum)
            }
            _ if self.is(a, Fr::ZERO) => b,
            _ if self.is(b, Fr::ZERO) => a,
            (_, NodeKind::Sub(zero, b)) if self.is(zero, Fr::ZERO) => self.sub(a, b),
            (NodeKind::Sub(zero, a), _) if self.is(zero, Fr::ZERO) => self.sub(b, a),
            _ => self.intern(NodeKind::Add(a.min(b), a.max(b))),
        }
    }

    pub fn sub(&mut self, a: Node, b: Node) -> Node {
        match (self.kind(a), self.kind(b)) {
            (NodeKind::Constant(a), NodeKind::Constant(b)) => {
                let difference = self.constants.sub(a, b);
                self.constant(difference)
            }
            _ if a == b => self.literal(Fr::ZERO),
            _ if self.is(b, Fr::ZERO) => a,
            (_, NodeKind::Sub(zero, b)) if self.is(zero, Fr::ZERO) => self.add(a, b),
            _ => self.intern(NodeKind::Sub(a, b)),
        }
    }

    pub fn neg(&mut self, a: Node) -> Node {
        let zero = self.literal(Fr::ZERO);
        match self.kind(a) {
            NodeKind::Sub(b, c) => self.sub(c, b),
            _ => self.sub(zero, a),
        }
    }

    pub fn mul(&mut self, a: Node, b: Node) -> Node {
        match (self.kind(a), self.kind(b)) {
            (NodeKind::Constant(a), NodeKind::Constant(b)) => {
                let product = self.constants.mul(a, b);
                self.constant(product)
            }
            _ if self.is(a, Fr::ZERO) || self.is(b, Fr::ZERO) => self.literal(Fr::ZERO),
            _ if self.is(a, Fr::ONE) => b,
            _ if self.is(b, Fr::ONE) => a,
            _ if self.is(a, -Fr::ONE) => self.neg(b),
            _ if self.is(b, -Fr::ONE) => self.neg(a),
            (NodeKind::Sub(zero, a), _) if self.is(zero, Fr::ZERO) => {
                let product = self.mul(a, b);
                self.neg(product)
            }
            (_, NodeKind::Sub(zero, b)) if self.is(zero, Fr::ZERO) => {
                let product = self.mul(a, b);
                self.neg(product)
            }
            _ => self.intern(NodeKind::Mul(a.min(b), a.max(b))),
        }
    }

    /// The nodes of a halo2 expression.
    pub fn expression(&mut self, expression: &Expression<Fr>) -> Result<Node, Error> {
        let cell = |source, rotation: halo2_proofs::poly::Rotation| Cell {
            source,
            rotation: rotation.0,
        };
        Ok(match expression {
            Expression::Constant(value) => self.literal(*value),
            Expression::Selector(_) => return Err(Error::VirtualSelector),
            Expression::Fixed(q) => self.cell(cell(Source::Fixed(q.column_index()), q.rotation())),
            Expression::Advice(q) => self.cell(cell(Source::Advice(q.column_index()), q.rotation())),
            Expression::Instance(q) => self.cell(cell(Source::Instance(q.column_index()), q.rotation())),
            Expression::Challenge(challenge) => self.symbol(Symbol::Challenge(challenge.index())),
            Expression::Negated(a) => {
                let a = self.expression(a)?;
                self.neg(a)
            }
            Expression::Sum(a, b) => {
                let (a, b) = (self.expression(a)?, self.expression(b)?);
                self.add(a, b)
            }
            Expression::Product(a, b) => {
                let (a, b) = (self.expression(a)?, self.expression(b)?);
                self.mul(a, b)
            }
            Expression::Scaled(a, factor) => {
                let (a, factor) = (self.expression(a)?, self.literal(*factor));
                self.mul(a, factor)
            }
        })
    }

    /// `sum_i theta^(m-1-i) e_i`, the compression of a lookup's expressions.
    pub fn compress(&mut self, expressions: &[Expression<Fr>]) -> Result<Node, Error> {
        let theta = self.symbol(Symbol::Theta);
        let mut sum = self.literal(Fr::ZERO);
        for expression in expressions {
            let term = self.expression(expression)?;
            let scaled = self.mul(sum, theta);
            sum = self.add(scaled, term);
        }
        Ok(sum)
    }

    fn is(&self, node: Node, value: Fr) -> bool {
        match self.kind(node) {
            NodeKind::Constant(constant) => self.constants.as_literal(constant) == Some(value),
            _ => false,
        }
    }

    fn intern(&mut self, kind: NodeKind) -> Node {
        *self.index.entry(kind).or_insert_with(|| {
            self.kinds.push(kind);
            Node(self.kinds.len() as u32 - 1)
        })
    }
}
