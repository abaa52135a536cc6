//! What is opened where: SHPLONK's rotation sets, in the order of halo2's verifier.

use std::collections::BTreeSet;

/// A commitment that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commitment {
    /// A point of the proof.
    Proof(usize),
    /// A point of the key: fixed columns, then the permutation.
    Key(usize),
    /// The quotient: its pieces, times powers of `x^n`.
    Quotient,
    /// What a link says is 0 at `x`: see [`crate::link`].
    Link,
}

/// A claimed evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// A scalar of the proof.
    Proof(usize),
    /// What the constraints say of the quotient.
    Quotient,
    /// Nothing but 0.
    Zero,
}

/// Commitments that are opened at the same points.
#[derive(Clone, Debug)]
pub(crate) struct RotationSet {
    /// Indices in [`crate::protocol::Protocol::rotations`], ascending.
    pub points: Vec<usize>,
    /// Each commitment with its evaluation at each point.
    pub commitments: Vec<(Commitment, Vec<Evaluation>)>,
}

/// SHPLONK's rotation sets: commitments in the order of their first query, sets in the order of their
/// first commitment.
pub(crate) fn rotation_sets(queries: &[(Commitment, i64, Evaluation)]) -> (Vec<i64>, Vec<RotationSet>) {
    type Openings = Vec<(i64, Evaluation)>;
    let mut openings: Vec<(Commitment, Openings)> = vec![];
    for &(commitment, rotation, evaluation) in queries {
        let index = openings.iter().position(|o| o.0 == commitment);
        let index = index.unwrap_or_else(|| {
            openings.push((commitment, vec![]));
            openings.len() - 1
        });
        let list = &mut openings[index].1;
        if list.iter().all(|o| o.0 != rotation) {
            list.push((rotation, evaluation));
        }
    }
    let rotations: BTreeSet<i64> = queries.iter().map(|q| q.1).collect();
    let rotations: Vec<i64> = rotations.into_iter().collect();
    let mut sets: Vec<RotationSet> = vec![];
    for (commitment, mut list) in openings {
        list.sort_by_key(|o| o.0);
        let index = |rotation| rotations.partition_point(|r| *r < rotation);
        let points: Vec<usize> = list.iter().map(|o| index(o.0)).collect();
        let evaluations = list.iter().map(|o| o.1).collect();
        match sets.iter_mut().find(|s| s.points == points) {
            Some(set) => set.commitments.push((commitment, evaluations)),
            None => sets.push(RotationSet {
                points,
                commitments: vec![(commitment, evaluations)],
            }),
        }
    }
    (rotations, sets)
}
