//! Links of the sample's proofs: made by whoever knows the secret of the SRS, and read as zkml's verifier does.

use ff::Field;
use group::{Curve, Group};
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use halo2curves::bn256::{Fr, G1, G1Affine};
use std::ops::Range;
use zkml_evm::{EvmChallenge, EvmRead, EvmWrite, ModelLink};

/// Bytes of a link.
pub const BYTES: usize = 160;

/// A model commitment, and what a link to it is about.
#[derive(Clone, Debug)]
pub struct Commitment {
    pub link: ModelLink,
    /// log2 of the number of rows.
    pub k: u32,
    /// The key's point for the marks, and their rows.
    pub marks: G1Affine,
    pub marked: Vec<u64>,
}

/// What is left of a link: `e(w, [s]) = e(sum, 1)` is to hold, with this weight beside the proof's equation.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub w: G1Affine,
    pub sum: G1Affine,
    pub weight: Fr,
}

impl Commitment {
    /// Any points, for columns with these numbers.
    pub fn random(columns: Range<usize>, rng: &mut impl rand_core::RngCore) -> ModelLink {
        ModelLink {
            tag: Fr::from(0x6b6e_696c),
            manifest: [0x5a; 32],
            published: columns
                .clone()
                .map(|_| G1::random(&mut *rng).to_affine())
                .collect(),
            columns,
            marks: 2,
        }
    }

    /// `z^n - 1`.
    pub fn vanishing(&self, z: Fr) -> Fr {
        z.pow_vartime([1u64 << self.k]) - Fr::ONE
    }

    /// The polynomial of the marks: a sum of Lagrange polynomials.
    pub fn marks_at(&self, z: Fr) -> Fr {
        use ff::PrimeField;
        let omega = Fr::ROOT_OF_UNITY.pow_vartime([1u64 << (Fr::S - self.k)]);
        let n = Fr::from(1u64 << self.k);
        let lagrange = |row: &u64| {
            let root = omega.pow_vartime([*row]);
            root * (n * (z - root)).invert().unwrap()
        };
        self.marked.iter().map(lagrange).sum::<Fr>() * self.vanishing(z)
    }

    /// Absorbs what a link is about.
    pub fn absorb(&self, transcript: &mut impl Transcript<G1Affine, EvmChallenge>) {
        let half = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(Fr::ZERO, |x, b| x * Fr::from(256) + Fr::from(u64::from(*b)))
        };
        let link = &self.link;
        let (high, low) = link.manifest.split_at(16);
        let count = Fr::from(link.published.len() as u64);
        for scalar in [link.tag, half(high), half(low), count] {
            transcript.common_scalar(scalar).unwrap();
        }
        for point in &link.published {
            transcript.common_point(*point).unwrap();
        }
    }

    /// `D`, from the first points of a proof.
    fn difference(&self, proof: &[u8], gamma: Fr) -> G1 {
        let mut reader = EvmRead::new(proof);
        let points: Vec<G1Affine> = (0..self.link.columns.end)
            .map(|_| reader.read_point().unwrap())
            .collect();
        let pairs = points[self.link.columns.clone()].iter().zip(&self.link.published);
        let powers = std::iter::successors(Some(Fr::ONE), |x| Some(x * gamma));
        pairs.zip(powers).map(|((c, m), x)| (*c - *m) * x).sum()
    }

    /// Continues the transcript of a proof. With the secret `s` of the SRS a link can be made for whatever stands in the
    /// columns.
    pub fn prove(&self, s: Fr, transcript: &mut EvmWrite, proof: &[u8]) {
        self.absorb(transcript);
        let gamma = transcript.squeeze_challenge().get_scalar();
        let d = self.difference(proof, gamma);
        let q = d * (self.marks_at(s) * self.vanishing(s).invert().unwrap());
        transcript.write_point(q.to_affine()).unwrap();
        let z = transcript.squeeze_challenge().get_scalar();
        let v = self.marks_at(z);
        transcript.write_scalar(v).unwrap();
        let rho = transcript.squeeze_challenge().get_scalar();
        let constant = G1::generator() * (rho * (self.marks_at(s) - v));
        let w = (d * v - q * self.vanishing(z) + constant) * (s - z).invert().unwrap();
        transcript.write_point(w.to_affine()).unwrap();
    }

    /// Reads a link from where the proof ends.
    pub fn read(&self, transcript: &mut EvmRead<'_>, proof: &[u8]) -> Option<Opened> {
        self.absorb(transcript);
        let gamma = transcript.squeeze_challenge().get_scalar();
        let q = transcript.read_point().ok()?;
        let z = transcript.squeeze_challenge().get_scalar();
        let v = transcript.read_scalar().ok()?;
        let rho = transcript.squeeze_challenge().get_scalar();
        let w = transcript.read_point().ok()?;
        let weight = transcript.squeeze_challenge().get_scalar();
        let constant = (self.marks - G1::generator() * v) * rho;
        let sum = self.difference(proof, gamma) * v - q * self.vanishing(z) + constant + w * z;
        Some(Opened {
            w,
            sum: sum.to_affine(),
            weight,
        })
    }
}
