//! The boundary between a prover and the device that computes for it.

use crate::{Error, Program};
use halo2curves::bn256::{Fr, G1Affine};

/// One column of scalars for a multi-scalar multiplication.
#[derive(Debug)]
pub enum Scalars<'a, V, I> {
    /// Full-width field elements on the device.
    Full(&'a V),
    /// Signed small integers on the device, followed by full-width ones: a witness column of small
    /// values still ends in a handful of random rows.
    Small {
        /// The first rows.
        values: &'a I,
        /// The rows that follow.
        tail: &'a [Fr],
    },
    /// Sums of entries of a table on the device, followed by full-width scalars: what a witness
    /// looks up takes few values, however many rows it has.
    Dictionary {
        /// Row `i` holds `sum_j table[codes[j][i]]`. At least one list, each of at least `rows` codes.
        codes: &'a [&'a I],
        /// Rows that the codes are for; further codes mean nothing.
        rows: usize,
        /// The table.
        table: &'a V,
        /// The rows that follow.
        tail: &'a [Fr],
    },
}

/// Where columns live and kernels run.
///
/// Lengths of vectors are powers of two wherever an operation speaks of a domain: the
/// multiplicative subgroup `H = <w>` of that size, `w` being halo2's generator (`Fr::ROOT_OF_UNITY`
/// squared down). All results are canonical field elements and do not depend on thread counts.
pub trait Backend: Send + Sync {
    /// A vector of field elements in device memory.
    type Vector: Send + Sync;
    /// Signed integers in device memory: a small column, or codes. It is moved there once, and multiplied, expanded
    /// and read as codes from there.
    type Integers: Send + Sync;
    /// Curve points in device memory, prepared for many multiplications.
    type Bases: Send + Sync;

    /// What computes, for people: `cpu (AVX-512 IFMA, 2 threads)`.
    fn name(&self) -> String;

    /// Copies field elements to the device.
    fn upload(&self, values: &[Fr]) -> Result<Self::Vector, Error>;
    /// Moves signed integers to the device.
    fn upload_integers(&self, values: Vec<i32>) -> Result<Self::Integers, Error>;
    /// The field elements of integers, followed by `tail`: [`Scalars::Small`] as a vector.
    fn expand_small(&self, values: &Self::Integers, tail: &[Fr]) -> Result<Self::Vector, Error>;
    /// `sum_j table[codes[j][i]]` for all `i < rows`, followed by `tail`: [`Scalars::Dictionary`] as a vector.
    fn expand_dictionary(
        &self,
        codes: &[&Self::Integers],
        rows: usize,
        table: &Self::Vector,
        tail: &[Fr],
    ) -> Result<Self::Vector, Error>;
    /// Copies a vector back.
    fn download(&self, vector: &Self::Vector) -> Result<Vec<Fr>, Error>;
    /// Copies a vector on the device.
    fn duplicate(&self, vector: &Self::Vector) -> Result<Self::Vector, Error>;
    /// The elements of all parts, one part after the other, on the device.
    fn concatenate(&self, parts: &[&Self::Vector]) -> Result<Self::Vector, Error>;
    /// Number of elements.
    fn len(&self, vector: &Self::Vector) -> usize;
    /// Reads `count` elements from `start` on.
    fn read(&self, vector: &Self::Vector, start: usize, count: usize) -> Result<Vec<Fr>, Error>;
    /// Overwrites elements from `start` on.
    fn write(&self, vector: &mut Self::Vector, start: usize, values: &[Fr]) -> Result<(), Error>;

    /// Copies points to the device and prepares them.
    fn bases(&self, points: &[G1Affine]) -> Result<Self::Bases, Error>;
    /// `sum_i s_i B_i` for every column over the same bases; a column may be shorter than the bases.
    fn msm(
        &self,
        bases: &Self::Bases,
        columns: &[Scalars<'_, Self::Vector, Self::Integers>],
    ) -> Result<Vec<G1Affine>, Error>;

    /// Coefficients to values on `H`, in place, natural order on both sides.
    fn ntt(&self, vectors: &mut [Self::Vector]) -> Result<(), Error>;
    /// Values on `H` to coefficients, in place.
    fn intt(&self, vectors: &mut [Self::Vector]) -> Result<(), Error>;
    /// Values on the coset `shift H` of polynomials given by coefficients.
    fn coset_ntt(&self, coefficients: &[&Self::Vector], shift: Fr) -> Result<Vec<Self::Vector>, Error>;
    /// Values on the coset `shift H` to coefficients, in place.
    fn coset_intt(&self, values: &mut Self::Vector, shift: Fr) -> Result<(), Error>;

    /// The inverse of every element, in place; zero stays zero.
    fn batch_invert(&self, vector: &mut Self::Vector) -> Result<(), Error>;
    /// `out_0 = start`, `out_(i+1) = out_i v_i`: as many elements as `v`.
    fn running_product(&self, vector: &Self::Vector, start: Fr) -> Result<Self::Vector, Error>;
    /// `sum_j c_j v_j`; shorter vectors count as followed by zeros. At least one term.
    fn linear_combination(&self, terms: &[(Fr, &Self::Vector)]) -> Result<Self::Vector, Error>;
    /// The value of each polynomial, given by coefficients, at its point.
    fn evaluate(&self, queries: &[(&Self::Vector, Fr)]) -> Result<Vec<Fr>, Error>;
    /// The remainders of polynomials, given by coefficients, modulo `X^size - factor`:
    /// `out_i = sum_k factor^k v_(i + k size)`. Lengths are multiples of `size`. Where `shift^size`
    /// is `factor`, polynomial and remainder agree on the coset `shift H` of `size` elements.
    fn fold(
        &self,
        coefficients: &[&Self::Vector],
        size: usize,
        factor: Fr,
    ) -> Result<Vec<Self::Vector>, Error>;
    /// The quotient of a polynomial by `X - root`, in place; the remainder is dropped and the
    /// highest coefficient becomes zero.
    fn divide_by_linear(&self, coefficients: &mut Self::Vector, root: Fr) -> Result<(), Error>;

    /// Runs a program on every row of the columns.
    fn run(
        &self,
        program: &Program,
        columns: &[&Self::Vector],
        constants: &[Fr],
    ) -> Result<Self::Vector, Error>;
}
