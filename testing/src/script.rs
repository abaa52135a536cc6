//! A transcript that records what is written and takes its challenges from a script.

use halo2_proofs::transcript::{Challenge255, EncodedChallenge, Transcript, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::io;

/// What happened to the transcript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A point was absorbed.
    AbsorbedPoint(G1Affine),
    /// A scalar was absorbed.
    AbsorbedScalar(Fr),
    /// A point was written.
    Point(G1Affine),
    /// A scalar was written.
    Scalar(Fr),
    /// A challenge was drawn.
    Challenge,
}

/// The transcript.
pub struct Script {
    /// What happened to it.
    pub items: Vec<Item>,
    challenges: ChaCha20Rng,
}

impl Script {
    /// A transcript whose challenges follow from a seed.
    pub fn new(seed: u64) -> Self {
        Self {
            items: Vec::new(),
            challenges: ChaCha20Rng::seed_from_u64(seed),
        }
    }
}

impl Transcript<G1Affine, Challenge255<G1Affine>> for Script {
    fn squeeze_challenge(&mut self) -> Challenge255<G1Affine> {
        let mut bytes = [0; 64];
        self.challenges.fill_bytes(&mut bytes);
        self.items.push(Item::Challenge);
        Challenge255::new(&bytes)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::AbsorbedPoint(point));
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::AbsorbedScalar(scalar));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Challenge255<G1Affine>> for Script {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::Point(point));
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::Scalar(scalar));
        Ok(())
    }
}
