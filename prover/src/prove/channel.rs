//! The transcript without its type parameters.

use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use halo2curves::bn256::{Fr, G1Affine};
use std::io;
use std::marker::PhantomData;

/// What the stages of a proof do with a transcript.
///
/// Writing fails where the transcript's writer does, and absorbing where it does not take the value.
pub trait Channel {
    /// Absorbs a scalar that the verifier knows.
    fn absorb_scalar(&mut self, scalar: Fr) -> io::Result<()>;
    /// Absorbs a point that the verifier knows.
    fn absorb_point(&mut self, point: G1Affine) -> io::Result<()>;
    /// Absorbs a scalar and writes it to the proof.
    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()>;
    /// Absorbs a point and writes it to the proof.
    fn write_point(&mut self, point: G1Affine) -> io::Result<()>;
    /// Draws a challenge.
    fn challenge(&mut self) -> Fr;
}

/// A halo2 transcript as a channel.
pub(super) struct TranscriptChannel<'t, T, E> {
    transcript: &'t mut T,
    encoding: PhantomData<E>,
}

impl<'t, T, E> TranscriptChannel<'t, T, E> {
    pub fn new(transcript: &'t mut T) -> Self {
        Self {
            transcript,
            encoding: PhantomData,
        }
    }
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptWrite<G1Affine, E>> Channel for TranscriptChannel<'_, T, E> {
    fn absorb_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.transcript.common_scalar(scalar)
    }

    fn absorb_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.transcript.common_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.transcript.write_scalar(scalar)
    }

    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.transcript.write_point(point)
    }

    fn challenge(&mut self) -> Fr {
        *self.transcript.squeeze_challenge_scalar::<()>()
    }
}
