//! Randomness that a prover draws and that is needed once more: halo2 keeps the values of the
//! blinding rows to itself.

use rand_core::{CryptoRng, Error, OsRng, RngCore};

/// The operating system's randomness, with a copy of the first bytes.
#[derive(Default)]
pub(crate) struct Tape {
    copy: Vec<u8>,
    most: usize,
}

impl Tape {
    /// Copies at least the first `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            copy: Vec::with_capacity(most),
            most,
        }
    }

    /// What was copied, to be drawn again in the same order.
    pub(crate) fn replay(&self) -> Replay<'_> {
        Replay(&self.copy)
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.copy.len() < self.most {
            self.copy.extend_from_slice(bytes);
        }
    }
}

impl RngCore for Tape {
    fn next_u32(&mut self) -> u32 {
        let x = OsRng.next_u32();
        self.keep(&x.to_le_bytes());
        x
    }

    fn next_u64(&mut self) -> u64 {
        let x = OsRng.next_u64();
        self.keep(&x.to_le_bytes());
        x
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        OsRng.fill_bytes(dest);
        self.keep(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        OsRng.try_fill_bytes(dest)?;
        self.keep(dest);
        Ok(())
    }
}

impl CryptoRng for Tape {}

/// Draws from a [`Tape`]'s copy; zeros after its end.
pub(crate) struct Replay<'a>(&'a [u8]);

impl RngCore for Replay<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        let n = dest.len().min(self.0.len());
        let (head, tail) = self.0.split_at(n);
        dest[..n].copy_from_slice(head);
        dest[n..].fill(0);
        self.0 = tail;
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2curves::bn256::Fr;

    #[test]
    fn the_same_elements_are_drawn_again() {
        let mut tape = Tape::new(5 * 64);
        let drawn: Vec<Fr> = (0..9).map(|_| Fr::random(&mut tape)).collect();
        let mut replay = tape.replay();
        let again: Vec<Fr> = (0..5).map(|_| Fr::random(&mut replay)).collect();
        assert_eq!(drawn[..5], again[..]);
    }
}
