//! halo2curves' field elements as the 64-bit words that they consist of.
#![allow(unsafe_code)] // Views of slices: halo2curves gives no way to its limbs that does not copy.

use super::Modulus;
use halo2curves::bn256::{Fq, Fr};
use std::mem::{align_of, size_of};

/// Four words, least significant first: the element times `2^256`, reduced.
pub(crate) type Words = [u64; 4];

/// A field element that is its four Montgomery words and nothing else.
///
/// Implemented for `Fr` and `Fq` only: both are a struct of the one field `[u64; 4]`, every value
/// of which is a valid value of the type (memory-safe, though only reduced ones are meaningful).
pub(crate) trait Element: Modulus + Sized {}
impl Element for Fr {}
impl Element for Fq {}

const _: () = assert!(size_of::<Fr>() == size_of::<Words>() && align_of::<Fr>() == align_of::<Words>());
const _: () = assert!(size_of::<Fq>() == size_of::<Words>() && align_of::<Fq>() == align_of::<Words>());

/// The words of elements.
#[inline]
pub(crate) fn words<E: Element>(elements: &[E]) -> &[Words] {
    // SAFETY: an `Element` is its words, of equal size and alignment (asserted above).
    unsafe { std::slice::from_raw_parts(elements.as_ptr().cast(), elements.len()) }
}

/// Whether an element is zero; not in constant time.
#[inline]
pub(crate) fn is_zero<E: Element>(element: &E) -> bool {
    words(std::slice::from_ref(element))[0] == [0; 4]
}

/// The words of elements, to write; what is written must be reduced.
#[inline]
pub(crate) fn words_mut<E: Element>(elements: &mut [E]) -> &mut [Words] {
    // SAFETY: as above; any four words are a valid value for the type system.
    unsafe { std::slice::from_raw_parts_mut(elements.as_mut_ptr().cast(), elements.len()) }
}

/// An element from its words, which must be reduced.
#[inline]
pub(crate) fn element<E: Element>(words: Words) -> E {
    // SAFETY: as above.
    unsafe { std::mem::transmute_copy(&words) }
}
