//! What a verifier of a circuit reads, in which order, and which openings it checks: derived from halo2's
//! verifying key, in the order of its `verify_proof`.

use crate::link::LinkParts;
use crate::openings::{Commitment, Evaluation, RotationSet, rotation_sets};
use crate::{CircuitKey, Error};
use ff::{Field, PrimeField};
use group::prime::PrimeCurveAffine;
use halo2_proofs::plonk::{Any, Column};
use halo2_proofs::poly::Rotation;
use halo2curves::bn256::{Fr, G1Affine};

/// Points or evaluations of the proof that are absorbed together, and the challenges that follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Points.
    pub points: usize,
    /// Evaluations.
    pub evaluations: usize,
    /// Challenges that follow.
    pub challenges: usize,
}

impl Round {
    /// Bytes of the proof.
    pub fn bytes(self) -> usize {
        64 * self.points + 32 * self.evaluations
    }
}

/// Evaluations of a part of the permutation's running product.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProductEvaluations {
    pub current: usize,
    pub next: usize,
    /// At the last row, for all parts but the last.
    pub last: Option<usize>,
}

/// What a verifier does with the proofs of a circuit.
#[derive(Debug)]
pub struct Protocol {
    /// The rounds of the transcript, but for the last opening point.
    pub rounds: Vec<Round>,
    /// Points of the proof before the evaluations; two more follow them.
    pub points: usize,
    /// Evaluations, that of a link the first.
    pub evaluations: usize,
    /// First point of the quotient and number of its pieces.
    pub(crate) quotient: (usize, usize),
    pub(crate) circuit_challenges: usize,
    /// Advice and fixed queries, as column and rotation, with the index of their evaluation.
    pub(crate) advice: Vec<(usize, Rotation, usize)>,
    pub(crate) fixed: Vec<(usize, Rotation, usize)>,
    /// Indices of the evaluations of the permutation's columns.
    pub(crate) permutation: Vec<usize>,
    pub(crate) products: Vec<ProductEvaluations>,
    /// Rotations that are opened, modulo the number of rows.
    pub(crate) rotations: Vec<i64>,
    pub(crate) sets: Vec<RotationSet>,
    /// The points of the key: fixed columns, then the permutation.
    pub key_points: Vec<G1Affine>,
    /// What proofs are linked to, and where the parts of the link stand.
    pub link: Option<LinkParts>,
    /// The root of unity whose powers are the rows.
    pub omega: Fr,
    pub(crate) blinding: usize,
}

/// Challenges after the circuit's: `theta`, `beta`, `gamma`, the constraints' `y`, `x`, then SHPLONK's
/// `y`, `v`, `u`. A link draws one more, after the constraints' `y`.
#[derive(Clone, Copy, Debug)]
pub enum After {
    /// `beta` of the permutation.
    Beta = 1,
    /// `gamma` of the permutation.
    Gamma = 2,
    /// `y` of the constraints.
    Constraints = 3,
    /// `x`, where everything is evaluated.
    X = 4,
    /// SHPLONK's `y`.
    Openings = 5,
    /// SHPLONK's `v`.
    V = 6,
    /// SHPLONK's `u`.
    U = 7,
}

/// Number of challenges after the circuit's, without that of a link.
pub(crate) const AFTER: usize = 8;

fn unsupported(expected: &'static str, found: impl ToString) -> Error {
    Error::Unsupported {
        expected,
        found: found.to_string(),
    }
}

