//! The constants of a prime field, computed at compile time from its modulus.

use halo2curves::bn256::{Fq, Fr};

/// Bits of a limb.
pub(crate) const LIMB: u32 = 52;
/// The low 52 bits.
pub(crate) const MASK: u64 = (1 << LIMB) - 1;

/// A prime `2^253 < p < 2^254` with the constants that arithmetic on 52-bit limbs needs.
pub(crate) trait Modulus: Copy + Send + Sync + 'static {
    /// `p` in 64-bit words, least significant first.
    const P: [u64; 4];
    /// `p`.
    const LIMBS: [u64; 5] = limbs52(Self::P);
    /// `2^260 - p`.
    const NEGATED: [u64; 5] = complement(Self::LIMBS);
    /// `-1/p mod 2^52`.
    const INVERSE: u64 = negated_inverse(Self::P[0]) & MASK;
    /// `-1/p mod 2^260`.
    const WIDE_INVERSE: [u64; 5] = wide_inverse(Self::LIMBS);
    /// `2^-52 mod p`: one limb of Montgomery reduction.
    const LIMB_SHIFT: [u64; 5] = limbs52(halved(Self::P, LIMB));
    /// `2^-64 mod p`, in 64-bit words: one word of Montgomery reduction.
    const WORD_SHIFT: [u64; 4] = halved(Self::P, 64);
    /// `2^-128 mod p`, in 64-bit words.
    const TWO_WORD_SHIFT: [u64; 4] = halved(Self::P, 128);
    /// `floor(2^300 / p)`, below `2^47`.
    const RECIPROCAL: u64 = reciprocal(Self::P);
    /// `2^264 mod p`: takes `a 2^256` to `a 2^260` in a Montgomery product.
    const ENTER: [u64; 5] = limbs52(power_of_two(Self::P, 264));
    /// `2^256 mod p`: takes `a 2^260` to `a 2^256` in a Montgomery product.
    #[cfg(test)]
    const LEAVE: [u64; 5] = limbs52(power_of_two(Self::P, 256));
}

