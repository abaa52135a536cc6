//! Values to check with: edge values among arbitrary ones, the same in every run.

use ff::Field;
use halo2curves::bn256::Fr;

/// Lengths around the sizes of vectors, blocks and pieces.
pub(super) const LENGTHS: [usize; 14] = [1, 2, 3, 7, 8, 9, 63, 64, 65, 1000, 2047, 2049, 4096, 1 << 14];

/// A generator of arbitrary numbers: splitmix64.
pub(super) struct Sampler(pub(super) u64);

impl Sampler {
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound as u64) as usize
    }

    pub(super) fn element(&mut self) -> Fr {
        match self.below(12) {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2 => -Fr::ONE,
            3 => Fr::from(self.number()),
            _ => Fr::from_raw([self.number(), self.number(), self.number(), self.number()]),
        }
    }

    pub(super) fn elements(&mut self, count: usize) -> Vec<Fr> {
        (0..count).map(|_| self.element()).collect()
    }

    pub(super) fn integers(&mut self, count: usize) -> Vec<i32> {
        (0..count)
            .map(|_| match self.below(8) {
                0 => i32::MIN,
                1 => i32::MAX,
                2 => 0,
                3 => -1,
                _ => self.number() as i32 >> self.below(32),
            })
            .collect()
    }

    /// Positions in a table; the first is often among them.
    pub(super) fn codes(&mut self, count: usize, entries: usize) -> Vec<i32> {
        let code = |sampler: &mut Self| match sampler.below(4) {
            0 => 0,
            _ => sampler.below(entries) as i32,
        };
        (0..count).map(|_| code(self)).collect()
    }
}

/// Downloads, and compares.
pub(super) fn same<B: crate::Backend>(backend: &B, what: &str, found: &B::Vector, expected: &[Fr]) {
    assert_eq!(
        backend.len(found),
        expected.len(),
        "{}: {what}: length",
        backend.name()
    );
    let found = backend.download(found).expect("a download succeeds");
    if let Some(i) = (0..expected.len()).find(|&i| found[i] != expected[i]) {
        panic!(
            "{}: {what}: element {i} is {:?}, expected {:?}",
            backend.name(),
            found[i],
            expected[i]
        );
    }
}

/// Uploads.
pub(super) fn up<B: crate::Backend>(backend: &B, values: &[Fr]) -> B::Vector {
    backend.upload(values).expect("an upload succeeds")
}
