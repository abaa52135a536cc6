//! Who links the sample's proofs, honestly or not: a writer of halo2's prover that puts the link's part between what
//! that prover writes.

use crate::link::{
    Columns, Commitment, Part, absorb, combination, commit, divide, divide_product, evaluate, powers,
};
use crate::words::Words;
use ff::Field;
use group::Curve;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use std::io;
use zkml_evm::EvmChallenge;

/// How many commitments of the sample's own are opened at `x` alone: two advice columns of the first phase and one of the
/// second, two fixed columns, five of the permutation, the quotient and the random polynomial. Theirs is the first of
/// SHPLONK's sets, because it is that of the first column.
const OPENED_AT_X: usize = 12;

/// The polynomial `[q]` is a commitment to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotient {
    /// `S D / (X^n - 1)`, without the remainder if there is one.
    OfDifference,
    /// The constant 1.
    One,
    /// Drawn up after `x`: the constant that makes `F` vanish there.
    AfterX,
}

/// What a prover does. The default is what an honest one does.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What it does not absorb.
    pub without: Option<Part>,
    pub quotient: Quotient,
    /// Whether `v` is what makes `F` vanish at `x`, and not `S(x)`.
    pub fitting_value: bool,
    /// Whether `S` is opened, and `F`.
    pub opened: [bool; 2],
    /// Whether `v` is drawn up after the challenges of the openings: what makes those of `S` and `F` hold together.
    pub late_value: bool,
    /// Whether `v` is written with the group order added to it.
    pub unreduced_value: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            without: None,
            quotient: Quotient::OfDifference,
            fitting_value: false,
            opened: [true; 2],
            late_value: false,
            unreduced_value: false,
        }
    }
}

/// A writer that links what is written to a commitment.
///
/// SHPLONK's two points are linear in the polynomials that are opened: those of the proof alone become those of the proof
/// with its link by adding the link's part.
pub struct LinkWriter<'a> {
    inner: Words,
    params: &'a ParamsKZG<Bn256>,
    columns: &'a Columns,
    commitment: &'a Commitment,
    plan: Plan,
    /// Number of challenges before `x`.
    before_x: usize,
    /// The proof's own challenges.
    challenges: Vec<Fr>,
    gamma: Fr,
    /// `D`, `q`, and `v`.
    difference: Vec<Fr>,
    quotient: Vec<Fr>,
    value: Fr,
}

impl<'a> LinkWriter<'a> {
    pub fn new(
        params: &'a ParamsKZG<Bn256>,
        columns: &'a Columns,
        commitment: &'a Commitment,
        plan: Plan,
        before_x: usize,
    ) -> Self {
        LinkWriter {
            inner: Words::default(),
            params,
            columns,
            commitment,
            plan,
            before_x,
            challenges: vec![],
            gamma: Fr::ZERO,
            difference: vec![],
            quotient: vec![],
            value: Fr::ZERO,
        }
    }

    /// The proof and `gamma`.
    pub fn finish(self) -> (Vec<u8>, Fr) {
        (self.inner.proof, self.gamma)
    }

    /// A challenge that was drawn: `x` is number 0, then come those of the openings.
    fn challenge(&self, number: usize) -> Fr {
        self.challenges[self.before_x + number]
    }

    /// `x^n - 1`.
    fn vanishing(&self) -> Fr {
        let n = self.columns.marks.len() as u64;
        self.challenge(0).pow_vartime([n]) - Fr::ONE
    }

    fn before_x(&mut self) {
        absorb(&self.commitment.link, &mut self.inner, self.plan.without);
        self.gamma = self.inner.squeeze_challenge().get_scalar();
        let n = self.columns.marks.len();
        let pairs = self.columns.proven.iter().zip(&self.commitment.published);
        let terms = pairs
            .zip(powers(self.gamma))
            .flat_map(|((proven, published), power)| {
                [(power, proven.as_slice()), (-power, published.as_slice())]
            });
        self.difference = combination(n, terms);
        self.quotient = match self.plan.quotient {
            Quotient::OfDifference => divide_product(&self.columns.marks, &self.difference),
            Quotient::One => vec![Fr::ONE],
            Quotient::AfterX => return,
        };
        self.write_quotient();
    }

