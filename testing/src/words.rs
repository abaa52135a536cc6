//! Numbers of 256 bits, the most significant byte first.

use ff::PrimeField;

/// Bytes of a number.
pub(crate) const WORD: usize = 32;

/// A field element.
pub(crate) fn word<F: PrimeField>(value: &F) -> [u8; WORD] {
    let mut bytes = [0; WORD];
    bytes.copy_from_slice(value.to_repr().as_ref());
    bytes.reverse();
    bytes
}

/// The modulus of a field.
pub(crate) fn modulus<F: PrimeField>() -> [u8; WORD] {
    let mut one = [0; WORD];
    one[WORD - 1] = 1;
    add(&word(&-F::ONE), &one)
}

/// The sum modulo `2^256`.
pub(crate) fn add(a: &[u8; WORD], b: &[u8; WORD]) -> [u8; WORD] {
    let (mut sum, mut carry) = ([0; WORD], 0u16);
    for i in (0..WORD).rev() {
        carry += u16::from(a[i]) + u16::from(b[i]);
        sum[i] = carry as u8;
        carry >>= 8;
    }
    sum
}
