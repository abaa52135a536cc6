//! Making a link ([`super::link`]).

use super::link::{Statement, powers};
use crate::backend::WitnessColumn;
use crate::device;
use crate::engine::{self, Home, on_device};
use crate::keys::ProvingKey;
use crate::tape::Tape;
use crate::{Error, Srs};
use ff::{Field, PrimeField};
use gpu_msm::{Column, Instruction, Operand, Program};
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rayon::prelude::*;

/// What a link is made of.
pub(crate) struct Link<'a> {
    /// The key of the proof.
    pub(crate) key: &'a ProvingKey,
    /// What the link is about.
    pub(crate) statement: Statement<'a>,
    /// The values of the blinding rows in the published columns.
    pub(crate) published: Vec<Vec<Fr>>,
    /// The proof's columns.
    pub(crate) lanes: Vec<WitnessColumn>,
    /// The randomness that the proof was made with.
    pub(crate) tape: &'a Tape,
}

impl Link<'_> {
    /// Writes the link to the transcript of the proof.
    ///
    /// # Errors
    /// [`Error::Backend`] if the engine or the transcript refuses.
    pub(crate) fn prove<E: EncodedChallenge<G1Affine>>(
        &self,
        srs: &Srs,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<(), Error> {
        on_device!(self.key.k(), backend => self.prove_on(backend, srs, transcript))
    }

    fn prove_on<B: Home, E: EncodedChallenge<G1Affine>>(
        &self,
        backend: &B,
        srs: &Srs,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<(), Error> {
        let srs = engine::prepared_srs(backend, srs)?;
        let commit = |polynomial| -> Result<G1Affine, Error> {
            let points = srs.commit(backend, &[polynomial]).map_err(failed)?;
            points.first().copied().ok_or_else(|| failed("no commitment"))
        };
        let (marked, rows) = self.marked()?;
        let marked = backend.upload(marked).map_err(failed)?;

        self.statement.absorb(transcript).map_err(failed)?;
        let gamma = *transcript.squeeze_challenge_scalar::<()>();
        let mut difference = backend.upload(&self.difference(gamma, &rows)).map_err(failed)?;
        let columns = std::slice::from_mut(&mut difference);
        backend.intt(columns).map_err(failed)?;
        // The quotient has fewer coefficients than a coset has points, and X^n - 1 is one number there.
        let shift = Fr::MULTIPLICATIVE_GENERATOR;
        let n = 1u64 << self.key.k();
        let inverse = (shift.pow_vartime([n]) - Fr::ONE).invert().unwrap_or(Fr::ZERO);
        let values = backend
            .coset_ntt(&[&difference, &marked], shift)
            .map_err(failed)?;
        let values: Vec<_> = values.iter().collect();
        let mut q = backend
            .run(&scaled_product(), &values, &[inverse])
            .map_err(failed)?;
        backend.coset_intt(&mut q, shift).map_err(failed)?;
        transcript.write_point(commit(&q)?).map_err(failed)?;

        let z = *transcript.squeeze_challenge_scalar::<()>();
        let v = backend.evaluate(&[(&marked, z)]).map_err(failed)?;
        let v = v.first().copied().ok_or_else(|| failed("no value"))?;
        transcript.write_scalar(v).map_err(failed)?;
        let rho = *transcript.squeeze_challenge_scalar::<()>();
        // The constant -rho v is part of the remainder alone.
        let vanishing = z.pow_vartime([n]) - Fr::ONE;
        let terms = [(v, &difference), (-vanishing, &q), (rho, &marked)];
        let mut w = backend.linear_combination(&terms).map_err(failed)?;
        backend.divide_by_linear(&mut w, z).map_err(failed)?;
        transcript.write_point(commit(&w)?).map_err(failed)
    }

    /// The fixed column that marks the rows of parameters, the last one: coefficients and rows.
    fn marked(&self) -> Result<(&Vec<Fr>, Vec<Fr>), Error> {
        let key = self.key.engine().on_cpu();
        let last = key.fixed_columns().checked_sub(1);
        let column = last.and_then(|last| Some((last, key.fixed_polynomial(last)?)));
        let (last, coefficients) = column.ok_or_else(|| failed("expected a fixed column, found none"))?;
        let rows = key.fixed_column(device::cpu(), last).map_err(failed)?;
        Ok((coefficients, rows))
    }

    /// The values of `D`: on rows that are not marked those of the proof's columns, where the published ones
    /// hold 0, and on blinding rows the proof's random values less the published ones.
    fn difference(&self, gamma: Fr, marked: &[Fr]) -> Vec<Fr> {
        let powers: Vec<Fr> = powers(gamma).take(self.lanes.len()).collect();
        let is_marked = |row: usize| marked[row] != Fr::ZERO;
        let mut sum: Vec<Fr> = (0..1usize << self.key.k())
            .into_par_iter()
            .map(|row| match is_marked(row) {
                true => Fr::ZERO,
                false => {
                    let cells = self.lanes.iter().zip(&powers);
                    cells.filter_map(|(c, x)| Some(c.get(row)? * x)).sum()
                }
            })
            .collect();
        let rows = self.key.blinding_rows();
        let first = sum.len() - rows;
        // Provers draw the blinding rows of phase 1 first, column by column.
        let mut replay = self.tape.replay();
        let mut fresh = || -> Vec<Fr> { (0..rows).map(|_| Fr::random(&mut replay)).collect() };
        let columns = self.key.verifying_key().parts.shape.weight_columns();
        (0..columns.start).for_each(|_| drop(fresh()));
        for (published, power) in self.published.iter().zip(powers) {
            for ((x, fresh), published) in sum[first..].iter_mut().zip(fresh()).zip(published) {
                *x += (fresh - published) * power;
            }
        }
        sum
    }
}

/// The product of two columns and a constant.
fn scaled_product() -> Program {
    let cell = |index| Operand::Column(Column { index, rotation: 0 });
    let product = Operand::Register(0);
    let multiply = |a, b| Instruction::Mul { target: 0, a, b };
    Program {
        instructions: vec![
            multiply(cell(0), cell(1)),
            multiply(product, Operand::Constant(0)),
        ],
        registers: 1,
        result: Some(product),
    }
}

fn failed(reason: impl ToString) -> Error {
    Error::Backend {
        stage: "linking the proof to the model",
        reason: reason.to_string(),
    }
}
