//! The running products of the permutation argument and of lookups.

use super::ProofState;
use super::rows::Rows;
use crate::Error;
use crate::Stage;
use crate::program::{Product, Source};
use ff::Field;
use halo2curves::bn256::Fr;
use zkml_kernels::Backend;

impl<'a, B: Backend> ProofState<'a, B> {
    /// Computes, blinds and commits to all running products, by rows.
    ///
    /// The permutation's products are chained: each starts where the one before ends, and the last
    /// ends in 1 if all copies are equal.
    #[tracing::instrument(level = "debug", name = "products", skip_all)]
    pub(super) fn running_products(&mut self, rows: &Rows<'a, B>) -> Result<Vec<(Source, B::Vector)>, Error> {
        let programs = &self.key.programs;
        let count = programs.permutation_products.len() + programs.lookup_products.len();
        let mut products = Vec::with_capacity(count);
        let mut start = Fr::ONE;
        for (chunk, product) in programs.permutation_products.iter().enumerate() {
            self.step(Stage::Products, chunk, count)?;
            let (vector, end) = self.running_product(rows, product, start)?;
            products.push((Source::PermutationProduct(chunk), vector));
            start = end;
        }
        if start != Fr::ONE {
            return Err(self.unequal_copy(rows)?);
        }
        for (index, product) in programs.lookup_products.iter().enumerate() {
            self.step(Stage::Products, products.len(), count)?;
            let (vector, end) = self.running_product(rows, product, Fr::ONE)?;
            if end != Fr::ONE {
                return Err(self.inconsistent());
            }
            products.push((Source::LookupProduct(index), vector));
        }
        let vectors: Vec<&B::Vector> = products.iter().map(|(_, vector)| vector).collect();
        if !vectors.is_empty() {
            self.commit_rows(&vectors)?;
            self.step(Stage::Products, 1, 1)?;
        }
        Ok(products)
    }

    /// One product from `start` on, with its value on the row after the usable ones.
    fn running_product(
        &mut self,
        rows: &Rows<'a, B>,
        product: &Product,
        start: Fr,
    ) -> Result<(B::Vector, Fr), Error> {
        let mut inverse = rows.run(&product.denominator, &self.symbols)?;
        self.backend.batch_invert(&mut inverse)?;
        let factors = rows.run_with(&product.quotient, &self.symbols, Some(&inverse))?;
        drop(inverse);
        let mut vector = self.backend.running_product(&factors, start)?;
        let domain = &self.key.domain;
        let end = self.backend.read(&vector, domain.usable, 1)?[0];
        let tail: Vec<Fr> = (0..domain.blinding).map(|_| Fr::random(&mut *self.rng)).collect();
        self.backend.write(&mut vector, domain.usable + 1, &tail)?;
        // A blind.
        Fr::random(&mut *self.rng);
        Ok((vector, end))
    }
}
