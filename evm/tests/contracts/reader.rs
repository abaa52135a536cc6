//! halo2's verifier, with the link's part: what it reads besides, and the two openings that it adds.

use crate::link::{absorb, powers};
use ff::Field;
use halo2_proofs::poly::commitment::{MSM, Verifier};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::msm::{DualMSM, MSMKZG};
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::GuardKZG;
use halo2_proofs::poly::{Error, VerifierQuery};
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use std::cell::RefCell;
use std::io;
use zkml_evm::{EvmChallenge, EvmRead, ModelLink};

/// What is left of a link after `x`: its value comes with the openings.
struct Openings {
    x: Fr,
    /// The key's point for `S`.
    marks: G1Affine,
    /// `D`.
    difference: MSMKZG<Bn256>,
    /// `-(x^n - 1) [q]`.
    quotient: MSMKZG<Bn256>,
}

thread_local! {
    /// From the reader to the verifier of openings, which halo2 makes from its parameters alone.
    static OPENINGS: RefCell<Option<Openings>> = const { RefCell::new(None) };
}

/// A link, and what a key says of it.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub link: &'a ModelLink,
    /// The key's point for the marks.
    pub marks: G1Affine,
    /// Number of challenges before `x`.
    pub before_x: usize,
    /// Number of rows.
    pub rows: u64,
}

/// A reader of proofs that reads their links, too.
pub struct LinkReader<'a> {
    inner: EvmRead<'a>,
    expected: Option<Expected<'a>>,
    points: Vec<G1Affine>,
    /// Number of the proof's own challenges so far.
    challenges: usize,
    gamma: Fr,
    quotient: G1Affine,
    /// Whether `[q]` could not be read.
    broken: bool,
}

impl<'a> LinkReader<'a> {
    pub fn new(proof: &'a [u8], expected: Option<Expected<'a>>) -> Self {
        OPENINGS.set(None);
        LinkReader {
            inner: EvmRead::new(proof),
            expected,
            points: vec![],
            challenges: 0,
            gamma: Fr::ZERO,
            quotient: G1Affine::default(),
            broken: false,
        }
    }

    /// Whether all was read, and nothing is left.
    pub fn finish(self) -> bool {
        !self.broken && self.inner.finish().is_ok()
    }

    fn before_x(&mut self, link: &ModelLink) {
        absorb(link, &mut self.inner, None);
        self.gamma = self.inner.squeeze_challenge().get_scalar();
        match self.inner.read_point() {
            Ok(point) => self.quotient = point,
            Err(_) => self.broken = true,
        }
    }

    fn after_x(&self, expected: Expected<'_>, x: Fr) {
        let Expected { link, marks, .. } = expected;
        let (mut difference, mut quotient) = (MSMKZG::new(), MSMKZG::new());
        let pairs = self.points[link.columns.clone()].iter().zip(&link.published);
        for ((proven, published), power) in pairs.zip(powers(self.gamma)) {
            difference.append_term(power, (*proven).into());
            difference.append_term(-power, (*published).into());
        }
        quotient.append_term(Fr::ONE - x.pow_vartime([expected.rows]), self.quotient.into());
        OPENINGS.set(Some(Openings {
            x,
            marks,
            difference,
            quotient,
        }));
    }
}

impl Transcript<G1Affine, EvmChallenge> for LinkReader<'_> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        let expected = self.expected.filter(|e| e.before_x == self.challenges);
        if let Some(expected) = expected {
            self.before_x(expected.link);
        }
        let challenge = self.inner.squeeze_challenge();
        self.challenges += 1;
        if let Some(expected) = expected {
            self.after_x(expected, challenge.get_scalar());
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

impl TranscriptRead<G1Affine, EvmChallenge> for LinkReader<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let point = self.inner.read_point()?;
        self.points.push(point);
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}

/// SHPLONK's verifier, which reads the value of the link that was read last, and checks its openings behind those of the
/// proof.
#[derive(Debug)]
pub struct LinkVerifier<'p>(VerifierSHPLONK<'p, Bn256>);

impl<'p> Verifier<'p, KZGCommitmentScheme<Bn256>> for LinkVerifier<'p> {
    type Guard = GuardKZG<'p, Bn256>;
    type MSMAccumulator = DualMSM<'p, Bn256>;

    const QUERY_INSTANCE: bool = false;

    fn new(params: &'p ParamsKZG<Bn256>) -> Self {
        LinkVerifier(VerifierSHPLONK::new(params))
    }

    fn verify_proof<'com, E, T, I>(
        &self,
        transcript: &mut T,
        queries: I,
        msm: DualMSM<'p, Bn256>,
    ) -> Result<Self::Guard, Error>
    where
        'p: 'com,
        E: EncodedChallenge<G1Affine>,
        T: TranscriptRead<G1Affine, E>,
        I: IntoIterator<Item = VerifierQuery<'com, G1Affine, MSMKZG<Bn256>>> + Clone,
    {
        let link = match OPENINGS.take() {
            None => None,
            Some(openings) => {
                let value = transcript.read_scalar().map_err(|_| Error::SamplingError)?;
                let mut difference = openings.difference.clone();
                difference.scale(value);
                difference.add_msm(&openings.quotient);
                Some((openings, value, difference))
            }
        };
        let queries: Vec<VerifierQuery<'com, G1Affine, MSMKZG<Bn256>>> = queries.into_iter().collect();
        let mut queries: Vec<VerifierQuery<'_, G1Affine, MSMKZG<Bn256>>> = queries;
        if let Some((Openings { x, marks, .. }, value, difference)) = &link {
            queries.extend([
                VerifierQuery::new_commitment(marks, *x, *value),
                VerifierQuery::new_msm(difference, *x, Fr::ZERO),
            ]);
        }
        self.0.verify_proof(transcript, queries, msm)
    }
}
