//! What the links of the sample's proofs are about: columns, a commitment to others, and what is absorbed of it.

use ff::Field;
use group::Curve;
use halo2_proofs::poly::commitment::{Blind, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2_proofs::poly::{Coeff, EvaluationDomain, Polynomial};
use halo2_proofs::transcript::Transcript;
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use zkml_evm::EvmChallenge;
use zkml_verifier::ModelLink;

/// A part of what is absorbed before `gamma`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Manifest,
    Published,
    All,
}

/// A model commitment with the polynomials that it is to, by coefficients.
#[derive(Clone, Debug)]
pub struct Commitment {
    pub link: ModelLink,
    pub published: Vec<Vec<Fr>>,
}

/// The polynomials of a proof that a link is about, by coefficients.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Those of the columns that hold parameters.
    pub proven: Vec<Vec<Fr>>,
    /// 1 on rows of parameters, 0 on all others.
    pub marks: Vec<Fr>,
}

/// Absorbs what a link is about, but for a part.
pub fn absorb(
    link: &ModelLink,
    transcript: &mut impl Transcript<G1Affine, EvmChallenge>,
    without: Option<Part>,
) {
    let half = |bytes: &[u8]| {
        let byte = |x, b: &u8| x * Fr::from(256) + Fr::from(u64::from(*b));
        bytes.iter().fold(Fr::ZERO, byte)
    };
    let (high, low) = link.manifest.split_at(16);
    let count = Fr::from(link.published.len() as u64);
    let (words, points): (&[Fr], &[G1Affine]) = match without {
        None => (&[link.tag, half(high), half(low), count], &link.published),
        Some(Part::Manifest) => (&[link.tag, count], &link.published),
        Some(Part::Published) => (&[link.tag, half(high), half(low), count], &[]),
        Some(Part::All) => (&[], &[]),
    };
    for word in words {
        transcript.common_scalar(*word).unwrap();
    }
    for point in points {
        transcript.common_point(*point).unwrap();
    }
}

/// `1, base, base^2, ...`.
pub fn powers(base: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::ONE), move |x| Some(x * base))
}

/// Coefficients of the polynomial with these values.
pub fn interpolate(values: Vec<Fr>) -> Vec<Fr> {
    let domain = EvaluationDomain::new(1, values.len().ilog2());
    domain.lagrange_to_coeff(Polynomial::new(values)).to_vec()
}

pub fn evaluate(polynomial: &[Fr], at: Fr) -> Fr {
    polynomial.iter().rev().fold(Fr::ZERO, |sum, c| sum * at + c)
}

/// The sum of polynomials with `n` coefficients, times numbers.
pub fn combination<'a>(n: usize, terms: impl IntoIterator<Item = (Fr, &'a [Fr])>) -> Vec<Fr> {
    let mut sum = vec![Fr::ZERO; n];
    for (scalar, polynomial) in terms {
        sum.iter_mut().zip(polynomial).for_each(|(s, c)| *s += scalar * c);
    }
    sum
}

/// The quotient by `X - at`; a remainder is dropped.
pub fn divide(polynomial: &[Fr], at: Fr) -> Vec<Fr> {
    let mut quotient = vec![Fr::ZERO; polynomial.len()];
    let mut carry = Fr::ZERO;
    for (to, c) in quotient.iter_mut().zip(polynomial).rev() {
        *to = carry;
        carry = carry * at + c;
    }
    quotient
}

/// The quotient of a product by `X^n - 1`, for factors with `n` coefficients; a remainder is dropped.
pub fn divide_product(a: &[Fr], b: &[Fr]) -> Vec<Fr> {
    let mut product = vec![Fr::ZERO; 2 * a.len()];
    for (i, a) in a.iter().enumerate() {
        let row = product[i..].iter_mut().zip(b);
        row.for_each(|(to, b)| *to += *a * b);
    }
    // X^n is 1 modulo X^n - 1.
    product.split_off(a.len())
}

pub fn commit(params: &ParamsKZG<Bn256>, polynomial: &[Fr]) -> G1Affine {
    let polynomial: Polynomial<Fr, Coeff> = Polynomial::new(polynomial.to_vec());
    params.commit(&polynomial, Blind::default()).to_affine()
}
