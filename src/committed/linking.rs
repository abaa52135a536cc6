//! Making a link ([`super::link`]): an extension of the engine's proof.

use super::link::{factor, powers};
use crate::backend::WitnessColumn;
use ff::{Field, PrimeField};
use halo2curves::bn256::Fr;
use zkml_kernels::{Backend, Column, Instruction, Operand, Program};
use zkml_prover::{Channel, Error, Extended, Extension, Setup};
use zkml_verifier::ModelLink;

/// Published columns that are in memory as field elements at a time.
const AT_ONCE: usize = 4;

/// What a link is made of: the same for all proofs of a prover.
pub(crate) struct Link {
    /// What the link is about.
    pub(crate) model: ModelLink,
    /// The parameters in the columns of the proof that hold them.
    pub(crate) parameters: Vec<WitnessColumn>,
    /// The values of the blinding rows in the published columns.
    pub(crate) blinding: Vec<Vec<Fr>>,
}

impl Link {
    /// `sum_i gamma^i M_i` by rows.
    fn published<B: Backend>(
        &self,
        backend: &B,
        gamma: Fr,
        rows: usize,
    ) -> Result<B::Vector, zkml_kernels::Error> {
        let mut random = vec![Fr::ZERO; rows];
        for (blinding, power) in self.blinding.iter().zip(powers(gamma)) {
            let first = rows - blinding.len();
            for (sum, value) in random[first..].iter_mut().zip(blinding) {
                *sum += power * value;
            }
        }
        let upload = |column: &WitnessColumn| match column {
            WitnessColumn::Small(values) => {
                backend.expand_small(&backend.upload_integers(values.clone())?, &[])
            }
            WitnessColumn::Field(values) => backend.upload(values),
        };
        let mut sum = backend.upload(&random)?;
        let mut powers = powers(gamma);
        for columns in self.parameters.chunks(AT_ONCE) {
            let columns = columns.iter().map(upload).collect::<Result<Vec<_>, _>>()?;
            // Columns first: the end of a group must not take a power.
            let own = columns
                .iter()
                .zip(powers.by_ref())
                .map(|(column, power)| (power, column));
            let terms: Vec<(Fr, &B::Vector)> = [(Fr::ONE, &sum)].into_iter().chain(own).collect();
            sum = backend.linear_combination(&terms)?;
        }
        Ok(sum)
    }
}

/// A link in the making, on a backend.
pub(crate) struct Linking<'a, B: Backend> {
    link: &'a Link,
    /// `gamma` and the polynomial `D`, once they are known.
    drawn: Option<(Fr, B::Vector)>,
}

impl<'a, B: Backend> Linking<'a, B> {
    pub(crate) fn new(link: &'a Link) -> Self {
        Self { link, drawn: None }
    }
}

/// `S`, which the last fixed column holds.
fn marks<'k, B: Backend>(setup: Setup<'k, B>) -> Result<&'k B::Vector, Error> {
    let columns = setup.key.fixed_columns();
    let last = columns.checked_sub(1);
    let marks = last.and_then(|last| setup.key.fixed_polynomial(last));
    marks.ok_or(Error::NoSuchColumn {
        kind: "fixed",
        columns,
        column: columns,
    })
}

impl<B: Backend> Extension<B> for Linking<'_, B> {
    fn constrain(
        &mut self,
        setup: Setup<'_, B>,
        advice: &[&B::Vector],
        channel: &mut dyn Channel,
    ) -> Result<B::Vector, Error> {
        let backend = setup.backend;
        let model = &self.link.model;
        for scalar in model.head() {
            channel.absorb_scalar(scalar)?;
        }
        for point in &model.published {
            channel.absorb_point(*point)?;
        }
        let gamma = channel.challenge();

        let n = 1usize << setup.key.k();
        let mut published = self.link.published(backend, gamma, n)?;
        backend.intt(std::slice::from_mut(&mut published))?;
        let proven = advice.get(model.columns.clone()).unwrap_or_default();
        let proven = powers(gamma).zip(proven.iter().copied());
        let terms: Vec<(Fr, &B::Vector)> = proven.chain([(-Fr::ONE, &published)]).collect();
        let difference = backend.linear_combination(&terms)?;

        // The quotient has fewer coefficients than a coset has points, and X^n - 1 is one number there.
        let shift = Fr::MULTIPLICATIVE_GENERATOR;
        let factor = factor(gamma, Fr::ONE, shift, n as u64).ok_or(Error::DegenerateChallenge)?;
        let values = backend.coset_ntt(&[&difference, marks(setup)?], shift)?;
        let values: Vec<&B::Vector> = values.iter().collect();
        let mut quotient = backend.run(&scaled_product(), &values, &[factor])?;
        backend.coset_intt(&mut quotient, shift)?;
        self.drawn = Some((gamma, difference));
        Ok(quotient)
    }

    fn evaluate(
        &mut self,
        setup: Setup<'_, B>,
        x: Fr,
        channel: &mut dyn Channel,
    ) -> Result<Extended<B::Vector>, Error> {
        let (backend, marks) = (setup.backend, marks(setup)?);
        let (gamma, difference) = self.drawn.take().ok_or(Error::DegenerateChallenge)?;
        let value = backend.evaluate(&[(marks, x)])?;
        let value = value.first().copied().unwrap_or(Fr::ZERO);
        channel.write_scalar(value)?;
        let factor = factor(gamma, value, x, 1 << setup.key.k()).ok_or(Error::DegenerateChallenge)?;
        Ok(Extended {
            taken: (factor, difference),
            opened: vec![backend.duplicate(marks)?],
        })
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
