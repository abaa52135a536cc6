//! A reader that remembers the first points of a proof.

use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Fr, G1Affine};
use std::io;

/// Reads through another reader and keeps the first points: a proof begins with the commitments to
/// the columns of phase 1, in the order of the columns.
#[derive(Debug)]
pub(crate) struct Recorder<'t, T> {
    inner: &'t mut T,
    most: usize,
    points: Vec<G1Affine>,
}

impl<'t, T> Recorder<'t, T> {
    /// Keeps the first `most` points.
    pub(crate) fn new(inner: &'t mut T, most: usize) -> Self {
        Self {
            inner,
            most,
            points: Vec::with_capacity(most),
        }
    }

    /// The points that were read.
    pub(crate) fn into_points(self) -> Vec<G1Affine> {
        self.points
    }
}

impl<E: EncodedChallenge<G1Affine>, T: Transcript<G1Affine, E>> Transcript<G1Affine, E> for Recorder<'_, T> {
    fn squeeze_challenge(&mut self) -> E {
        self.inner.squeeze_challenge()
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>> TranscriptRead<G1Affine, E>
    for Recorder<'_, T>
{
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let point = self.inner.read_point()?;
        if self.points.len() < self.most {
            self.points.push(point);
        }
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.inner.read_scalar()
    }
}
