//! What is opened where: SHPLONK's rotation sets, in the order of halo2's verifier.

use crate::Error;
use std::collections::BTreeSet;

/// A commitment that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commitment {
    /// A point of the proof.
    Proof(usize),
    /// A point of the key: fixed columns, then the permutation.
    Key(usize),
    /// The quotient: its pieces, times powers of `x^n`, less what a link adds ([`crate::link`]).
    Quotient,
}

/// A claimed evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// A scalar of the proof.
    Proof(usize),
    /// What the constraints say of the quotient.
    Quotient,
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
///
/// # Errors
/// [`Error::Unsupported`] for two evaluations of a commitment at one rotation, one of which nothing would be said about: rows of
/// a small circuit that are apart by all of its rows are one.
pub(crate) fn rotation_sets(
    queries: &[(Commitment, i64, Evaluation)],
) -> Result<(Vec<i64>, Vec<RotationSet>), Error> {
    type Openings = Vec<(i64, Evaluation)>;
    let mut openings: Vec<(Commitment, Openings)> = vec![];
    for &(commitment, rotation, evaluation) in queries {
        let index = openings.iter().position(|o| o.0 == commitment);
        let index = index.unwrap_or_else(|| {
            openings.push((commitment, vec![]));
            openings.len() - 1
        });
        let list = &mut openings[index].1;
        if list.iter().any(|o| o.0 == rotation) {
            return Err(Error::Unsupported {
                expected: "that opens each commitment once at a row",
                found: format!("two openings at row {rotation}"),
            });
        }
        list.push((rotation, evaluation));
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
    Ok((rotations, sets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitments_with_the_same_rotations_are_one_set() {
        let [a, b, c] = [0, 1, 2].map(Commitment::Proof);
        let queries = [(a, 0), (b, 5), (b, 0), (c, 0), (a, 5)];
        let queries: Vec<_> = queries
            .iter()
            .enumerate()
            .map(|(i, &(commitment, rotation))| (commitment, rotation, Evaluation::Proof(i)))
            .collect();
        let (rotations, sets) = rotation_sets(&queries).unwrap();
        assert_eq!(rotations, [0, 5]);
        let evaluations = |indices: &[usize]| indices.iter().map(|i| Evaluation::Proof(*i)).collect();
        assert_eq!(sets[0].points, [0, 1]);
        assert_eq!(
            sets[0].commitments,
            [(a, evaluations(&[0, 4])), (b, evaluations(&[2, 1]))]
        );
        assert_eq!(sets[1].points, [0]);
        assert_eq!(sets[1].commitments, [(c, evaluations(&[3]))]);
    }

    #[test]
    fn two_evaluations_at_one_row_are_refused() {
        let queries = [0, 1].map(|i| (Commitment::Proof(0), 3, Evaluation::Proof(i)));
        assert!(matches!(rotation_sets(&queries), Err(Error::Unsupported { .. })));
    }
}
