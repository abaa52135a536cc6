//! Links with columns of one's own, at the end of proofs of nothing.

use super::super::link::Statement;
use super::super::reader::LinkedRead;
use super::*;
use crate::Digest;
use crate::transcript::StrictRead;
use group::{Curve, Group};
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::poly::commitment::{Blind, ParamsProver};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
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

/// The points that columns are published as.
fn points(params: &ParamsKZG<Bn256>, columns: &[Vec<Fr>]) -> Vec<G1Affine> {
    columns.iter().map(|c| commit(params, &coefficients(c))).collect()
}

/// Where a prover leaves the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cheat {
    /// Nowhere.
    None,
    /// `q` is 1, `v` is what meets `v D(x) = (x^n - 1) q(x)`, and `S` is not opened.
    FreeValue,
    /// `S` alone is opened.
    NoDifference,
    /// `q` is drawn up after `x`: the constant that meets `S(x) D(x) = (x^n - 1) q`.
    LateQuotient,
    /// `v` is drawn up after SHPLONK's challenges: what makes both openings hold together.
    LateValue,
    /// The columns are published once `gamma` is known: differences of two of them cancel out for it.
    LatePublished,
}

/// Follows the protocol with any columns but for a cheat, for a proof that opens nothing else: where a division leaves a
/// remainder, it is dropped.
fn prove(params: &ParamsKZG<Bn256>, columns: &mut Columns, cheat: Cheat) -> Vec<u8> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    for column in &columns.proven {
        transcript
            .write_point(commit(params, &coefficients(column)))
            .unwrap();
    }
    (0..PROOF_SYSTEM).for_each(|_| _ = transcript.squeeze_challenge());
    let published = points(params, &columns.published);
    let statement = Statement {
        manifest: &manifest(),
        published: &published,
    };
    match cheat {
        Cheat::LatePublished => statement
            .head()
            .iter()
            .for_each(|scalar| transcript.common_scalar(*scalar).unwrap()),
        _ => statement.absorb(&mut transcript).unwrap(),
    }
    let gamma = *transcript.squeeze_challenge_scalar::<()>();
    if cheat == Cheat::LatePublished {
        columns.published[0][MARKED[0]] += gamma;
        columns.published[1][MARKED[0]] -= Fr::ONE;
    }
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
    if cheat == Cheat::FreeValue {
        q = vec![Fr::ZERO; N];
        q[0] = Fr::ONE;
    }
    if cheat != Cheat::LateQuotient {
        transcript.write_point(commit(params, &q)).unwrap();
    }
    let x = *transcript.squeeze_challenge_scalar::<()>();
    let vanishing = x.pow_vartime([N as u64]) - Fr::ONE;
    let inverse = |x: Fr| x.invert().unwrap_or(Fr::ZERO);
    let [s_x, d_x] = [&s, &d].map(|polynomial| evaluate(polynomial, x));
    if cheat == Cheat::LateQuotient {
        q = vec![Fr::ZERO; N];
        q[0] = s_x * d_x * inverse(vanishing);
        transcript.write_point(commit(params, &q)).unwrap();
    }
    let mut value = match cheat {
        Cheat::FreeValue => vanishing * inverse(d_x),
        _ => s_x,
    };
    if cheat != Cheat::LateValue {
        transcript.write_scalar(value).unwrap();
    }
    let y = *transcript.squeeze_challenge_scalar::<()>();
    let _ = transcript.squeeze_challenge();
    if cheat == Cheat::LateValue {
        value = (y * vanishing * evaluate(&q, x) - s_x) * inverse(y * d_x - Fr::ONE);
        transcript.write_scalar(value).unwrap();
    }
    let d: Vec<Fr> = d.iter().map(|d| *d * value).collect();
    let remainder = combine(&d, -vanishing, &q);

    // SHPLONK with one set of points.
    let sum = match cheat {
        Cheat::FreeValue => remainder,
        Cheat::NoDifference => s,
        _ => combine(&s, y, &remainder),
    };
    let h = divide(&sum, x);
    transcript.write_point(commit(params, &h)).unwrap();
    let u = *transcript.squeeze_challenge_scalar::<()>();
    let last = divide(&combine(&sum, x - u, &h), u);
    transcript.write_point(commit(params, &last)).unwrap();
    transcript.finalize()
}

fn manifest() -> Digest {
    Digest::of(b"manifest", &[])
}

/// Whether a link of these columns is accepted. `marks` are those of the key.
fn accepts(params: &ParamsKZG<Bn256>, columns: &Columns, marks: &[Fr], cheat: Cheat) -> bool {
    let mut columns = columns.clone();
    let proof = prove(params, &mut columns, cheat);
    let published = points(params, &columns.published);
    let statement = Statement {
        manifest: &manifest(),
        published: &published,
    };
    let mut inner = StrictRead::new(&proof);
    let all = 0..columns.proven.len();
    let mut reader = LinkedRead::new(&mut inner, statement, all.clone(), &ConstraintSystem::default());
    for _ in all.clone() {
        reader.read_point().unwrap();
    }
    (0..=PROOF_SYSTEM).for_each(|_| _ = reader.squeeze_challenge());
    let claims = Claims {
        marks: commit(params, &coefficients(marks)),
        published: published.clone(),
        columns: all,
        heard: reader.heard(),
    };
    let output = Linked::new(SingleStrategy::new(params), claims).process(|accumulator| {
        let verifier = LinkedShplonk::new(params);
        let opened = verifier.verify_proof::<Challenge255<_>, _, _>(&mut reader, vec![], accumulator);
        opened.map_err(|_| plonk::Error::Opening)
    });
    assert!(reader.failure().is_none());
    inner.finish().unwrap();
    output.is_ok()
}

