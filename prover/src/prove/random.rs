//! The random polynomial that hides the quotient.

use super::ProofState;
use crate::Error;
use ff::Field;
use halo2curves::bn256::Fr;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use rayon::prelude::*;
use zkml_kernels::Backend;

/// Coefficients that one ChaCha20 stream yields.
const CHUNK: usize = 1 << 10;

impl<B: Backend> ProofState<'_, B> {
    /// A random polynomial of degree `n - 1`, committed to.
    pub(super) fn random_polynomial(&mut self) -> Result<B::Vector, Error> {
        let domain = &self.key.domain;
        // The blind of this polynomial, which its commitment has no use for.
        Fr::random(&mut *self.rng);
        self.blinds = (0..domain.pieces()).map(|_| Fr::random(&mut *self.rng)).collect();
        let mut seed = [0; 32];
        self.rng.fill_bytes(&mut seed);
        let polynomial = self.backend.upload(&expand(seed, domain.n))?;
        self.commit_coefficients(&[&polynomial])?;
        Ok(polynomial)
    }
}

/// `count` uniform field elements; each chunk is a stream of its own, so that the result does not
/// depend on the number of threads.
fn expand(seed: [u8; 32], count: usize) -> Vec<Fr> {
    let mut elements = vec![Fr::ZERO; count];
    elements
        .par_chunks_mut(CHUNK)
        .enumerate()
        .for_each(|(stream, chunk)| {
            let mut rng = ChaCha20Rng::from_seed(seed);
            rng.set_stream(stream as u64);
            chunk.fill_with(|| Fr::random(&mut rng));
        });
    elements
}
