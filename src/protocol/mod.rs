//! The protocol of a verifying key as data: all that a verifier of its proofs has to know, in types of no proof system.
//!
//! `docs/proof-format.md` has the fields, their JSON and what a verifier does with them.

mod evaluate;
mod expressions;
mod json;

pub use expressions::Node;
pub(crate) use json::point as serialize_point;

use crate::keys::VerifyingKey;
use crate::{Digest, Element, Error, TranscriptKind};
use expressions::Expressions;
use halo2_proofs::plonk::{Any, Column, ConstraintSystem};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::{Fr, G1Affine, G2Affine};
use serde::Serialize;
use zkml_verifier::Error::Unsupported;
use zkml_verifier::Protocol;

/// Rows of instance columns that a protocol lists at most.
const PLACES: usize = 1 << 22;

/// A column and the rotation at which it is evaluated.
pub type ColumnQuery = (usize, i32);

/// The kind of a column of the permutation argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Filled by the prover.
    Advice,
    /// Part of the key.
    Fixed,
    /// Public values.
    Instance,
}

/// Where the link to committed parameters is in a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LinkProtocol {
    /// What is absorbed first.
    pub tag: Element,
    /// Position of the first column of parameters among the points of a proof.
    pub first: usize,
    /// Number of these columns, which are in a row.
    pub columns: usize,
    /// The fixed column that is 1 on rows of parameters and 0 on all others.
    pub marks: usize,
}

/// All that a verifier of a key's proofs has to know.
///
/// It follows from the key alone. [`KeyProtocol::to_json`] writes it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyProtocol {
    /// Digest of the key that this is the protocol of.
    pub key_digest: Digest,
    /// Digest of the model as proofs must state it.
    pub model_digest: Digest,
    /// The hash that challenges come from.
    pub transcript: TranscriptKind,
    /// What the transcript begins with.
    pub transcript_repr: Element,
    /// The secret of the SRS, in G2.
    #[serde(serialize_with = "json::g2")]
    pub s_g2: G2Affine,
    /// log2 of the number of rows.
    pub k: u32,
    /// The root of unity whose powers are the rows.
    pub omega: Element,
    /// Number of rows at the end that hold random values.
    pub blinding_factors: usize,
    /// Number of commitments to the quotient.
    pub quotient_pieces: usize,
    /// Columns of the permutation for each running product.
    pub permutation_chunk: usize,
    /// The phase of each advice column.
    pub advice_phases: Vec<u8>,
    /// The phase after which each challenge of the circuit is drawn.
    pub challenge_phases: Vec<u8>,
    /// For each row of each instance column, the public value that it holds, or none for 0.
    pub instances: Vec<Vec<Option<u32>>>,
    /// Number of public values.
    pub public_values: usize,
    /// How many of them, the first ones, represent integers.
    pub integers: usize,
    /// Queries of advice columns.
    pub advice_queries: Vec<ColumnQuery>,
    /// Queries of fixed columns.
    pub fixed_queries: Vec<ColumnQuery>,
    /// Queries of instance columns.
    pub instance_queries: Vec<ColumnQuery>,
    /// Expressions; operands come before results.
    pub nodes: Vec<Node>,
    /// The nodes that must be 0, in the order in which they are combined.
    pub constraints: Vec<usize>,
    /// The columns of the permutation, in order.
    pub permutation: Vec<(ColumnKind, usize)>,
    /// The commitment to each fixed column.
    #[serde(serialize_with = "json::points")]
    pub fixed_commitments: Vec<G1Affine>,
    /// The commitment to each column of the permutation.
    #[serde(serialize_with = "json::points")]
    pub permutation_commitments: Vec<G1Affine>,
    /// The link to committed parameters, where they are committed.
    pub link: Option<LinkProtocol>,
}

impl VerifyingKey {
    /// The protocol of the key as data.
    ///
    /// # Errors
    /// [`Error::NoProtocol`] for a key whose circuit no setup makes, and for one with more public values than a protocol lists.
    pub fn protocol(&self) -> Result<KeyProtocol, Error> {
        let shape = &self.parts.shape;
        // A key of some bytes can state any number of public values.
        let places: usize = shape.instance_lengths().iter().sum();
        if places > PLACES {
            return Err(Error::NoProtocol(Unsupported {
                expected: "with at most 2^22 rows of public values",
                found: places.to_string(),
            }));
        }
        let cs = self.halo2.cs();
        // It refuses circuits that do not keep to the page: lookups, queries that coincide, instance columns at other rows.
        let checked = Protocol::new(&self.circuit_key(None)).map_err(Error::NoProtocol)?;
        let positions: Vec<Option<u32>> = (0..shape.all_public_values() as u32).map(Some).collect();
        let columns = shape.split_public(&self.parts.schema.circuit_order(&positions));
        let mut expressions = Expressions::new(cs);
        let polynomials = cs.gates().iter().flat_map(|gate| gate.polynomials());
        let constraints = polynomials
            .map(|polynomial| expressions.push(polynomial))
            .collect::<Result<_, _>>()
            .map_err(Error::NoProtocol)?;
        Ok(KeyProtocol {
            key_digest: self.digest,
            model_digest: self.parts.model_digest,
            transcript: self.parts.transcript,
            transcript_repr: Element(self.halo2.transcript_repr()),
            s_g2: self.parts.s_g2,
            k: shape.k,
            omega: Element(checked.omega),
            blinding_factors: cs.blinding_factors(),
            quotient_pieces: cs.degree() - 1,
            permutation_chunk: cs.degree().saturating_sub(2).max(1),
            advice_phases: cs.advice_column_phase(),
            challenge_phases: cs.challenge_phase(),
            instances: shape.instances(&columns),
            public_values: shape.all_public_values(),
            integers: shape.public_values as usize - self.parts.schema.hashed.len(),
            advice_queries: queries(cs.advice_queries()),
            fixed_queries: queries(cs.fixed_queries()),
            instance_queries: queries(cs.instance_queries()),
            nodes: expressions.into_nodes(),
            constraints,
            permutation: cs.permutation().get_columns().iter().map(permuted).collect(),
            fixed_commitments: self.halo2.fixed_commitments().clone(),
            permutation_commitments: self.halo2.permutation().commitments().clone(),
            link: self.link_protocol(cs)?,
        })
    }

    fn link_protocol(&self, cs: &ConstraintSystem<Fr>) -> Result<Option<LinkProtocol>, Error> {
        let columns = self.parts.shape.weight_columns();
        if !self.commits_params() {
            return Ok(None);
        }
        let marks = cs.num_fixed_columns().saturating_sub(1);
        if cs.fixed_queries().iter().any(|query| query.0.index() == marks) {
            return Err(Error::NoProtocol(Unsupported {
                expected: "whose marks no gate reads",
                found: format!("a gate that reads the fixed column {marks}"),
            }));
        }
        Ok(Some(LinkProtocol {
            tag: Element(crate::committed::link::tag()),
            first: columns.start,
            columns: columns.len(),
            marks,
        }))
    }
}

fn queries<T: halo2_proofs::plonk::ColumnType>(queries: &[(Column<T>, Rotation)]) -> Vec<ColumnQuery> {
    queries
        .iter()
        .map(|(column, at)| (column.index(), at.0))
        .collect()
}

fn permuted(column: &Column<Any>) -> (ColumnKind, usize) {
    let kind = match column.column_type() {
        Any::Advice(_) => ColumnKind::Advice,
        Any::Fixed => ColumnKind::Fixed,
        Any::Instance => ColumnKind::Instance,
    };
    (kind, column.index())
}
