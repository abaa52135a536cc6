//! Verifying many proofs at once.
//!
//! A proof, with its link if its parameters are committed, holds if a linear combination of points pairs to 1
//! (`e(L, [s]) = e(R, [1])`). A batch checks the sum of all these equations, each with a random weight of its own. If one of them does not
//! hold, the sum does with probability `1 / p`, for the group order `p`. So the proofs share a pairing and one
//! multi-scalar multiplication, in which the points of the key occur once. What is left for each, hashing and evaluating, is done on all
//! cores.
//!
//! A batch that does not hold is halved until the proofs are found that do not: few bad proofs among
//! many cost few more sums. Those are then verified as single ones are, by halo2's verifier, as are proofs that cannot be read.

use super::Verifier;
use super::check::PublicStatement;
use crate::transcript::StrictRead;
use crate::transcript::TranscriptKind;
use crate::{Claim, Error, Proof};
use ff::Field;
use halo2_proofs::transcript::Challenge255;
use halo2curves::bn256::{Fr, G1Affine};
use rand_core::OsRng;
use rayon::prelude::*;
use zkml_evm::{EvmChallenge, EvmRead};
use zkml_verifier::{BatchVerifier, Equation};

/// Proofs whose equations are added up at most: it bounds the memory that they take.
const TOGETHER: usize = 1024;

impl Verifier {
    /// Verifies many proofs. The result of each is that of [`Verifier::verify`], in the order of the proofs.
    #[tracing::instrument(level = "debug", name = "verify_batch", skip_all)]
    pub fn verify_batch(&self, proofs: &[Proof]) -> Vec<Result<Claim, Error>> {
        let parts = proofs.chunks(TOGETHER);
        parts.flat_map(|proofs| self.verify_together(proofs)).collect()
    }

    /// The key, ready for batches; none for a circuit whose proofs are verified one by one.
    pub(super) fn batch_verifier(&self) -> Option<&BatchVerifier> {
        let derive = || {
            let link = self.pinned.as_ref().map(|model| self.key.model_link(model));
            BatchVerifier::new(&self.key.circuit_key(link)).ok()
        };
        self.batch.get_or_init(derive).as_ref()
    }

    fn verify_together(&self, proofs: &[Proof]) -> Vec<Result<Claim, Error>> {
        let statements = proofs.par_iter().map(|proof| self.key.statement(proof));
        let statements: Vec<Result<PublicStatement, Error>> = statements.collect();
        let formed = statements.iter().zip(proofs).enumerate();
        let formed: Vec<Item<'_>> = formed
            .filter_map(|(index, (statement, proof))| {
                let columns = &statement.as_ref().ok()?.columns;
                Some(Item {
                    index,
                    proof,
                    columns,
                })
            })
            .collect();
        let errors = self.check_alone(&self.suspects(&formed));
        let claim = |statement| self.key.claim(statement, self.pinned.as_ref());
        let mut results: Vec<_> = statements.into_iter().map(|s| s.map(claim)).collect();
        for (index, error) in errors {
            results[index] = Err(error);
        }
        results
    }

    /// The proofs that are to be verified alone: all but those that hold together.
    fn suspects<'i, 'p>(&self, items: &'i [Item<'p>]) -> Vec<&'i Item<'p>> {
        let verifier = if items.len() > 1 {
            self.batch_verifier()
        } else {
            None
        };
        let Some(verifier) = verifier else {
            return items.iter().collect();
        };
        let read = |item| (item, equation(verifier, item));
        let read: Vec<(&Item<'_>, Option<Equation>)> = items.par_iter().map(read).collect();
        let (mut suspects, mut weighted) = (vec![], vec![]);
        for (item, equation) in read {
            match equation {
                Some(equation) => weighted.push((item, (Fr::random(OsRng), equation))),
                None => suspects.push(item),
            }
        }
        halve(verifier, &weighted, &mut suspects);
        suspects
    }

    /// Verifies each of these proofs alone, and says which do not hold.
    fn check_alone(&self, items: &[&Item<'_>]) -> Vec<(usize, Error)> {
        let check = |item: &&Item<'_>| {
            let checked = self.key.check(item.columns, item.proof, self.pinned.as_ref());
            checked.err().map(|error| (item.index, error))
        };
        // A part for each core: a verification has parallel parts of its own, which waiting cores would nest in each other.
        let part = items.len().div_ceil(rayon::current_num_threads()).max(1);
        let parts = items.par_chunks(part);
        parts
            .flat_map_iter(|part| part.iter().filter_map(check))
            .collect()
    }
}

/// A proof that is one by its form, and its place among the proofs.
pub(super) struct Item<'p> {
    pub(super) index: usize,
    pub(super) proof: &'p Proof,
    pub(super) columns: &'p [Vec<Fr>],
}

/// A proof's weight and its equation.
type Weighted = (Fr, Equation);

/// Reads a proof to its end.
pub(super) fn equation(verifier: &BatchVerifier, item: &Item<'_>) -> Option<Equation> {
    let columns: Vec<&[Fr]> = item.columns.iter().map(Vec::as_slice).collect();
    match item.proof.transcript {
        TranscriptKind::Blake2b => {
            let mut transcript = StrictRead::new(&item.proof.bytes);
            let equation = verifier.read::<Challenge255<G1Affine>, _>(&columns, &mut transcript);
            transcript.finish().and(equation).ok()
        }
        TranscriptKind::Evm => {
            let mut transcript = EvmRead::new(&item.proof.bytes);
            let equation = verifier.read::<EvmChallenge, _>(&columns, &mut transcript);
            transcript.finish().and(equation).ok()
        }
    }
}

/// Finds the proofs that do not hold, by halves.
fn halve<'i, 'p>(
    verifier: &BatchVerifier,
    items: &[(&'i Item<'p>, Weighted)],
    found: &mut Vec<&'i Item<'p>>,
) {
    if verifier.hold(items.iter().map(|(_, weighted)| weighted)) {
        return;
    }
    if let [(item, _)] = items {
        found.push(item);
        return;
    }
    let (left, right) = items.split_at(items.len() / 2);
    halve(verifier, left, found);
    halve(verifier, right, found);
}

#[cfg(all(test, feature = "prover"))]
mod tests;