#[test]
fn columns_that_differ_on_a_marked_row_have_no_link() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    assert!(accepts(&params, &honest, &honest.marks, Cheat::None));
    let rejected = |what: &str, change: &dyn Fn(&mut Columns)| {
        let mut columns = honest.clone();
        change(&mut columns);
        assert!(!accepts(&params, &columns, &columns.marks, Cheat::None), "{what}");
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
    assert!(accepts(&params, &columns, &columns.marks, Cheat::None));
}

#[test]
fn other_marks_than_the_keys_have_no_link() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    let mut cheat = honest.clone();
    cheat.proven[0][3] += Fr::ONE;
    // Without this row's mark the columns agree; the key has it.
    cheat.marks[3] = Fr::ZERO;
    assert!(accepts(&params, &cheat, &cheat.marks, Cheat::None));
    assert!(!accepts(&params, &cheat, &honest.marks, Cheat::None));
}

/// What each of these cheats leaves out is what stops it: both claims are opened; `q`, `v` and the published points are
/// absorbed before the challenges that they would be made to fit.
#[test]
fn no_step_can_be_left_out() {
    let params = ParamsKZG::setup(K, OsRng);
    let columns = Columns::honest();
    let mut others = columns.clone();
    others.proven[0][3] += Fr::ONE;
    for (columns, cheat) in [
        (&others, Cheat::FreeValue),
        (&others, Cheat::NoDifference),
        (&others, Cheat::LateQuotient),
        (&others, Cheat::LateValue),
        (&columns, Cheat::LatePublished),
    ] {
        assert!(!accepts(&params, columns, &columns.marks, cheat), "{cheat:?}");
    }
}

/// A prover may repeat a published point: then nothing is left of the column in the claim, and no point at infinity.
#[test]
fn a_column_that_is_the_published_one_has_no_difference() {
    let params = ParamsKZG::setup(K, OsRng);
    let mut columns = Columns::honest();
    columns.published[1] = columns.proven[1].clone();
    assert!(accepts(&params, &columns, &columns.marks, Cheat::None));
    let published = points(&params, &columns.published);
    let heard = Heard {
        points: points(&params, &columns.proven),
        gamma: Fr::from(2),
        quotient: Some(G1Affine::generator()),
        x: Fr::from(3),
    };
    let claims = Claims {
        marks: G1Affine::generator(),
        published,
        columns: 0..3,
        heard: Rc::new(RefCell::new(heard)),
    };
    let bases = claims.remainder(Fr::from(5), N as u64).unwrap().bases();
    assert_eq!(bases.len(), 3);
    assert!(bases.iter().all(|point| !bool::from(point.is_identity())));
}

/// What halo2 makes without claims opens nothing, however good the openings are.
#[test]
fn without_claims_nothing_is_accepted() {
    let params = ParamsKZG::setup(K, OsRng);
    let (polynomial, at) = (coefficients(&Columns::honest().marks), Fr::from(7));
    let point = commit(&params, &polynomial);
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    let _ = [(); 2].map(|()| transcript.squeeze_challenge());
    let quotient = divide(&polynomial, at);
    transcript.write_point(commit(&params, &quotient)).unwrap();
    let u = *transcript.squeeze_challenge_scalar::<()>();
    let last = divide(&combine(&polynomial, at - u, &quotient), u);
    transcript.write_point(commit(&params, &last)).unwrap();
    let proof = transcript.finalize();
    let query = VerifierQuery::new_commitment(&point, at, evaluate(&polynomial, at));

    let strategy = SingleStrategy::new(&params);
    let plain = VerificationStrategy::<_, VerifierSHPLONK<'_, _>>::process(strategy, |equation| {
        let (verifier, mut reader) = (VerifierSHPLONK::new(&params), StrictRead::new(&proof));
        let opened =
            verifier.verify_proof::<Challenge255<_>, _, _>(&mut reader, vec![query.clone()], equation);
        opened.map_err(|_| plonk::Error::Opening)
    });
    assert!(plain.is_ok());
    let strategy = <Linked<'_> as VerificationStrategy<_, LinkedShplonk<'_>>>::new(&params);
    let linked = strategy.process(|accumulator| {
        let (verifier, mut reader) = (LinkedShplonk::new(&params), StrictRead::new(&proof));
        let opened = verifier.verify_proof::<Challenge255<_>, _, _>(&mut reader, vec![query], accumulator);
        opened.map_err(|_| plonk::Error::Opening)
    });
    assert!(linked.is_err());
}