    fn write_quotient(&mut self) {
        let point = commit(self.params, &self.quotient);
        self.inner.write_point(point).unwrap();
    }

    fn after_x(&mut self) {
        if self.plan.quotient == Quotient::AfterX {
            let x = self.challenge(0);
            let value = evaluate(&self.columns.marks, x) * evaluate(&self.difference, x);
            self.quotient = vec![value * self.vanishing().invert().unwrap()];
            self.write_quotient();
        }
    }

    fn after_evaluations(&mut self) {
        let x = self.challenge(0);
        self.value = match self.plan.fitting_value {
            false => evaluate(&self.columns.marks, x),
            true => {
                let difference = evaluate(&self.difference, x).invert().unwrap();
                self.vanishing() * evaluate(&self.quotient, x) * difference
            }
        };
        self.write_value();
    }

    fn after_opening_challenges(&mut self) {
        let (x, power) = (self.challenge(0), |number| self.power(number));
        let [marks, difference, quotient] =
            [&self.columns.marks, &self.difference, &self.quotient].map(|polynomial| evaluate(polynomial, x));
        let factor = power(1) * difference - power(0);
        let rest = power(1) * self.vanishing() * quotient - power(0) * marks;
        self.value = rest * factor.invert().unwrap();
        self.write_value();
    }

    fn write_value(&mut self) {
        match self.plan.unreduced_value {
            false => self.inner.write_scalar(self.value).unwrap(),
            true => self.inner.write_unreduced(self.value),
        }
    }

    /// SHPLONK's `y` to the power that is a claim's: 0 for `S`, 1 for `F`.
    fn power(&self, claim: usize) -> Fr {
        self.challenge(1).pow_vartime([(OPENED_AT_X + claim) as u64])
    }

    /// What the link adds to the openings at `x`: `S - v` and `F`, times powers of SHPLONK's `y`.
    fn opened(&self) -> Vec<Fr> {
        let n = self.columns.marks.len();
        let power = |claim| self.power(claim);
        let mut terms: Vec<(Fr, &[Fr])> = vec![];
        let (constant, vanishing) = ([-self.value], self.vanishing());
        let [marks, f] = self.plan.opened;
        if marks {
            terms.extend([(power(0), self.columns.marks.as_slice()), (power(0), &constant)]);
        }
        if f {
            let difference = (power(1) * self.value, self.difference.as_slice());
            terms.extend([difference, (-power(1) * vanishing, &self.quotient)]);
        }
        combination(n, terms)
    }

    /// The link's part of the point that is written next.
    fn opening(&self) -> Option<Vec<Fr>> {
        let quotient = || divide(&self.opened(), self.challenge(0));
        match self.challenges.len().checked_sub(self.before_x)? {
            // After x, y and v.
            3 => Some(quotient()),
            // After u.
            4 => {
                let (x, u) = (self.challenge(0), self.challenge(3));
                let terms = [(Fr::ONE, self.opened()), (x - u, quotient())];
                let terms = terms.iter().map(|(scalar, p)| (*scalar, p.as_slice()));
                Some(divide(&combination(self.columns.marks.len(), terms), u))
            }
            _ => None,
        }
    }
}

impl Transcript<G1Affine, EvmChallenge> for LinkWriter<'_> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        let number = self.challenges.len();
        if number == self.before_x {
            self.before_x();
        } else if number == self.before_x + 1 && !self.plan.late_value {
            self.after_evaluations();
        }
        let challenge = self.inner.squeeze_challenge();
        self.challenges.push(challenge.get_scalar());
        if number == self.before_x {
            self.after_x();
        } else if number == self.before_x + 2 && self.plan.late_value {
            self.after_opening_challenges();
        }
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl TranscriptWrite<G1Affine, EvmChallenge> for LinkWriter<'_> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        let point = match self.opening() {
            Some(link) => (point + commit(self.params, &link)).to_affine(),
            None => point,
        };
        self.inner.write_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.write_scalar(scalar)
    }
}
