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

/// Numbers of the quotient and of `S` among what is opened at `x` alone. Before them are two advice columns of the first phase
/// and one of the second, two fixed columns, five of the permutation; between them is the random polynomial. Theirs is the
/// first of SHPLONK's sets, because it is that of the first column.
const QUOTIENT: usize = 10;
const MARKS: usize = 12;

/// What is added to the quotient, divided by `gamma`: `q`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// `S D / (X^n - 1)`, without the remainder if there is one.
    OfDifference,
    /// The constant 1.
    One,
    Nothing,
}

/// What a prover does. The default is what an honest one does.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What it does not absorb.
    pub without: Option<Part>,
    pub added: Added,
    /// Whether `v` is what meets `v D(x) = (x^n - 1) q(x)`, and not `S(x)`.
    pub fitting_value: bool,
    /// Whether `S` is opened.
    pub opens_marks: bool,
    /// Whether `gamma v / (x^n - 1) D` is taken out of the quotient that is opened.
    pub takes_difference: bool,
    /// Whether `v` is drawn up after the challenges of the openings: what makes those of `S` and the quotient hold together.
    pub late_value: bool,
    /// Whether `v` is written with the group order added to it.
    pub unreduced_value: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            without: None,
            added: Added::OfDifference,
            fitting_value: false,
            opens_marks: true,
            takes_difference: true,
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
    added: Vec<Fr>,
    value: Fr,
    /// Where `v` stands in the proof.
    place: usize,
    /// Whether the quotient's first piece was written.
    has_quotient: bool,
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
            added: vec![],
            value: Fr::ZERO,
            place: 0,
            has_quotient: false,
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

    fn after_y(&mut self) {
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
        self.added = match self.plan.added {
            Added::OfDifference => divide_product(&self.columns.marks, &self.difference),
            Added::One => vec![Fr::ONE],
            Added::Nothing => vec![],
        };
    }

    fn after_x(&mut self) {
        let x = self.challenge(0);
        self.place = self.inner.proof.len();
        self.value = match self.plan.fitting_value {
            false => evaluate(&self.columns.marks, x),
            true => self.vanishing() * evaluate(&self.added, x) * self.difference_at_x().invert().unwrap(),
        };
        match (self.plan.late_value, self.plan.unreduced_value) {
            (true, _) => (),
            (false, false) => self.inner.write_scalar(self.value).unwrap(),
            (false, true) => self.inner.write_unreduced(self.value),
        }
    }

    /// `D(x)`.
    fn difference_at_x(&self) -> Fr {
        evaluate(&self.difference, self.challenge(0))
    }

    fn after_opening_challenges(&mut self) {
        let x = self.challenge(0);
        let [marks, added] = [&self.columns.marks, &self.added].map(|polynomial| evaluate(polynomial, x));
        let (marks_power, quotient_power) = (self.power(MARKS), self.power(QUOTIENT) * self.gamma);
        let vanishing = self.vanishing().invert().unwrap();
        let factor = marks_power + quotient_power * self.difference_at_x() * vanishing;
        self.value = (marks_power * marks + quotient_power * added) * factor.invert().unwrap();
        self.inner.write_at(self.place, self.value);
    }

    /// SHPLONK's `y` to the power that is an opening's.
    fn power(&self, number: usize) -> Fr {
        self.challenge(1).pow_vartime([number as u64])
    }

    /// What the link adds to the openings at `x`: `S - v`, and `gamma q - gamma v / (x^n - 1) D` in the quotient, times powers of
    /// SHPLONK's `y`.
    fn opened(&self) -> Vec<Fr> {
        let (marks_power, quotient_power) = (self.power(MARKS), self.power(QUOTIENT) * self.gamma);
        let constant = [-self.value];
        let mut terms: Vec<(Fr, &[Fr])> = vec![(quotient_power, &self.added)];
        if self.plan.takes_difference {
            let factor = quotient_power * self.value * self.vanishing().invert().unwrap();
            terms.push((-factor, &self.difference));
        }
        if self.plan.opens_marks {
            terms.extend([
                (marks_power, self.columns.marks.as_slice()),
                (marks_power, &constant),
            ]);
        }
        combination(self.columns.marks.len(), terms)
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
        let challenge = self.inner.squeeze_challenge();
        self.challenges.push(challenge.get_scalar());
        match (self.challenges.len() + 1).checked_sub(self.before_x) {
            // After y, after x, after those of the openings.
            Some(1) => self.after_y(),
            Some(2) => self.after_x(),
            Some(4) if self.plan.late_value => self.after_opening_challenges(),
            _ => (),
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
        let is_first_piece = self.challenges.len() == self.before_x && !self.has_quotient;
        let link = match is_first_piece {
            true => Some(combination(
                self.columns.marks.len(),
                [(self.gamma, self.added.as_slice())],
            )),
            false => self.opening(),
        };
        self.has_quotient |= is_first_piece;
        let point = match link {
            Some(link) => (point + commit(self.params, &link)).to_affine(),
            None => point,
        };
        self.inner.write_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.write_scalar(scalar)
    }
}