impl Protocol {
    /// Reads it off a key.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for circuits that zkml does not make, [`Error::Mismatch`] for another number of points in the
    /// model commitment.
    pub fn new(key: &CircuitKey<'_>) -> Result<Self, Error> {
        let cs = key.halo2.cs();
        if !cs.lookups().is_empty() {
            return Err(unsupported("without halo2's lookups", cs.lookups().len()));
        }
        let columns = key.instance_columns + usize::from(key.context);
        if cs.num_instance_columns() != columns
            || cs
                .instance_queries()
                .iter()
                .any(|q| q.0.index() >= key.instance_columns)
        {
            return Err(unsupported(
                "with the instance columns of its public values",
                cs.num_instance_columns(),
            ));
        }
        if let Some(q) = cs.instance_queries().iter().find(|q| q.1 != Rotation::cur()) {
            return Err(unsupported(
                "whose instance columns are read at the current row",
                q.1.0,
            ));
        }
        // Challenges are numbered in the order in which they are drawn.
        let (phases, challenge_phases) = (cs.advice_column_phase(), cs.challenge_phase());
        let last_phase = phases.iter().copied().max().unwrap_or(0);
        if !challenge_phases.is_sorted() || challenge_phases.last().is_some_and(|p| *p > last_phase) {
            return Err(unsupported(
                "with challenges in the order of their phases",
                "others",
            ));
        }
        if let Some(model) = &key.link {
            model.check(cs)?;
        }
        let mut point_count = 0;
        let mut points = |n: usize| {
            point_count += n;
            point_count - n
        };

        // Commitments.
        let mut advice_points = vec![0; cs.num_advice_columns()];
        let mut rounds = Rounds::default();
        for phase in 0..=last_phase {
            for (column, point) in advice_points.iter_mut().enumerate() {
                if phases[column] == phase {
                    *point = points(1);
                    rounds.points(1);
                }
            }
            rounds.squeeze(challenge_phases.iter().filter(|p| **p == phase).count());
        }
        rounds.squeeze(3);
        let columns = cs.permutation().get_columns();
        let unread = |c: &Column<Any>| *c.column_type() == Any::Instance && c.index() >= key.instance_columns;
        if columns.iter().any(unread) {
            return Err(unsupported("without copies of its context", "some"));
        }
        let chunk = cs.degree() - 2;
        let product_points: Vec<usize> = columns.chunks(chunk).map(|_| points(1)).collect();
        let random_point = points(1);
        rounds.points(product_points.len() + 1);
        rounds.squeeze(1);
        if key.link.is_some() {
            rounds.link();
        }
        let pieces = cs.degree() - 1;
        let quotient = (points(pieces), pieces);
        rounds.points(pieces);
        rounds.squeeze(1);

        // Evaluations.
        let mut counter = 0;
        let mut next = || {
            counter += 1;
            counter - 1
        };
        let link = key.link.as_ref().map(|model| LinkParts {
            model: model.clone(),
            challenge: cs.num_challenges() + After::X as usize,
            value: next(),
        });
        let advice: Vec<_> = cs
            .advice_queries()
            .iter()
            .map(|q| (q.0.index(), q.1, next()))
            .collect();
        let fixed: Vec<_> = cs
            .fixed_queries()
            .iter()
            .map(|q| (q.0.index(), q.1, next()))
            .collect();
        let random = next();
        let permutation: Vec<usize> = columns.iter().map(|_| next()).collect();
        let parts = product_points.len();
        let products: Vec<ProductEvaluations> = (0..parts)
            .map(|i| ProductEvaluations {
                current: next(),
                next: next(),
                last: (i + 1 < parts).then(&mut next),
            })
            .collect();
        let evaluations = counter;
        rounds.evaluations(evaluations);
        rounds.squeeze(2);
        rounds.points(1);
        rounds.squeeze(1);

        // Openings, in halo2's order.
        let blinding = cs.blinding_factors();
        let mut queries: Vec<(Commitment, i64, Evaluation)> = vec![];
        let mut query = |commitment, rotation: i32, evaluation| {
            queries.push((commitment, i64::from(rotation).rem_euclid(1 << key.k), evaluation));
        };
        for &(column, at, e) in &advice {
            query(
                Commitment::Proof(advice_points[column]),
                at.0,
                Evaluation::Proof(e),
            );
        }
        for (&point, e) in product_points.iter().zip(&products) {
            query(Commitment::Proof(point), 0, Evaluation::Proof(e.current));
            query(Commitment::Proof(point), 1, Evaluation::Proof(e.next));
        }
        for (&point, e) in product_points.iter().zip(&products).rev().skip(1) {
            let last = e.last.unwrap_or(e.current);
            query(
                Commitment::Proof(point),
                -(blinding as i32 + 1),
                Evaluation::Proof(last),
            );
        }
        for &(column, at, e) in &fixed {
            query(Commitment::Key(column), at.0, Evaluation::Proof(e));
        }
        for (i, &e) in permutation.iter().enumerate() {
            let point = cs.num_fixed_columns() + i;
            query(Commitment::Key(point), 0, Evaluation::Proof(e));
        }
        query(Commitment::Quotient, 0, Evaluation::Quotient);
        query(Commitment::Proof(random_point), 0, Evaluation::Proof(random));
        if let Some(link) = &link {
            let marks = Commitment::Key(link.model.marks);
            query(marks, 0, Evaluation::Proof(link.value));
        }
        let (rotations, sets) = rotation_sets(&queries)?;

        let fixed_points = key.halo2.fixed_commitments();
        let key_points: Vec<G1Affine> = fixed_points
            .iter()
            .chain(key.halo2.permutation().commitments())
            .copied()
            .collect();
        if let Some(column) = key_points.iter().position(|p| bool::from(p.is_identity())) {
            return Err(unsupported(
                "without empty fixed columns",
                format!("number {column}"),
            ));
        }
        Ok(Protocol {
            rounds: rounds.0,
            points: point_count,
            evaluations,
            quotient,
            circuit_challenges: cs.num_challenges(),
            advice,
            fixed,
            permutation,
            products,
            rotations,
            sets,
            key_points,
            link,
            omega: Fr::ROOT_OF_UNITY.pow_vartime([1 << (Fr::S - key.k)]),
            blinding,
        })
    }

