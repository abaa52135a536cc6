//! The witness: advice columns, phase by phase.

use super::ProofState;
use super::rows::{self, AdviceColumn, Rows};
use crate::Error;
use crate::Stage;
use crate::witness::{Codes, Column, PhaseSink, WitnessContext, WitnessSource};
use ff::Field;
use halo2curves::bn256::Fr;
use std::sync::Arc;
use zkml_kernels::Backend;

/// Columns that are committed to at a time: a backend can share work between them, and the proof
/// can be cancelled in between.
const BATCH: usize = 32;

impl<'a, B: Backend> ProofState<'a, B> {
    /// Lets `witness` hand over its phases.
    #[tracing::instrument(level = "debug", name = "phases", skip_all)]
    pub(super) fn assign_phases(&mut self, witness: &mut dyn WitnessSource) -> Result<Rows<'a, B>, Error> {
        let context = WitnessContext {
            constraint_system: &self.key.cs,
            usable_rows: self.key.domain.usable,
            instances: self.instances,
        };
        self.step(Stage::Witness, 0, 1)?;
        let mut phases = Phases {
            context,
            phase: 0,
            advice: (0..self.key.cs.num_advice_columns()).map(|_| None).collect(),
            challenges: vec![None; self.key.cs.num_challenges()],
            tables: Vec::new(),
            prover: self,
        };
        witness.assign(&context, &mut phases)?;
        let Phases {
            phase,
            advice,
            challenges,
            ..
        } = phases;
        let incomplete = Error::Phases {
            expected: context.phases(),
            found: phase,
        };
        // Every column and every challenge belongs to a phase.
        let advice: Option<Vec<_>> = advice.into_iter().collect();
        let challenges: Option<Vec<_>> = challenges.into_iter().collect();
        let (Some(advice), Some(challenges)) = (advice, challenges) else {
            return Err(incomplete);
        };
        self.symbols.challenges = challenges;
        self.step(Stage::Witness, 1, 1)?;
        Ok(Rows::new(self, advice))
    }
}

/// Takes the phases of a witness.
struct Phases<'p, 'a, 'c, B: Backend> {
    prover: &'p mut ProofState<'a, B>,
    context: WitnessContext<'c>,
    phase: usize,
    advice: Vec<Option<AdviceColumn<B>>>,
    challenges: Vec<Option<Fr>>,
    tables: Vec<Table<B>>,
}

/// A table of columns of codes, here and on the backend.
struct Table<B: Backend> {
    entries: Arc<Vec<Fr>>,
    uploaded: Arc<B::Vector>,
}

impl<B: Backend> PhaseSink for Phases<'_, '_, '_, B> {
    #[tracing::instrument(level = "debug", name = "commit", skip_all, fields(phase = self.phase + 1))]
    fn commit(&mut self, columns: Vec<Column>) -> Result<Vec<Option<Fr>>, Error> {
        let phases = self.context.phases();
        if self.phase >= phases {
            return Err(Error::Phases {
                expected: phases,
                found: self.phase + 1,
            });
        }
        let indices = self.context.columns(self.phase);
        self.check(&indices, &columns)?;
        if self.phase == 0 {
            for value in self.prover.instances.iter().flat_map(|values| values.iter()) {
                self.prover.channel.absorb_scalar(*value)?;
            }
        }
        let tails: Vec<Vec<Fr>> = indices.iter().map(|_| self.tail()).collect();
        for _ in &indices {
            Fr::random(&mut *self.prover.rng);
        }
        let total = indices.len();
        let mut rest = indices.into_iter().zip(columns).zip(tails);
        for start in (0..total).step_by(BATCH) {
            let mut batch = Vec::new();
            let mut at = Vec::new();
            for ((index, column), tail) in rest.by_ref().take(BATCH) {
                at.push(index);
                batch.push(self.blinded(column, tail)?);
            }
            let codes: Vec<Vec<&B::Integers>> = batch
                .iter()
                .map(|column| column.codes(|i| self.assigned(i)))
                .collect();
            let scalars: Vec<_> = batch
                .iter()
                .zip(&codes)
                .map(|(column, codes)| column.scalars(codes))
                .collect();
            let commitments = self.prover.backend.msm(self.prover.srs.lagrange(), &scalars)?;
            self.prover.write_points(commitments)?;
            let done = self.phase * total + start + batch.len();
            for (index, column) in at.into_iter().zip(batch) {
                self.advice[index] = Some(column);
            }
            self.prover.step(Stage::Witness, done, phases * total)?;
        }
        for index in self.context.challenges(self.phase) {
            self.challenges[index] = Some(self.prover.channel.challenge());
        }
        self.phase += 1;
        Ok(self.challenges.clone())
    }
}

