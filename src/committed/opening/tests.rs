//! Links with columns of one's own, at the end of proofs of nothing.

use super::super::link::Statement;
use super::super::reader::LinkedRead;
use super::*;
use crate::Digest;
use crate::transcript::StrictRead;
use group::Curve;
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::poly::commitment::{Blind, ParamsProver};
use halo2_proofs::poly::kzg::strategy::{AccumulatorStrategy, SingleStrategy};
use halo2_proofs::poly::{Coeff, EvaluationDomain, Polynomial};
use halo2_proofs::transcript::{
    Blake2bWrite, Challenge255, Transcript, TranscriptWrite, TranscriptWriterBuffer,
};
use rand_core::OsRng;

const K: u32 = 4;
const N: usize = 1 << K;
/// Challenges of halo2 before `x`.
const PROOF_SYSTEM: usize = 4;
/// Rows of parameters.
const MARKED: [usize; 3] = [2, 3, 7];

/// Columns by rows: a proof's, the published ones, and the marks.
#[derive(Clone)]
struct Columns {
    proven: Vec<Vec<Fr>>,
    published: Vec<Vec<Fr>>,
    marks: Vec<Fr>,
}

impl Columns {
    /// Three columns that are equal on marked rows, and on no other.
    fn honest() -> Self {
        let random = || -> Vec<Fr> { (0..N).map(|_| Fr::random(OsRng)).collect() };
        let proven: Vec<_> = (0..3).map(|_| random()).collect();
        let mut published: Vec<_> = (0..3).map(|_| random()).collect();
        for (to, from) in published.iter_mut().zip(&proven) {
            MARKED.iter().for_each(|&row| to[row] = from[row]);
        }
        let mut marks = vec![Fr::ZERO; N];
        MARKED.iter().for_each(|&row| marks[row] = Fr::ONE);
        Self {
            proven,
            published,
            marks,
        }
    }
}

fn coefficients(values: &[Fr]) -> Vec<Fr> {
    let domain = EvaluationDomain::new(1, K);
    let values = Polynomial::new(values.to_vec());
    domain.lagrange_to_coeff(values).to_vec()
}

fn commit(params: &ParamsKZG<Bn256>, polynomial: &[Fr]) -> G1Affine {
    let polynomial: Polynomial<Fr, Coeff> = Polynomial::new(polynomial.to_vec());
    params.commit(&polynomial, Blind::default()).to_affine()
}

fn evaluate(polynomial: &[Fr], at: Fr) -> Fr {
    polynomial.iter().rev().fold(Fr::ZERO, |sum, c| sum * at + c)
}

/// The quotient of a division by `X - at`; a remainder is dropped.
fn divide(polynomial: &[Fr], at: Fr) -> Vec<Fr> {
    let mut quotient = vec![Fr::ZERO; N];
    let mut carry = Fr::ZERO;
    for (q, c) in quotient.iter_mut().zip(polynomial).rev() {
        *q = carry;
        carry = carry * at + c;
    }
    quotient
}

fn combine(a: &[Fr], factor: Fr, b: &[Fr]) -> Vec<Fr> {
    a.iter().zip(b).map(|(a, b)| *a + factor * b).collect()
}

/// Follows the protocol with any columns, for a proof that opens nothing else: where a division leaves a
/// remainder, it is dropped. With `claim_value`, `q` is 1 and `v` is what meets `v D(x) = (x^n - 1) q(x)`.
fn prove(
    params: &ParamsKZG<Bn256>,
    columns: &Columns,
    statement: &Statement<'_>,
    claim_value: bool,
) -> Vec<u8> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    for column in &columns.proven {
        transcript
            .write_point(commit(params, &coefficients(column)))
            .unwrap();
    }
    (0..PROOF_SYSTEM).for_each(|_| _ = transcript.squeeze_challenge());
    statement.absorb(&mut transcript).unwrap();
    let gamma = *transcript.squeeze_challenge_scalar::<()>();
    let mut difference = vec![Fr::ZERO; N];
    for ((p, m), power) in columns.proven.iter().zip(&columns.published).zip(powers(gamma)) {
        difference = combine(&combine(&difference, power, p), -power, m);
    }
    let (d, s) = (coefficients(&difference), coefficients(&columns.marks));
    let mut product = vec![Fr::ZERO; 2 * N];
    for (i, d) in d.iter().enumerate() {
        s.iter().enumerate().for_each(|(j, s)| product[i + j] += *d * s);
    }
    // X^n is 1 modulo X^n - 1.
    let mut q = product.split_off(N);
    if claim_value {
        q = vec![Fr::ZERO; N];
        q[0] = Fr::ONE;
    }
    transcript.write_point(commit(params, &q)).unwrap();
    let x = *transcript.squeeze_challenge_scalar::<()>();
    let vanishing = x.pow_vartime([N as u64]) - Fr::ONE;
    let value = match claim_value {
        true => vanishing * evaluate(&d, x).invert().unwrap_or(Fr::ZERO),
        false => evaluate(&s, x),
    };
    transcript.write_scalar(value).unwrap();
    let d: Vec<Fr> = d.iter().map(|d| *d * value).collect();
    let remainder = combine(&d, -vanishing, &q);

    // SHPLONK with one set of points.
    let y = *transcript.squeeze_challenge_scalar::<()>();
    let _ = transcript.squeeze_challenge();
    let sum = combine(&s, y, &remainder);
    let h = divide(&sum, x);
    transcript.write_point(commit(params, &h)).unwrap();
    let u = *transcript.squeeze_challenge_scalar::<()>();
    let last = divide(&combine(&sum, x - u, &h), u);
    transcript.write_point(commit(params, &last)).unwrap();
    transcript.finalize()
}

