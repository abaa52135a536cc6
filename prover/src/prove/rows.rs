//! Columns by rows, before they become polynomials.

use super::ProofState;
use crate::Error;
use crate::key::DeviceKey;
use crate::program::{Compiled, Source, Symbols};
use ff::Field;
use halo2curves::bn256::Fr;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use zkml_kernels::{Backend, Scalars};

/// A committed advice column, blinding rows included.
pub(super) enum AdviceColumn<B: Backend> {
    /// Small integers up to the last usable row, and the rows after it.
    Small { values: B::Integers, tail: Vec<Fr> },
    /// Sums of entries of a table on the first rows, and the rows after them.
    Dictionary {
        codes: Vec<Codes<B>>,
        rows: usize,
        table: Arc<B::Vector>,
        tail: Vec<Fr>,
    },
    /// All rows, on the device.
    Device(B::Vector),
}

/// Where the codes of a column are: on the device, or in an advice column of an earlier phase, which is small.
pub(super) enum Codes<B: Backend> {
    Own(B::Integers),
    Advice(usize),
}

impl<B: Backend> AdviceColumn<B> {
    /// What is committed to; `codes` are [`Self::codes`].
    pub fn scalars<'a>(&'a self, codes: &'a [&'a B::Integers]) -> Scalars<'a, B::Vector, B::Integers> {
        match self {
            Self::Small { values, tail } => Scalars::Small { values, tail },
            Self::Dictionary {
                rows, table, tail, ..
            } => Scalars::Dictionary {
                codes,
                rows: *rows,
                table,
                tail,
            },
            Self::Device(vector) => Scalars::Full(vector),
        }
    }

    /// The codes of a column of table entries, some of which are in other columns; none for
    /// other columns. That the other columns are there was checked when this one was made.
    pub fn codes<'a>(&'a self, advice: impl Fn(usize) -> Option<&'a Self>) -> Vec<&'a B::Integers> {
        let Self::Dictionary { codes, .. } = self else {
            return Vec::new();
        };
        let list = |codes: &'a Codes<B>| match codes {
            Codes::Own(own) => Some(own),
            Codes::Advice(index) => match advice(*index) {
                Some(Self::Small { values, .. }) => Some(values),
                _ => None,
            },
        };
        codes.iter().filter_map(list).collect()
    }
}

/// A vector that is kept, or was made for one use.
pub(super) enum Handle<'a, V> {
    Kept(&'a V),
    Made(V),
}

impl<V> Deref for Handle<'_, V> {
    type Target = V;

    fn deref(&self) -> &V {
        match self {
            Self::Kept(vector) => vector,
            Self::Made(vector) => vector,
        }
    }
}

/// The columns of a proof by rows.
///
/// Vectors of small columns, instance columns and columns of the key are made for each use: few
/// are read by rows, and keeping them costs memory in every proof.
pub(super) struct Rows<'a, B: Backend> {
    backend: &'a B,
    key: &'a DeviceKey<B>,
    instances: &'a [&'a [Fr]],
    pub advice: Vec<AdviceColumn<B>>,
    /// The permuted columns of lookups.
    pub permuted: HashMap<Source, B::Vector>,
}

impl<'a, B: Backend> Rows<'a, B> {
    pub fn new(prover: &ProofState<'a, B>, advice: Vec<AdviceColumn<B>>) -> Self {
        Self {
            backend: prover.backend,
            key: prover.key,
            instances: prover.instances,
            advice,
            permuted: HashMap::new(),
        }
    }

    /// The rows of a column.
    pub fn column(&self, source: Source) -> Result<Handle<'_, B::Vector>, Error> {
        let missing = |kind, columns, column| Error::NoSuchColumn {
            kind,
            columns,
            column,
        };
        match source {
            Source::Advice(index) => match self.advice.get(index) {
                Some(AdviceColumn::Small { values, tail }) => {
                    Ok(Handle::Made(self.backend.expand_small(values, tail)?))
                }
                Some(AdviceColumn::Dictionary {
                    rows, table, tail, ..
                }) => {
                    let codes = self.advice[index].codes(|other| self.advice.get(other));
                    let vector = self.backend.expand_dictionary(&codes, *rows, table, tail)?;
                    Ok(Handle::Made(vector))
                }
                Some(AdviceColumn::Device(vector)) => Ok(Handle::Kept(vector)),
                None => Err(missing("advice", self.advice.len(), index)),
            },
            Source::Instance(index) => {
                let values = self.instances.get(index);
                let values = values.ok_or_else(|| missing("instance", self.instances.len(), index))?;
                let mut rows = vec![Fr::ZERO; self.key.domain.n];
                rows[..values.len()].copy_from_slice(values);
                Ok(Handle::Made(self.backend.upload(&rows)?))
            }
            _ => match self.permuted.get(&source) {
                Some(vector) => Ok(Handle::Kept(vector)),
                None => Ok(Handle::Made(self.key.rows(self.backend, source)?)),
            },
        }
    }

    /// Runs a program on every row.
    pub fn run(&self, program: &Compiled, symbols: &Symbols) -> Result<B::Vector, Error> {
        self.run_with(program, symbols, None)
    }

    /// The same; `inverse` is what the program reads as [`Source::Inverse`].
    pub fn run_with(
        &self,
        program: &Compiled,
        symbols: &Symbols,
        inverse: Option<&B::Vector>,
    ) -> Result<B::Vector, Error> {
        let handles = program
            .sources()
            .iter()
            .map(|&source| match (source, inverse) {
                (Source::Inverse, Some(inverse)) => Ok(Handle::Kept(inverse)),
                _ => self.column(source),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let columns: Vec<&B::Vector> = handles.iter().map(Deref::deref).collect();
        if columns.is_empty() {
            // A program that reads no column: the same value on every row.
            let value = program.at_point(symbols, |_| Fr::ZERO);
            return Ok(self.backend.upload(&vec![value; self.key.domain.n])?);
        }
        Ok(program.run(self.backend, &columns, symbols)?)
    }
}