    /// Bytes of a proof.
    pub fn proof_len(&self) -> usize {
        64 * self.proof_points() + 32 * self.evaluations
    }

    /// Number of challenges.
    pub fn challenges(&self) -> usize {
        self.circuit_challenges + AFTER + usize::from(self.link.is_some())
    }

    /// Number of points in a proof: those before the evaluations, and two openings.
    pub fn proof_points(&self) -> usize {
        self.points + 2
    }

    /// Number of published points that a link is about.
    pub fn published(&self) -> usize {
        self.link.as_ref().map_or(0, |link| link.model.published.len())
    }

    /// Number of points before the key's in the final sum: the proof's, the published ones.
    pub fn first_key_point(&self) -> usize {
        self.proof_points() + self.published()
    }

    /// Index of a challenge after the circuit's.
    pub fn after(&self, challenge: After) -> usize {
        let index = self.circuit_challenges + challenge as usize;
        match &self.link {
            Some(link) if index >= link.challenge => index + 1,
            _ => index,
        }
    }

    /// Index of the evaluation of an advice query.
    pub(crate) fn advice_query(&self, column: usize, at: Rotation) -> Option<usize> {
        position(&self.advice, column, at)
    }

    /// Index of the evaluation of a fixed query.
    pub(crate) fn fixed_query(&self, column: usize, at: Rotation) -> Option<usize> {
        position(&self.fixed, column, at)
    }

    /// The permutation's columns at the current row, in order.
    pub(crate) fn permuted(&self, key: &CircuitKey<'_>) -> Result<Vec<Permuted>, Error> {
        let columns = key.halo2.cs().permutation().get_columns();
        let permuted = |column: &Column<Any>| {
            let (index, at) = (column.index(), Rotation::cur());
            let evaluation = match column.column_type() {
                Any::Advice(_) => self.advice_query(index, at),
                Any::Fixed => self.fixed_query(index, at),
                Any::Instance => return Ok(Permuted::Instance(index)),
            };
            evaluation
                .map(Permuted::Evaluation)
                .ok_or_else(|| unsupported("that opens its permuted columns", "one that it does not"))
        };
        columns.iter().map(permuted).collect()
    }
}

fn position(queries: &[(usize, Rotation, usize)], column: usize, at: Rotation) -> Option<usize> {
    queries.iter().find(|q| (q.0, q.1) == (column, at)).map(|q| q.2)
}

/// A column of the permutation at the current row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Permuted {
    Evaluation(usize),
    Instance(usize),
}

#[derive(Default)]
struct Rounds(Vec<Round>);

impl Rounds {
    fn points(&mut self, count: usize) {
        self.absorbing().points += count;
    }

    fn evaluations(&mut self, count: usize) {
        self.absorbing().evaluations += count;
    }

    fn squeeze(&mut self, challenges: usize) {
        match self.0.last_mut() {
            Some(round) => round.challenges += challenges,
            None => self.0.push(Round {
                challenges,
                ..Round::default()
            }),
        }
    }

    /// The round of a link's challenge, which follows what is no part of a proof. No other round is without any of it: the first
    /// has columns, and others begin with what they absorb.
    fn link(&mut self) {
        self.0.push(Round {
            challenges: 1,
            ..Round::default()
        });
    }

    /// The round that absorbs: a new one after challenges.
    fn absorbing(&mut self) -> &mut Round {
        if self.0.last().is_none_or(|round| round.challenges > 0) {
            self.0.push(Round::default());
        }
        let last = self.0.len() - 1;
        &mut self.0[last]
    }
}
