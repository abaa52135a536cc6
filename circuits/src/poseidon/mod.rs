//! Poseidon over the scalar field of BN254: width 3, `x^5`, 8 full and 57 partial rounds.
//!
//! Constants come from the generator that the Poseidon paper specifies (Grassi, Khovratovich,
//! Rechberger, Roy, Schofnegger, USENIX Security 2021): they are those of the reference
//! implementation and of circomlib, and are tested against its vectors.

mod chip;
mod grain;

#[cfg(test)]
pub(crate) use chip::resume;
pub(crate) use chip::{Chain, Maps, ROWS_PER_PERMUTATION, Step};

use ff::Field;
use grain::Grain;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::OnceLock;

/// Elements of the state; one is the capacity, the other two take messages.
pub(crate) const WIDTH: usize = 3;
/// Elements that one permutation absorbs.
pub(crate) const RATE: usize = 2;
const FULL_ROUNDS: usize = 8;
const PARTIAL_ROUNDS: usize = 57;
const ROUNDS: usize = FULL_ROUNDS + PARTIAL_ROUNDS;

/// Round constants and the matrix of the linear layer.
struct Parameters {
    constants: [[Fr; WIDTH]; ROUNDS],
    matrix: [[Fr; WIDTH]; WIDTH],
}

fn parameters() -> &'static Parameters {
    static PARAMETERS: OnceLock<Parameters> = OnceLock::new();
    PARAMETERS.get_or_init(|| {
        let mut grain = Grain::new(254, WIDTH as u32, FULL_ROUNDS as u32, PARTIAL_ROUNDS as u32);
        let mut constants = [[Fr::ZERO; WIDTH]; ROUNDS];
        constants.iter_mut().flatten().for_each(|c| *c = grain.element());
        // A Cauchy matrix: 1 / (x_i + y_j).
        let x: [Fr; WIDTH] = std::array::from_fn(|_| grain.reduced());
        let y: [Fr; WIDTH] = std::array::from_fn(|_| grain.reduced());
        let matrix = x.map(|x| y.map(|y| (x + y).invert().unwrap_or(Fr::ZERO)));
        Parameters { constants, matrix }
    })
}

fn mix(state: [Fr; WIDTH]) -> [Fr; WIDTH] {
    parameters()
        .matrix
        .map(|row| row.iter().zip(&state).map(|(m, x)| *m * x).sum())
}

fn sbox(x: Fr) -> Fr {
    x.square().square() * x
}

fn is_full(round: usize) -> bool {
    !(FULL_ROUNDS / 2..FULL_ROUNDS / 2 + PARTIAL_ROUNDS).contains(&round)
}

/// One permutation.
pub(crate) fn permute(mut state: [Fr; WIDTH]) -> [Fr; WIDTH] {
    for (round, constants) in parameters().constants.iter().enumerate() {
        for (x, c) in state.iter_mut().zip(constants) {
            *x += c;
        }
        state[0] = sbox(state[0]);
        if is_full(round) {
            state[1] = sbox(state[1]);
            state[2] = sbox(state[2]);
        }
        state = mix(state);
    }
    state
}

/// The sponge: from the state `(capacity, 0, 0)`, each permutation adds two elements of the
/// message to the rate (a last single one with a 0); the digest is the first element of the rate.
///
/// Messages of different lengths need different capacities: zeros at the end are not seen.
pub(crate) fn sponge(capacity: Fr, message: &[Fr]) -> Fr {
    let mut state = [capacity, Fr::ZERO, Fr::ZERO];
    for chunk in message.chunks(RATE) {
        for (x, m) in state[1..].iter_mut().zip(chunk) {
            *x += m;
        }
        state = permute(state);
    }
    state[1]
}

/// Permutations that a message of this length takes.
pub(crate) fn permutations(message: usize) -> usize {
    message.div_ceil(RATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::PrimeField;

    fn hex(text: &str) -> Fr {
        let digit = |c: char| Fr::from(u64::from(c.to_digit(16).expect("a hex digit")));
        text.chars()
            .fold(Fr::ZERO, |sum, c| sum * Fr::from(16) + digit(c))
    }

    /// `poseidonperm_x5_254_3` of the reference implementation's test vectors; the first element is
    /// circomlib's Poseidon of (1, 2).
    #[test]
    fn the_permutation_is_the_published_one() {
        let found = permute([0, 1, 2].map(Fr::from));
        let expected = [
            "115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a",
            "0fca49b798923ab0239de1c9e7a4a9a2210312b6a2f616d18b5a87f9b628ae29",
            "0e7ae82e40091e63cbd4f16a6d16310b3729d4b6e138fcf54110e2867045a30c",
        ];
        assert_eq!(found, expected.map(hex));
    }

    #[test]
    fn constants_are_the_published_ones() {
        let p = parameters();
        assert_eq!(
            p.constants[0][0],
            hex("0ee9a592ba9a9518d05986d656f40c2114c4993c11bb29938d21d47304cd8e6e")
        );
        assert_eq!(
            p.matrix[0][0],
            hex("109b7f411ba0e4c9b2b70caf5c36a7b194be7c11ad24378bfedb68592ba8118b")
        );
    }

    #[test]
    fn messages_of_the_sponge_matter() {
        let m = [3, 4, 5].map(Fr::from);
        let digest = sponge(Fr::ONE, &m);
        assert_ne!(digest, sponge(Fr::ZERO, &m));
        assert_ne!(digest, sponge(Fr::ONE, &m[..2]));
        for i in 0..m.len() {
            let mut changed = m;
            changed[i] += Fr::ONE;
            assert_ne!(digest, sponge(Fr::ONE, &changed));
        }
        assert_eq!(Fr::NUM_BITS, 254);
    }
}
