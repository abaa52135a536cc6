//! The transcript that a contract can follow: snark-verifier's `EvmTranscript`.
//!
//! Points are 64 bytes (`x` and `y`), scalars 32, all big-endian. What is absorbed is appended to a
//! buffer. A challenge is the Keccak-256 hash of the buffer, reduced modulo the group order, and the
//! buffer then holds the hash alone; if a challenge follows a challenge, a byte 1 goes after the hash.

use crate::word::{coordinates, word};
use ff::{FromUniformBytes, PrimeField};
use halo2_proofs::transcript::{
    EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite, TranscriptWriterBuffer,
};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fr, G1Affine};
use sha3::{Digest, Keccak256};
use std::io;
use zkml_verifier::{ProofBytes, invalid};

/// A challenge as the hash that it is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvmChallenge(Fr);

impl EncodedChallenge<G1Affine> for EvmChallenge {
    type Input = [u8; 32];

    fn new(hash: &[u8; 32]) -> Self {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(hash);
        wide[..32].reverse();
        Self(Fr::from_uniform_bytes(&wide))
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

fn from_word<F: PrimeField>(mut bytes: [u8; 32]) -> Option<F> {
    bytes.reverse();
    let mut repr = F::Repr::default();
    repr.as_mut().copy_from_slice(&bytes);
    F::from_repr(repr).into()
}

/// What has been absorbed since the last challenge, after its hash.
#[derive(Clone, Debug, Default)]
struct State(Vec<u8>);

impl State {
    fn squeeze(&mut self) -> EvmChallenge {
        if self.0.len() == 32 {
            self.0.push(1);
        }
        let hash: [u8; 32] = Keccak256::digest(&self.0).into();
        self.0.clear();
        self.0.extend_from_slice(&hash);
        EvmChallenge::new(&hash)
    }

    fn point(&mut self, point: &G1Affine) -> io::Result<[u8; 64]> {
        let [x, y] =
            coordinates(point).ok_or_else(|| invalid("the point at infinity has no place in a proof"))?;
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&x);
        bytes[32..].copy_from_slice(&y);
        self.0.extend_from_slice(&bytes);
        Ok(bytes)
    }

    fn scalar(&mut self, scalar: &Fr) -> [u8; 32] {
        let bytes = word(scalar);
        self.0.extend_from_slice(&bytes);
        bytes
    }
}

/// Writes a proof.
#[derive(Clone, Debug, Default)]
pub struct EvmWrite {
    state: State,
    proof: Vec<u8>,
}

/// Reads a proof, and accepts one encoding of it only: coordinates below the field's modulus of points
/// on the curve, none at infinity, scalars below the group order, and nothing after the end.
#[derive(Clone, Debug)]
pub struct EvmRead<'a> {
    state: State,
    rest: ProofBytes<'a>,
}

impl<'a> EvmRead<'a> {
    /// Starts reading a proof.
    pub fn new(proof: &'a [u8]) -> Self {
        Self {
            state: State::default(),
            rest: ProofBytes::new(proof),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// If there are bytes that no one read.
    pub fn finish(self) -> io::Result<()> {
        self.rest.finish()
    }
}

macro_rules! transcript {
    ($($type:ty),*) => {$(
        impl Transcript<G1Affine, EvmChallenge> for $type {
            fn squeeze_challenge(&mut self) -> EvmChallenge {
                self.state.squeeze()
            }

            fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
                self.state.point(&point).map(|_| ())
            }

            fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
                self.state.scalar(&scalar);
                Ok(())
            }
        }
    )*};
}

transcript!(EvmWrite, EvmRead<'_>);

impl TranscriptWrite<G1Affine, EvmChallenge> for EvmWrite {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        let bytes = self.state.point(&point)?;
        self.proof.extend_from_slice(&bytes);
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        let bytes = self.state.scalar(&scalar);
        self.proof.extend_from_slice(&bytes);
        Ok(())
    }
}

impl TranscriptWriterBuffer<Vec<u8>, G1Affine, EvmChallenge> for EvmWrite {
    fn init(proof: Vec<u8>) -> Self {
        Self {
            state: State::default(),
            proof,
        }
    }

    fn finalize(self) -> Vec<u8> {
        self.proof
    }
}

