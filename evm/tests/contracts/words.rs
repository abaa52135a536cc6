//! The transcript that contracts follow, written word by word: a prover may write a number in any form.

use ff::PrimeField;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite};
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fr, G1Affine};
use sha3::{Digest, Keccak256};
use std::io;
use zkml_evm::EvmChallenge;

/// A writer of proofs.
#[derive(Default)]
pub struct Words {
    absorbed: Vec<u8>,
    pub proof: Vec<u8>,
}

/// 32 bytes, the most significant first.
fn word<F: PrimeField>(value: F) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(value.to_repr().as_ref());
    bytes.reverse();
    bytes
}

impl Words {
    fn write(&mut self, bytes: &[u8]) {
        self.absorbed.extend(bytes);
        self.proof.extend(bytes);
    }

    /// Absorbs a scalar, and puts it in the middle of what is written.
    pub fn write_at(&mut self, place: usize, scalar: Fr) {
        let bytes = word(scalar);
        self.absorbed.extend(bytes);
        self.proof.splice(place..place, bytes);
    }

    /// Writes a scalar with the group order added to it.
    pub fn write_unreduced(&mut self, scalar: Fr) {
        // The order is one more than the largest scalar.
        let (a, b) = (word(scalar), word(-Fr::one()));
        let mut sum = [0; 32];
        let mut carry = 1;
        for i in (0..32).rev() {
            carry += u16::from(a[i]) + u16::from(b[i]);
            sum[i] = carry as u8;
            carry >>= 8;
        }
        self.write(&sum);
    }
}

impl Transcript<G1Affine, EvmChallenge> for Words {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        if self.absorbed.len() == 32 {
            self.absorbed.push(1);
        }
        let hash: [u8; 32] = Keccak256::digest(&self.absorbed).into();
        self.absorbed = hash.to_vec();
        EvmChallenge::new(&hash)
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        let point = point.coordinates().unwrap();
        self.absorbed.extend([*point.x(), *point.y()].map(word).concat());
        Ok(())
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.absorbed.extend(word(scalar));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, EvmChallenge> for Words {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        let point = point.coordinates().unwrap();
        self.write(&[*point.x(), *point.y()].map(word).concat());
        Ok(())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.write(&word(scalar));
        Ok(())
    }
}
