//! Salted commitments to tensors.
//!
//! `commit = sponge(tag, salt, e_0, e_1, ...)` with Poseidon ([`crate::poseidon`]). An element
//! packs `m = floor(252 / bits)` values of a tensor, row-major:
//! `e_i = sum_(j < m) x_(m i + j) 2^(bits j)` for `-2^(bits - 1) <= x < 2^(bits - 1)`, 0 for missing values.
//! A number has one such representation in signed digits, and all of them lie within `2^251` of 0, so
//! that different values have different elements. Each tensor starts a new element.
//!
//! `tag = sponge(DOMAIN, n, then for each of the n tensors: rank, axes, scale, bits)` binds number,
//! shapes, lengths, scales and widths, and keeps these commitments apart from other uses of the sponge.
//! The salt is a uniform element of the field: without it, a commitment to few possible values could be
//! tried out.

use crate::Error;
use crate::config::field;
use crate::poseidon::sponge;
use ff::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use serde::{Deserialize, Serialize};

/// Bits of an element that packing fills.
const ELEMENT_BITS: u32 = 252;

/// The capacity of tags: these bytes as a number, the first the least significant.
const DOMAIN: &[u8] = b"zkml tensor commitment 1";

/// What a commitment says of a tensor besides its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorForm {
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
    /// An integer `q` stands for `q 2^-scale`.
    pub scale: i32,
    /// Values lie in `[-2^(bits - 1), 2^(bits - 1))`.
    pub bits: u32,
}

impl TensorForm {
    /// Number of elements; `None` if it is beyond what a machine counts.
    pub fn len(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1usize, |len, axis| len.checked_mul(*axis))
    }

    /// Whether the tensor has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Values of a packed element.
    pub(crate) fn values_per_element(&self) -> usize {
        (ELEMENT_BITS / self.bits.clamp(1, 64)) as usize
    }
}

/// Exponent of the weight of value `j` in the linear constraint that packs it: with all weights over `2^252`.
pub(crate) fn packing_halves(bits: u32, j: usize) -> u32 {
    ELEMENT_BITS - bits * j as u32
}

/// Exponent of the weight of the packed element in that linear constraint.
pub(crate) const ELEMENT_HALVES: u32 = ELEMENT_BITS;

/// The capacity that a commitment to tensors of these forms starts with.
pub fn tag(forms: &[TensorForm]) -> Fr {
    let domain = DOMAIN.iter().rev().fold(Fr::ZERO, |sum, &byte| {
        sum * Fr::from(256) + Fr::from(u64::from(byte))
    });
    let mut message = vec![Fr::from(forms.len() as u64)];
    for form in forms {
        message.push(Fr::from(form.shape.len() as u64));
        message.extend(form.shape.iter().map(|&axis| Fr::from(axis as u64)));
        message.push(field(form.scale.into()));
        message.push(Fr::from(u64::from(form.bits)));
    }
    sponge(domain, &message)
}

/// The commitment to tensors with a salt.
///
/// # Errors
/// [`Error::Commitment`] for values that a form has no place for.
pub fn commit(tensors: &[(TensorForm, &[i64])], salt: Fr) -> Result<Fr, Error> {
    let forms: Vec<TensorForm> = tensors.iter().map(|t| t.0.clone()).collect();
    Ok(sponge(tag(&forms), &message(tensors, salt)?))
}

/// What the sponge absorbs: the salt and the packed elements.
pub(crate) fn message(tensors: &[(TensorForm, &[i64])], salt: Fr) -> Result<Vec<Fr>, Error> {
    let mut message = vec![salt];
    for (form, values) in tensors {
        let refused = |expected: String, found: String| Err(Error::Commitment { expected, found });
        if !(1..=63).contains(&form.bits) {
            return refused("values of 1 to 63 bits".into(), form.bits.to_string());
        }
        if form.len() != Some(values.len()) {
            return refused(
                format!("as many values as the shape {:?} has", form.shape),
                values.len().to_string(),
            );
        }
        let half = 1i64 << (form.bits - 1);
        if let Some(x) = values.iter().find(|x| !(-half..half).contains(*x)) {
            return refused(format!("values of {} bits", form.bits), x.to_string());
        }
        let step = Fr::from(1u64 << form.bits);
        message.extend(
            values
                .chunks(form.values_per_element())
                .map(|chunk| chunk.iter().rev().fold(Fr::ZERO, |sum, &x| sum * step + field(x))),
        );
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn form(shape: &[usize], scale: i32, bits: u32) -> TensorForm {
        TensorForm {
            shape: shape.to_vec(),
            scale,
            bits,
        }
    }

    fn repr(x: Fr) -> Vec<u8> {
        use ff::PrimeField;
        x.to_repr().as_ref().to_vec()
    }

    #[test]
    fn everything_is_bound() {
        let values = [1i64, -2, 3, 0, 5, 6];
        let base = (form(&[2, 3], 4, 12), &values[..]);
        let of = |tensors: &[(TensorForm, &[i64])], salt: u64| repr(commit(tensors, Fr::from(salt)).unwrap());
        let mut changed = values;
        changed[5] += 1;
        let all = [
            of(std::slice::from_ref(&base), 9),
            of(std::slice::from_ref(&base), 10),
            of(&[(form(&[2, 3], 4, 12), &changed[..])], 9),
            of(&[(form(&[3, 2], 4, 12), &values[..])], 9),
            of(&[(form(&[6], 4, 12), &values[..])], 9),
            of(&[(form(&[2, 3], 5, 12), &values[..])], 9),
            of(&[(form(&[2, 3], -4, 12), &values[..])], 9),
            of(&[(form(&[2, 3], 4, 24), &values[..])], 9),
            of(&[(form(&[5], 4, 12), &values[..5])], 9),
            of(
                &[
                    (form(&[3], 4, 12), &values[..3]),
                    (form(&[3], 4, 12), &values[3..]),
                ],
                9,
            ),
        ];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }

    #[test]
    fn signed_digits_are_packed() {
        // 42 values of 6 bits fill an element; the 43rd starts another.
        let mut values = vec![0i64; 43];
        values[0] = -32;
        values[1] = 31;
        values[42] = 7;
        let found = message(&[(form(&[43], 0, 6), &values)], Fr::from(5)).unwrap();
        assert_eq!(found, [Fr::from(5), Fr::from(31 * 64 - 32), Fr::from(7)]);
    }

    #[test]
    fn what_has_no_place_is_refused() {
        let refused = |form: TensorForm, values: &[i64]| {
            let e = commit(&[(form, values)], Fr::ONE).unwrap_err();
            assert!(matches!(e, Error::Commitment { .. }), "{e}");
        };
        refused(form(&[2], 0, 4), &[0]);
        refused(form(&[1], 0, 4), &[8]);
        refused(form(&[1], 0, 4), &[-9]);
        refused(form(&[1], 0, 0), &[0]);
        refused(form(&[1], 0, 64), &[0]);
        refused(form(&[usize::MAX, 2], 0, 4), &[0]);
    }
}
