//! Verifying many proofs at once.
//!
//! A proof, with its link if its parameters are committed, holds if a linear combination of its points pairs to 1
//! (`e(L, [s]) = e(R, 1)`). A batch checks one such equation, for a combination
//! of all of them with random weights of its own. If one of `n` does not hold, theirs does
//! with probability `n / p` at most, for the group order `p`. So the proofs share a pairing and a multi-scalar
//! multiplication, and what is left for each, hashing and evaluating, is done on all cores.
//!
//! A batch that does not hold is halved until the proofs are found that do not: few bad proofs among
//! many cost few more equations.

use crate::committed::PinnedModel;
use crate::keys::VerifyingKey;
use crate::verify::PublicStatement;
use crate::{Claim, Error, Proof};
use halo2_proofs::poly::VerificationStrategy;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::AccumulatorStrategy;
use halo2curves::bn256::Bn256;
use rayon::prelude::*;

/// A proof that is one by its form.
struct Item<'a> {
    index: usize,
    proof: &'a Proof,
    statement: PublicStatement,
}

impl VerifyingKey {
    /// Verifies many proofs for one key. The result of each is that of [`VerifyingKey::verify`], or of
    /// [`VerifyingKey::verify_linked`] with a model commitment, in the order of the proofs.
    pub fn verify_batch(
        &self,
        proofs: &[Proof],
        model: Option<&PinnedModel<'_>>,
    ) -> Vec<Result<Claim, Error>> {
        let mut results: Vec<Option<Result<Claim, Error>>> = proofs.iter().map(|_| None).collect();
        let mut items = Vec::with_capacity(proofs.len());
        for (index, proof) in proofs.iter().enumerate() {
            match self.statement(proof, model) {
                Ok(statement) => items.push(Item {
                    index,
                    proof,
                    statement,
                }),
                Err(error) => results[index] = Some(Err(error)),
            }
        }
        let invalid = self.find_invalid(&items, model);
        for item in items {
            results[item.index] = Some(Ok(self.claim(item.statement, model)));
        }
        for (index, error) in invalid {
            results[index] = Some(Err(error));
        }
        results.into_iter().flatten().collect()
    }

    /// The proofs that do not hold, by their index.
    fn find_invalid(&self, items: &[Item<'_>], model: Option<&PinnedModel<'_>>) -> Vec<(usize, Error)> {
        match items {
            [] => Vec::new(),
            [item] => {
                let checked = self.check(&item.statement.columns, item.proof, model);
                checked
                    .err()
                    .map(|error| (item.index, error))
                    .into_iter()
                    .collect()
            }
            _ if self.all_hold(items, model) => Vec::new(),
            _ => {
                let (left, right) = items.split_at(items.len() / 2);
                let mut found = self.find_invalid(left, model);
                found.extend(self.find_invalid(right, model));
                found
            }
        }
    }

    /// Whether all proofs hold: a part of them on each core.
    fn all_hold(&self, items: &[Item<'_>], model: Option<&PinnedModel<'_>>) -> bool {
        let part = items.len().div_ceil(rayon::current_num_threads());
        items.par_chunks(part).all(|part| self.part_holds(part, model))
    }

    fn part_holds(&self, items: &[Item<'_>], model: Option<&PinnedModel<'_>>) -> bool {
        let mut proofs = AccumulatorStrategy::new(&self.params);
        for item in items {
            match self.open(proofs, &item.statement.columns, item.proof, model) {
                Ok(together) => proofs = together,
                Err(_) => return false,
            }
        }
        VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::finalize(proofs)
    }
}
