//! Columns as polynomials.

use super::ProofState;
use super::rows::{AdviceColumn, Handle, Rows};
use crate::Error;
use crate::Stage;
use crate::key::DeviceKey;
use crate::program::Source;
use std::collections::HashMap;
use zkml_kernels::Backend;

/// Columns that are transformed at a time.
const BATCH: usize = 16;

/// The polynomials of a proof and of its key, by coefficients.
pub(super) struct Polynomials<'a, B: Backend> {
    key: &'a DeviceKey<B>,
    own: HashMap<Source, B::Vector>,
}

impl<B: Backend> Polynomials<'_, B> {
    pub fn get(&self, source: Source) -> Result<&B::Vector, Error> {
        let vector = self.own.get(&source).or_else(|| self.key.polynomial(source));
        vector.ok_or(Error::NoSuchColumn {
            kind: "queried",
            columns: self.own.len(),
            column: self.own.len(),
        })
    }

    pub fn insert(&mut self, source: Source, polynomial: B::Vector) {
        self.own.insert(source, polynomial);
    }
}

impl<'a, B: Backend> ProofState<'a, B> {
    /// Turns all columns into coefficients; rows are dropped as they are used up.
    #[tracing::instrument(level = "debug", name = "polynomials", skip_all)]
    pub(super) fn interpolate(
        &mut self,
        rows: Rows<'a, B>,
        products: Vec<(Source, B::Vector)>,
        random: B::Vector,
    ) -> Result<Polynomials<'a, B>, Error> {
        let mut own = HashMap::new();
        own.insert(Source::Random, random);
        let instances = (0..self.instances.len())
            .map(|index| {
                let source = Source::Instance(index);
                Ok((source, owned(self.backend, rows.column(source)?)?))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let total = instances.len() + rows.advice.len() + rows.permuted.len() + products.len();
        let mut done = 0;
        // While the columns that they read are there.
        let is_dictionary = |index: &usize| matches!(rows.advice[*index], AdviceColumn::Dictionary { .. });
        let dictionary: Vec<usize> = (0..rows.advice.len()).filter(is_dictionary).collect();
        for batch in dictionary.chunks(BATCH) {
            self.step(Stage::Polynomials, done, total)?;
            let sources = batch.iter().map(|&index| Source::Advice(index));
            let mut vectors = sources
                .clone()
                .map(|source| owned(self.backend, rows.column(source)?))
                .collect::<Result<Vec<_>, Error>>()?;
            self.backend.intt(&mut vectors)?;
            done += batch.len();
            own.extend(sources.zip(vectors));
        }
        let Rows { advice, permuted, .. } = rows;
        let backend = self.backend;
        let advice = advice.into_iter().enumerate().filter_map(|(index, column)| {
            let vector = match column {
                AdviceColumn::Small { values, tail } => match backend.expand_small(&values, &tail) {
                    Ok(vector) => vector,
                    Err(error) => return Some(Err(error.into())),
                },
                AdviceColumn::Dictionary { .. } => return None,
                AdviceColumn::Device(vector) => vector,
            };
            Some(Ok((Source::Advice(index), vector)))
        });
        let mut columns = advice.chain(
            instances
                .into_iter()
                .chain(permuted)
                .chain(products)
                .map(Ok::<_, Error>),
        );
        while done < total {
            self.step(Stage::Polynomials, done, total)?;
            let (sources, mut vectors): (Vec<Source>, Vec<B::Vector>) =
                columns.by_ref().take(BATCH).collect::<Result<_, _>>()?;
            backend.intt(&mut vectors)?;
            done += sources.len();
            own.extend(sources.into_iter().zip(vectors));
        }
        self.step(Stage::Polynomials, 1, 1)?;
        Ok(Polynomials { key: self.key, own })
    }
}

fn owned<B: Backend>(backend: &B, handle: Handle<'_, B::Vector>) -> Result<B::Vector, Error> {
    match handle {
        Handle::Made(vector) => Ok(vector),
        Handle::Kept(vector) => Ok(backend.duplicate(vector)?),
    }
}