impl TranscriptRead<G1Affine, EvmChallenge> for EvmRead<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let (x, y) = (self.rest.take()?, self.rest.take()?);
        let coordinate = |bytes| {
            from_word::<Fq>(bytes)
                .ok_or_else(|| invalid("a coordinate of the proof is not below the modulus of its field"))
        };
        let (x, y) = (coordinate(x)?, coordinate(y)?);
        let point = Option::<G1Affine>::from(G1Affine::from_xy(x, y))
            .ok_or_else(|| invalid("64 bytes of the proof are no point of the curve"))?;
        self.common_point(point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let scalar = from_word(self.rest.take()?)
            .ok_or_else(|| invalid("a scalar of the proof is not below the group order"))?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use group::prime::PrimeCurveAffine;
    use halo2curves::bn256::G1;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(5)
    }

    #[test]
    fn challenges_are_hashes_of_what_was_absorbed() {
        let mut writer = EvmWrite::init(vec![]);
        writer.common_scalar(Fr::from(3)).unwrap();
        let p = G1Affine::generator();
        writer.write_point(p).unwrap();
        let mut text = [0; 96];
        (text[31], text[63], text[95]) = (3, 1, 2);
        let first: [u8; 32] = Keccak256::digest(text).into();
        assert_eq!(*writer.squeeze_challenge_scalar::<()>(), reduce(first));
        let second: [u8; 32] = Keccak256::digest([&first[..], &[1]].concat()).into();
        assert_eq!(*writer.squeeze_challenge_scalar::<()>(), reduce(second));
        writer.write_scalar(-Fr::ONE).unwrap();
        let third: [u8; 32] = Keccak256::digest([&second[..], &word(&-Fr::ONE)].concat()).into();
        assert_eq!(*writer.squeeze_challenge_scalar::<()>(), reduce(third));
    }

    /// Horner's rule, byte by byte.
    fn reduce(hash: [u8; 32]) -> Fr {
        hash.iter()
            .fold(Fr::ZERO, |acc, b| acc * Fr::from(256) + Fr::from(u64::from(*b)))
    }

    #[test]
    fn a_reader_follows_the_writer() {
        let mut writer = EvmWrite::init(vec![]);
        let (p, s): (G1Affine, Fr) = ((G1::generator() * Fr::random(rng())).into(), Fr::random(rng()));
        writer.common_point(p).unwrap();
        writer.write_point(p).unwrap();
        let first = writer.squeeze_challenge();
        writer.write_scalar(s).unwrap();
        let second = writer.squeeze_challenge();
        let proof = writer.finalize();
        let mut reader = EvmRead::new(&proof);
        reader.common_point(p).unwrap();
        assert_eq!(reader.read_point().unwrap(), p);
        assert_eq!(reader.squeeze_challenge(), first);
        assert_eq!(reader.read_scalar().unwrap(), s);
        assert_eq!(reader.squeeze_challenge(), second);
        reader.finish().unwrap();
        let longer = [&proof[..], &[0]].concat();
        let mut reader = EvmRead::new(&longer);
        reader.read_point().unwrap();
        reader.read_scalar().unwrap();
        assert!(reader.finish().is_err());
        assert!(EvmRead::new(&proof[..63]).read_point().is_err());
        assert!(EvmRead::new(&proof[..31]).read_scalar().is_err());
    }

    #[test]
    fn only_canonical_encodings_are_read() {
        let p: G1Affine = (G1::generator() * Fr::random(rng())).into();
        let [x, y] = coordinates(&p).unwrap();
        let good = [x, y].concat();
        assert_eq!(EvmRead::new(&good).read_point().unwrap(), p);
        for bit in 0..512 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // A changed coordinate belongs to no point of the curve, or to another one.
            assert_ne!(EvmRead::new(&bad).read_point().ok(), Some(p), "bit {bit}");
        }
        // The same coordinates with the modulus added, where that fits 32 bytes.
        let modulus = {
            let mut bytes = word(&-Fq::ONE);
            bytes[31] += 1;
            bytes
        };
        let plus_modulus = |a: [u8; 32]| {
            let (mut sum, mut carry) = ([0; 32], 0u16);
            for i in (0..32).rev() {
                carry += u16::from(a[i]) + u16::from(modulus[i]);
                sum[i] = carry as u8;
                carry >>= 8;
            }
            assert_eq!(carry, 0);
            sum
        };
        for bad in [[plus_modulus(x), y], [x, plus_modulus(y)], [[0; 32]; 2]] {
            assert!(EvmRead::new(&bad.concat()).read_point().is_err());
        }
        let mut order = word(&-Fr::ONE);
        assert_eq!(EvmRead::new(&order).read_scalar().unwrap(), -Fr::ONE);
        order[31] += 1;
        assert!(EvmRead::new(&order).read_scalar().is_err());
        assert!(EvmRead::new(&[]).common_point(G1Affine::identity()).is_err());
        assert!(EvmWrite::init(vec![]).write_point(G1Affine::identity()).is_err());
    }
}
