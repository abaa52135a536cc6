//! The generator of Poseidon's constants: an 80-bit linear feedback register whose output is
//! thinned by the self-shrinking rule, as appendix F of the Poseidon paper specifies it.

use ff::{Field, PrimeField};
use halo2_proofs::halo2curves::bn256::Fr;

/// Taps of the register: `b_(i+80) = sum of b_(i+tap)`.
const TAPS: [u32; 6] = [0, 13, 23, 38, 51, 62];
/// Length of the register.
const LENGTH: u32 = 80;

/// The register; bit `i` is the `i`-th next output.
pub(super) struct Grain(u128);

impl Grain {
    /// The register for a permutation of `width` elements of a prime field of `bits` bits with the
    /// S-box `x^alpha`.
    pub fn new(bits: u32, width: u32, full_rounds: u32, partial_rounds: u32) -> Self {
        const PRIME_FIELD: u32 = 1;
        const POWER: u32 = 0;
        let fields = [
            (PRIME_FIELD, 2),
            (POWER, 4),
            (bits, 12),
            (width, 12),
            (full_rounds, 10),
            (partial_rounds, 10),
            ((1 << 30) - 1, 30),
        ];
        // Each number with its most significant bit first.
        let mut state = 0u128;
        let mut at = 0;
        for (value, width) in fields {
            for i in (0..width).rev() {
                state |= u128::from(value >> i & 1) << at;
                at += 1;
            }
        }
        let mut grain = Grain(state);
        for _ in 0..2 * LENGTH {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let bit = TAPS.iter().fold(0, |sum, tap| sum ^ (self.0 >> tap)) & 1;
        self.0 = self.0 >> 1 | bit << (LENGTH - 1);
        bit == 1
    }

    /// Of each copy cell of bits the second, if the first is 1.
    fn bit(&mut self) -> bool {
        loop {
            let (keep, bit) = (self.step(), self.step());
            if keep {
                return bit;
            }
        }
    }

    /// As many bits as an element has, the most significant first, as little-endian bytes.
    fn number(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for i in (0..Fr::NUM_BITS as usize).rev() {
            bytes[i / 8] |= u8::from(self.bit()) << (i % 8);
        }
        bytes
    }

    /// A uniform element: numbers beyond the modulus are drawn again.
    pub fn element(&mut self) -> Fr {
        loop {
            if let Some(x) = Option::from(Fr::from_repr(self.number())) {
                return x;
            }
        }
    }

    /// A number reduced by the modulus.
    pub fn reduced(&mut self) -> Fr {
        self.number().iter().rev().fold(Fr::ZERO, |sum, &byte| {
            sum * Fr::from(256) + Fr::from(u64::from(byte))
        })
    }
}