impl Modulus for Fr {
    const P: [u64; 4] = [
        0x43e1_f593_f000_0001,
        0x2833_e848_79b9_7091,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

impl Modulus for Fq {
    const P: [u64; 4] = [
        0x3c20_8c16_d87c_fd47,
        0x9781_6a91_6871_ca8d,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

/// Four 64-bit words as five 52-bit limbs.
pub(crate) const fn limbs52(words: [u64; 4]) -> [u64; 5] {
    [
        words[0] & MASK,
        (words[0] >> 52 | words[1] << 12) & MASK,
        (words[1] >> 40 | words[2] << 24) & MASK,
        (words[2] >> 28 | words[3] << 36) & MASK,
        words[3] >> 16,
    ]
}

/// The inverse of [`limbs52`], for limbs below `2^52` of a number below `2^256`.
pub(crate) const fn words52(limbs: [u64; 5]) -> [u64; 4] {
    [
        limbs[0] | limbs[1] << 52,
        limbs[1] >> 12 | limbs[2] << 40,
        limbs[2] >> 24 | limbs[3] << 28,
        limbs[3] >> 36 | limbs[4] << 16,
    ]
}

/// `2^260 - x` for `0 < x < 2^260`.
const fn complement(x: [u64; 5]) -> [u64; 5] {
    let mut result = [0; 5];
    let mut carry = 1;
    let mut i = 0;
    while i < 5 {
        let sum = (MASK - x[i]) + carry;
        result[i] = sum & MASK;
        carry = sum >> LIMB;
        i += 1;
    }
    result
}

/// `-1/p mod 2^128` for an odd `p`: one more step than [`negated_inverse`].
#[cfg(target_arch = "x86_64")]
pub(super) const fn negated_inverse_128(p: [u64; 4]) -> u128 {
    let low = p[0] as u128 | (p[1] as u128) << 64;
    let inverse = negated_inverse(p[0]).wrapping_neg() as u128;
    let inverse = inverse.wrapping_mul(2u128.wrapping_sub(low.wrapping_mul(inverse)));
    inverse.wrapping_neg()
}

/// `-1/p mod 2^64` for an odd `p`: each step doubles the correct bits.
pub(super) const fn negated_inverse(p: u64) -> u64 {
    let mut inverse = 1u64;
    let mut step = 0;
    while step < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg()
}

/// `-1/p mod 2^260`: limb by limb the `x` with `x p = -1`, as in a Montgomery reduction of 1.
const fn wide_inverse(p: [u64; 5]) -> [u64; 5] {
    let inverse = negated_inverse(p[0]) & MASK;
    let mut total = [1u64, 0, 0, 0, 0];
    let mut result = [0u64; 5];
    let mut i = 0;
    while i < 5 {
        let digit = (total[i] as u128 * inverse as u128) as u64 & MASK;
        result[i] = digit;
        let mut carry = 0u128;
        let mut j = 0;
        while i + j < 5 {
            let sum = total[i + j] as u128 + digit as u128 * p[j] as u128 + carry;
            total[i + j] = sum as u64 & MASK;
            carry = sum >> LIMB;
            j += 1;
        }
        i += 1;
    }
    result
}

/// `x >= y`.
const fn at_least(x: [u64; 4], y: [u64; 4]) -> bool {
    let mut i = 4;
    while i > 0 {
        i -= 1;
        if x[i] != y[i] {
            return x[i] > y[i];
        }
    }
    true
}

/// `x - y` for `x >= y`.
const fn minus(x: [u64; 4], y: [u64; 4]) -> [u64; 4] {
    let mut result = [0; 4];
    let mut borrow = 0;
    let mut i = 0;
    while i < 4 {
        let (difference, under) = x[i].overflowing_sub(y[i]);
        let (difference, under_again) = difference.overflowing_sub(borrow);
        result[i] = difference;
        borrow = (under | under_again) as u64;
        i += 1;
    }
    result
}

/// `x + y` without overflow.
const fn plus(x: [u64; 4], y: [u64; 4]) -> [u64; 4] {
    let mut result = [0; 4];
    let mut carry = 0u128;
    let mut i = 0;
    while i < 4 {
        let sum = x[i] as u128 + y[i] as u128 + carry;
        result[i] = sum as u64;
        carry = sum >> 64;
        i += 1;
    }
    result
}

/// `2x + bit - p` if that is not negative, and `2x + bit` otherwise; and which.
const fn doubled(p: [u64; 4], x: [u64; 4], bit: u64) -> ([u64; 4], bool) {
    let mut twice = plus(x, x);
    twice[0] |= bit;
    if at_least(twice, p) {
        (minus(twice, p), true)
    } else {
        (twice, false)
    }
}

/// `2^n mod p`.
const fn power_of_two(p: [u64; 4], n: u32) -> [u64; 4] {
    let mut power = [1, 0, 0, 0];
    let mut i = 0;
    while i < n {
        power = doubled(p, power, 0).0;
        i += 1;
    }
    power
}

/// `2^-n mod p`.
const fn halved(p: [u64; 4], n: u32) -> [u64; 4] {
    let mut x = [1, 0, 0, 0];
    let mut i = 0;
    while i < n {
        if x[0] & 1 == 1 {
            x = plus(x, p);
        }
        x = [
            x[0] >> 1 | x[1] << 63,
            x[1] >> 1 | x[2] << 63,
            x[2] >> 1 | x[3] << 63,
            x[3] >> 1,
        ];
        i += 1;
    }
    x
}

/// `floor(2^300 / p)`, by long division.
const fn reciprocal(p: [u64; 4]) -> u64 {
    let (mut quotient, mut rest) = (0, [0; 4]);
    let mut i = 0;
    while i <= 300 {
        let (next, fits) = doubled(p, rest, (i == 0) as u64);
        rest = next;
        quotient = quotient << 1 | fits as u64;
        i += 1;
    }
    quotient
}