impl<B: Backend> Phases<'_, '_, '_, B> {
    fn check(&self, indices: &[usize], columns: &[Column]) -> Result<(), Error> {
        if indices.len() != columns.len() {
            return Err(Error::WitnessColumns {
                phase: self.phase,
                expected: indices.len(),
                found: columns.len(),
            });
        }
        for (&index, column) in indices.iter().zip(columns) {
            if column.len() > self.context.usable_rows {
                return Err(Error::RowOutOfRange {
                    kind: "advice",
                    column: index,
                    rows: self.context.usable_rows,
                    row: column.len() - 1,
                });
            }
        }
        Ok(())
    }

    /// The rows that blind a column.
    fn tail(&mut self) -> Vec<Fr> {
        let rows = self.prover.key.domain.n - self.context.usable_rows;
        (0..rows).map(|_| Fr::random(&mut *self.prover.rng)).collect()
    }

    fn blinded(&mut self, column: Column, tail: Vec<Fr>) -> Result<AdviceColumn<B>, Error> {
        let backend = self.prover.backend;
        let usable = self.context.usable_rows;
        Ok(match column {
            Column::Small(mut values) => {
                values.resize(usable, 0);
                AdviceColumn::Small {
                    values: backend.upload_integers(values)?,
                    tail,
                }
            }
            Column::Field(mut values) => {
                values.resize(usable, Fr::ZERO);
                values.extend(tail);
                AdviceColumn::Device(backend.upload(&values)?)
            }
            Column::Dictionary { codes, rows, table } => {
                codes.iter().try_for_each(|codes| self.check_codes(codes, rows))?;
                let codes = codes.into_iter().map(|codes| match codes {
                    Codes::Own(own) => Ok(rows::Codes::Own(backend.upload_integers(own)?)),
                    Codes::Advice(index) => Ok(rows::Codes::Advice(index)),
                });
                let codes = codes.collect::<Result<_, Error>>()?;
                let mut blinded = vec![Fr::ZERO; usable - rows];
                blinded.extend(tail);
                AdviceColumn::Dictionary {
                    codes,
                    rows,
                    table: self.table(table)?,
                    tail: blinded,
                }
            }
        })
    }

    /// A table on the backend, once for all columns that share it.
    fn table(&mut self, entries: Arc<Vec<Fr>>) -> Result<Arc<B::Vector>, Error> {
        let known = self
            .tables
            .iter()
            .find(|known| Arc::ptr_eq(&known.entries, &entries));
        if let Some(known) = known {
            return Ok(known.uploaded.clone());
        }
        let uploaded = Arc::new(self.prover.backend.upload(&entries)?);
        self.tables.push(Table {
            entries,
            uploaded: uploaded.clone(),
        });
        Ok(uploaded)
    }

    /// An advice column of an earlier phase.
    fn assigned(&self, index: usize) -> Option<&AdviceColumn<B>> {
        self.advice.get(index).and_then(Option::as_ref)
    }

    /// Codes must be there, for as many rows; the backend checks that they are in the table.
    fn check_codes(&self, codes: &Codes, rows: usize) -> Result<(), Error> {
        let (column, found) = match codes {
            Codes::Own(own) => (None, own.len()),
            Codes::Advice(index) => match self.assigned(*index) {
                Some(AdviceColumn::Small { .. }) => (Some(*index), self.context.usable_rows),
                _ => (Some(*index), 0),
            },
        };
        if found >= rows {
            return Ok(());
        }
        Err(Error::Codes {
            column,
            expected: rows,
            found,
        })
    }
}