/// Adds the equation of a link to those of a batch. `marks` are those of the key.
fn read<'a, S>(
    strategy: S,
    params: &'a ParamsKZG<Bn256>,
    columns: &Columns,
    marks: &[Fr],
    claim_value: bool,
) -> Result<S::Output, plonk::Error>
where
    S: VerificationStrategy<'a, Scheme, VerifierSHPLONK<'a, Bn256>>,
{
    let of = |values: &[Fr]| commit(params, &coefficients(values));
    let published: Vec<G1Affine> = columns.published.iter().map(|c| of(c)).collect();
    let statement = Statement {
        manifest: &Digest::of(b"manifest", &[]),
        published: &published,
    };
    let proof = prove(params, columns, &statement, claim_value);
    let mut inner = StrictRead::new(&proof);
    let all = 0..columns.proven.len();
    let mut reader = LinkedRead::new(&mut inner, statement, all.clone(), &ConstraintSystem::default());
    for _ in all.clone() {
        reader.read_point().unwrap();
    }
    (0..=PROOF_SYSTEM).for_each(|_| _ = reader.squeeze_challenge());
    let claims = Claims {
        marks: of(marks),
        published: published.clone(),
        columns: all,
        heard: reader.heard(),
    };
    let output = Linked::new(strategy, claims).process(|accumulator| {
        let verifier = LinkedShplonk::new(params);
        let opened = verifier.verify_proof::<Challenge255<_>, _, _>(&mut reader, vec![], accumulator);
        opened.map_err(|_| plonk::Error::Opening)
    });
    assert!(reader.failure().is_none());
    inner.finish().unwrap();
    output
}

fn accepts(params: &ParamsKZG<Bn256>, columns: &Columns, marks: &[Fr], claim_value: bool) -> bool {
    read(SingleStrategy::new(params), params, columns, marks, claim_value).is_ok()
}

/// Whether the links of these columns hold together.
fn hold(params: &ParamsKZG<Bn256>, links: &[&Columns]) -> bool {
    let strategy = links
        .iter()
        .fold(AccumulatorStrategy::new(params), |batch, columns| {
            read(batch, params, columns, &columns.marks, false).unwrap()
        });
    VerificationStrategy::<_, VerifierSHPLONK<'_, Bn256>>::finalize(strategy)
}

#[test]
fn links_hold_together_if_each_does() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    let mut cheat = honest.clone();
    cheat.proven[0][3] += Fr::ONE;
    assert!(hold(&params, &[&honest, &honest, &honest]));
    assert!(!hold(&params, &[&honest, &cheat, &honest]));
    assert!(!hold(&params, &[&cheat, &cheat]));
}

#[test]
fn columns_that_differ_on_a_marked_row_have_no_link() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    assert!(accepts(&params, &honest, &honest.marks, false));
    let rejected = |what: &str, change: &dyn Fn(&mut Columns)| {
        let mut columns = honest.clone();
        change(&mut columns);
        assert!(!accepts(&params, &columns, &columns.marks, false), "{what}");
    };
    for row in MARKED {
        for column in 0..3 {
            rejected("one cell", &|c| c.proven[column][row] += Fr::ONE);
            rejected("one published cell", &|c| c.published[column][row] += Fr::ONE);
        }
    }
    rejected("opposite differences of two columns", &|c| {
        c.proven[0][2] += Fr::ONE;
        c.proven[1][2] -= Fr::ONE;
    });
    rejected("opposite differences of two rows", &|c| {
        c.proven[0][2] += Fr::ONE;
        c.proven[0][3] -= Fr::ONE;
    });
    rejected("swapped columns", &|c| c.proven.swap(0, 1));
    rejected("rotated rows", &|c| c.proven[1].rotate_left(1));
    // Rows that are not marked are free.
    let mut columns = honest.clone();
    (0..N)
        .filter(|row| !MARKED.contains(row))
        .for_each(|row| columns.proven[2][row] += Fr::from(row as u64));
    assert!(accepts(&params, &columns, &columns.marks, false));
}

#[test]
fn other_marks_than_the_keys_have_no_link() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    let mut cheat = honest.clone();
    cheat.proven[0][3] += Fr::ONE;
    // Without this row's mark the columns agree; the key has it.
    cheat.marks[3] = Fr::ZERO;
    assert!(accepts(&params, &cheat, &cheat.marks, false));
    assert!(!accepts(&params, &cheat, &honest.marks, false));
}

/// With a value of `S` of one's own choice the first part of the check could be met by any `q`.
#[test]
fn the_value_of_the_marks_is_theirs() {
    let params = ParamsKZG::setup(K, OsRng);
    let mut columns = Columns::honest();
    columns.proven[0][3] += Fr::ONE;
    assert!(!accepts(&params, &columns, &columns.marks, true));
}
