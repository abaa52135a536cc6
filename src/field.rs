//! Public values: signed integers as elements of the scalar field.

use ff::PrimeField;
use halo2curves::bn256::Fr;

/// Bytes of an element.
pub(crate) const FIELD_LEN: usize = 32;

/// The canonical encoding: little-endian, below the modulus.
pub(crate) fn to_bytes(value: &Fr) -> [u8; FIELD_LEN] {
    let mut out = [0; FIELD_LEN];
    out.copy_from_slice(value.to_repr().as_ref());
    out
}

/// Reads [`to_bytes`]; `None` for numbers not below the modulus.
pub(crate) fn from_bytes(bytes: [u8; FIELD_LEN]) -> Option<Fr> {
    Fr::from_repr(bytes).into()
}

/// The element that represents an integer.
#[cfg(any(feature = "prover", test))]
pub(crate) fn from_integer(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}

/// The integer that an element represents: `x` or `-x` for `x < 2^63`.
pub(crate) fn to_integer(value: &Fr) -> Option<i64> {
    let small = |value: &Fr| {
        let bytes = to_bytes(value);
        let (low, high) = bytes.split_at(8);
        let low = i64::from_le_bytes(low.try_into().ok()?);
        (low >= 0 && high.iter().all(|b| *b == 0)).then_some(low)
    };
    small(value).or_else(|| small(&-value).map(|x| -x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_and_others_do_not() {
        for x in [0, 1, -1, 77, i64::MAX, -i64::MAX] {
            let value = from_integer(x);
            assert_eq!(to_integer(&value), Some(x));
            assert_eq!(from_bytes(to_bytes(&value)), Some(value));
        }
        assert_eq!(to_integer(&Fr::from(1 << 63)), None);
        assert_eq!(to_integer(&Fr::from(2).invert().unwrap()), None);
        assert_eq!(from_bytes([0xff; 32]), None);
    }
}
