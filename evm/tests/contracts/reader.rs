//! halo2's verifier, with the link's part: what it reads besides, and the opening that it adds.

use crate::link::{absorb, powers};
use ff::Field;
use group::Curve;
use halo2_proofs::poly::commitment::Verifier;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::msm::{DualMSM, MSMKZG};
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::GuardKZG;
use halo2_proofs::poly::{Error, VerifierQuery};
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine};
use std::cell::RefCell;
use std::io;
use zkml_evm::{EvmChallenge, EvmRead};
use zkml_verifier::ModelLink;

/// What is opened of a link: the key's point for `S`, `x`, and `v`.
struct Opening {
    marks: G1Affine,
    x: Fr,
    value: Fr,
}

thread_local! {
    /// From the reader to the verifier of openings, which halo2 makes from its parameters alone.
    static OPENING: RefCell<Option<Opening>> = const { RefCell::new(None) };
}

/// A link, and what a key says of it.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub link: &'a ModelLink,
    /// The key's point for the marks.
    pub marks: G1Affine,
    /// Number of challenges before `x`.
    pub before_x: usize,
    /// Number of rows, and of the quotient's pieces.
    pub rows: u64,
    pub pieces: usize,
}

/// A reader of proofs that reads their links, too: the quotient's first piece as what is left of it.
pub struct LinkReader<'a> {
    inner: EvmRead<'a>,
    expected: Option<Expected<'a>>,
    points: Vec<G1Affine>,
    /// Number of the proof's own challenges so far.
    challenges: usize,
    /// What was read before halo2's verifier asks for it, the last first.
    pieces: Vec<G1Affine>,
    x: Option<EvmChallenge>,
    /// Whether the link could not be read.
    broken: bool,
}

impl<'a> LinkReader<'a> {
    pub fn new(proof: &'a [u8], expected: Option<Expected<'a>>) -> Self {
        OPENING.set(None);
        LinkReader {
            inner: EvmRead::new(proof),
            expected,
            points: vec![],
            challenges: 0,
            pieces: vec![],
            x: None,
            broken: false,
        }
    }

    /// Whether all was read, and nothing is left.
    pub fn finish(self) -> bool {
        !self.broken && self.inner.finish().is_ok()
    }

    fn after_y(&mut self, expected: Expected<'_>) -> io::Result<()> {
        let Expected { link, marks, .. } = expected;
        absorb(link, &mut self.inner, None);
        let gamma = self.inner.squeeze_challenge().get_scalar();
        let mut pieces = vec![];
        for _ in 0..expected.pieces {
            pieces.push(self.inner.read_point()?);
        }
        let challenge = self.inner.squeeze_challenge();
        let x = challenge.get_scalar();
        let value = self.inner.read_scalar()?;
        let vanishing = x.pow_vartime([expected.rows]) - Fr::ONE;
        let mut first = G1::from(pieces[0]);
        let pairs = self.points[link.columns.clone()].iter().zip(&link.published);
        for ((proven, published), power) in pairs.zip(powers(gamma)) {
            let factor = gamma * power * value * vanishing.invert().unwrap();
            first -= (G1::from(*proven) - published) * factor;
        }
        pieces[0] = first.to_affine();
        pieces.reverse();
        self.pieces = pieces;
        self.x = Some(challenge);
        OPENING.set(Some(Opening { marks, x, value }));
        Ok(())
    }
}

impl Transcript<G1Affine, EvmChallenge> for LinkReader<'_> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        self.challenges += 1;
        if let Some(x) = self.x.take() {
            return x;
        }
        let challenge = self.inner.squeeze_challenge();
        if let Some(expected) = self.expected.filter(|e| e.before_x == self.challenges) {
            self.broken |= self.after_y(expected).is_err();
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
        if let Some(piece) = self.pieces.pop() {
            return Ok(piece);
        }
        let point = self.inner.read_point()?;
        self.points.push(point);
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}

/// SHPLONK's verifier, which checks the opening of the link that was read last behind those of the proof.
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
        let opening = OPENING.take();
        let queries: Vec<VerifierQuery<'com, G1Affine, MSMKZG<Bn256>>> = queries.into_iter().collect();
        let mut queries: Vec<VerifierQuery<'_, G1Affine, MSMKZG<Bn256>>> = queries;
        let marks = opening
            .as_ref()
            .map(|o| VerifierQuery::new_commitment(&o.marks, o.x, o.value));
        queries.extend(marks);
        self.0.verify_proof(transcript, queries, msm)
    }
}
