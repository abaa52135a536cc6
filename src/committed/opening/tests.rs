//! Links with columns of one's own, in proofs of one gate.

use super::super::link::{powers, tag};
use super::super::reader::LinkedRead;
use super::*;
use crate::Digest;
use crate::transcript::StrictRead;
use ff::Field;
use group::{Curve, Group};
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::poly::commitment::{Blind, MSM, ParamsProver};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::poly::{Coeff, EvaluationDomain, Polynomial};
use halo2_proofs::transcript::{
    Blake2bWrite, Challenge255, Transcript, TranscriptWrite, TranscriptWriterBuffer,
};
use halo2curves::bn256::{Fr, G1};
use halo2curves::pairing::Engine;
use rand_core::OsRng;
use zkml_verifier::ModelLink;

type Writer = Blake2bWrite<Vec<u8>, G1Affine, Challenge255<G1Affine>>;
type Reader<'t, 'p> = LinkedRead<'t, Challenge255<G1Affine>, StrictRead<'p>>;

const K: u32 = 4;
const N: usize = 1 << K;
/// Challenges of halo2 before the quotient.
const PROOF_SYSTEM: usize = 4;
/// Rows of parameters.
const MARKED: [usize; 3] = [2, 3, 7];
/// Bytes of a point and of a scalar.
const WORD: usize = 32;
/// The place of `v` in a proof: behind six columns and two pieces.
const VALUE: usize = 8 * WORD;

/// Columns by rows: a proof's, the published ones, the marks, and three that are not linked, `a`, `c` and `b`, for the gate
/// `a^2 c = b`.
#[derive(Clone)]
struct Columns {
    proven: Vec<Vec<Fr>>,
    published: Vec<Vec<Fr>>,
    marks: Vec<Fr>,
    gate: [Vec<Fr>; 3],
}

impl Columns {
    /// Three columns that are equal on marked rows, and on no other, and a gate that holds.
    fn honest() -> Self {
        let random = || -> Vec<Fr> { (0..N).map(|_| Fr::random(OsRng)).collect() };
        let proven: Vec<_> = (0..3).map(|_| random()).collect();
        let mut published: Vec<_> = (0..3).map(|_| random()).collect();
        for (to, from) in published.iter_mut().zip(&proven) {
            MARKED.iter().for_each(|&row| to[row] = from[row]);
        }
        let mut marks = vec![Fr::ZERO; N];
        MARKED.iter().for_each(|&row| marks[row] = Fr::ONE);
        let [a, c] = [random(), random()];
        let b = a.iter().zip(&c).map(|(a, c)| a.square() * c).collect();
        Self {
            proven,
            published,
            marks,
            gate: [a, c, b],
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

fn multiply(a: &[Fr], b: &[Fr]) -> Vec<Fr> {
    let mut product = vec![Fr::ZERO; a.len() + b.len()];
    for (i, a) in a.iter().enumerate() {
        b.iter().enumerate().for_each(|(j, b)| product[i + j] += *a * b);
    }
    product
}

/// The quotient of a division by `X^n - 1`, in two pieces; a remainder is dropped.
fn divide_by_vanishing(polynomial: &[Fr]) -> [Vec<Fr>; 2] {
    let mut rest = polynomial.to_vec();
    let mut quotient = vec![Fr::ZERO; 2 * N];
    for i in (N..rest.len()).rev() {
        let coefficient = rest[i];
        rest[i - N] += coefficient;
        if let Some(to) = quotient.get_mut(i - N) {
            *to = coefficient;
        }
    }
    let second = quotient.split_off(N);
    [quotient, second]
}

/// Where a prover leaves the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cheat {
    /// Nowhere.
    None,
    /// Nothing is added to the quotient, `v` is what its claim asks for, and `S` is not opened.
    FreeValue,
    /// Nothing is added to the quotient, and nothing is taken out of it.
    NoDifference,
    /// The quotient is drawn up after `x`: the constant that its claim asks for.
    LateQuotient,
    /// `v` is drawn up after SHPLONK's challenges: what makes all openings hold together.
    LateValue,
    /// The columns are published once `gamma` is known: differences of two of them cancel out for it.
    LatePublished,
    /// The first difference has no power of `gamma`: what the gate is off by takes it up.
    SharedPower,
}

/// Follows the protocol with any columns but for a cheat: where a division leaves a remainder, it is dropped.
fn prove(params: &ParamsKZG<Bn256>, columns: &mut Columns, cheat: Cheat) -> Vec<u8> {
    let mut transcript = Writer::init(vec![]);
    for column in columns.proven.iter().chain(&columns.gate) {
        let point = commit(params, &coefficients(column));
        transcript.write_point(point).unwrap();
    }
    (0..PROOF_SYSTEM).for_each(|_| _ = transcript.squeeze_challenge());
    let published = points(params, &columns.published);
    let link = link(published);
    match cheat {
        Cheat::LatePublished => link
            .head()
            .iter()
            .for_each(|scalar| transcript.common_scalar(*scalar).unwrap()),
        _ => link.absorb(&mut transcript).unwrap(),
    }
    let gamma = *transcript.squeeze_challenge_scalar::<()>();
    if cheat == Cheat::LatePublished {
        columns.published[0][MARKED[0]] += gamma;
        columns.published[1][MARKED[0]] -= Fr::ONE;
    }
    let first = if cheat == Cheat::SharedPower {
        Fr::ONE
    } else {
        gamma
    };
    let mut difference = vec![Fr::ZERO; N];
    for ((p, m), power) in columns.proven.iter().zip(&columns.published).zip(powers(gamma)) {
        difference = combine(&combine(&difference, first * power, p), -first * power, m);
    }
    let (d, s) = (coefficients(&difference), coefficients(&columns.marks));
    let [a, c, b] = columns.gate.each_ref().map(|column| coefficients(column));
    let mut numerator = multiply(&multiply(&a, &a), &c);
    numerator.iter_mut().zip(&b).for_each(|(to, b)| *to -= b);
    if !matches!(cheat, Cheat::FreeValue | Cheat::NoDifference) {
        let link = multiply(&s, &d);
        numerator.iter_mut().zip(&link).for_each(|(to, link)| *to += link);
    }
    let mut pieces = divide_by_vanishing(&numerator);
    let write_pieces = |transcript: &mut Writer, pieces: &[Vec<Fr>]| {
        let points = pieces.iter().map(|piece| commit(params, piece));
        points.for_each(|point| transcript.write_point(point).unwrap());
    };
    if cheat != Cheat::LateQuotient {
        write_pieces(&mut transcript, &pieces);
    }
    let x = *transcript.squeeze_challenge_scalar::<()>();
    let xn = x.pow_vartime([N as u64]);
    let inverse = |x: Fr| x.invert().unwrap_or(Fr::ZERO);
    let [s_x, d_x, a_x, c_x, b_x] = [&s, &d, &a, &c, &b].map(|polynomial| evaluate(polynomial, x));
    let expected = (a_x.square() * c_x - b_x) * inverse(xn - Fr::ONE);
    let link = d_x * inverse(xn - Fr::ONE);
    if cheat == Cheat::LateQuotient {
        pieces = [vec![Fr::ZERO; N], vec![Fr::ONE; N]];
        pieces[0][0] = expected + s_x * link - xn * evaluate(&pieces[1], x);
        write_pieces(&mut transcript, &pieces);
    }
    let quotient = combine(&pieces[0], xn, &pieces[1]);
    let mut value = match cheat {
        Cheat::FreeValue => (evaluate(&quotient, x) - expected) * inverse(link),
        _ => s_x,
    };
    if cheat != Cheat::LateValue {
        transcript.write_scalar(value).unwrap();
    }
    for evaluation in [a_x, c_x, b_x] {
        transcript.write_scalar(evaluation).unwrap();
    }
    let y = *transcript.squeeze_challenge_scalar::<()>();
    let _ = transcript.squeeze_challenge();
    if cheat == Cheat::LateValue {
        // y^3 (H(x) - v link - expected) + y^4 (S(x) - v) = 0
        value = (evaluate(&quotient, x) - expected + y * s_x) * inverse(link + y);
        transcript.common_scalar(value).unwrap();
    }
    let taken = if cheat == Cheat::NoDifference {
        Fr::ZERO
    } else {
        value
    };
    let quotient = combine(&quotient, -taken * inverse(xn - Fr::ONE), &d);

    // SHPLONK with one set of points.
    let marks = if cheat == Cheat::FreeValue {
        vec![Fr::ZERO; N]
    } else {
        s
    };
    let opened = [a, c, b, quotient, marks];
    let sum = opened
        .iter()
        .zip(powers(y))
        .fold(vec![Fr::ZERO; N], |sum, (p, power)| combine(&sum, power, p));
    let h = divide(&sum, x);
    transcript.write_point(commit(params, &h)).unwrap();
    let u = *transcript.squeeze_challenge_scalar::<()>();
    let last = divide(&combine(&sum, x - u, &h), u);
    transcript.write_point(commit(params, &last)).unwrap();
    let mut proof = transcript.finalize();
    if cheat == Cheat::LateValue {
        proof.splice(VALUE..VALUE, value.to_bytes());
    }
    proof
}

/// A link of the proven columns, which are the first ones, to published ones.
fn link(published: Vec<G1Affine>) -> ModelLink {
    ModelLink {
        tag: tag(),
        manifest: *Digest::of(b"manifest", &[]).as_bytes(),
        columns: 0..published.len(),
        published,
        marks: 0,
    }
}

/// What halo2's verifier does with a proof of the gate: whether it is accepted with a link. `marks` are those of the key.
fn accepts(params: &ParamsKZG<Bn256>, columns: &Columns, marks: &[Fr], cheat: Cheat) -> bool {
    let mut columns = columns.clone();
    let proof = prove(params, &mut columns, cheat);
    let published = points(params, &columns.published);
    let link = link(published);
    let mut inner = StrictRead::new(&proof);
    let cs = ConstraintSystem::default();
    assert_eq!(cs.degree(), 3);
    let mut reader: Reader<'_, '_> = LinkedRead::new(&mut inner, &link, &cs, K);
    for _ in &columns.proven {
        reader.read_point().unwrap();
    }
    let gate = [(); 3].map(|()| reader.read_point().unwrap());
    (0..PROOF_SYSTEM).for_each(|_| _ = reader.squeeze_challenge());
    let pieces = [(); 2].map(|()| reader.read_point().unwrap());
    let x = reader.squeeze_challenge().get_scalar();
    let [a, c, b] = [(); 3].map(|()| reader.read_scalar().unwrap());
    let xn = x.pow_vartime([N as u64]);
    let mut quotient = MSMKZG::new();
    quotient.append_term(Fr::ONE, pieces[0].into());
    quotient.append_term(xn, pieces[1].into());
    let expected = (a.square() * c - b) * (xn - Fr::ONE).invert().unwrap();
    let gate = gate.iter().zip([a, c, b]);
    let mut queries: Vec<_> = gate
        .map(|(point, value)| VerifierQuery::new_commitment(point, x, value))
        .collect();
    queries.push(VerifierQuery::new_msm(&quotient, x, expected));
    let claim = MarksClaim {
        marks: commit(params, &coefficients(marks)),
        opening: reader.opening(),
    };
    let output = Linked::new(SingleStrategy::new(params), claim).process(|accumulator| {
        let verifier = LinkedShplonk::new(params);
        let opened = verifier.verify_proof::<Challenge255<_>, _, _>(&mut reader, queries, accumulator);
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

/// What a verifier says that leaves out the step that a cheat is about. It follows the protocol by itself.
fn accepts_without(params: &ParamsKZG<Bn256>, columns: &Columns, step: Cheat) -> bool {
    let mut columns = columns.clone();
    let mut proof = prove(params, &mut columns, step);
    if step == Cheat::LateValue {
        // Where it was drawn up: behind the other evaluations.
        let value: Vec<u8> = proof.drain(VALUE..VALUE + WORD).collect();
        let openings = proof.len() - 2 * WORD;
        proof.splice(openings..openings, value);
    }
    let published = points(params, &columns.published);
    let link = link(published);
    type Transcript<'p> = StrictRead<'p>;
    let squeeze = |transcript: &mut Transcript<'_>| {
        let challenge: Challenge255<G1Affine> = transcript.squeeze_challenge();
        challenge.get_scalar()
    };
    let point = |transcript: &mut Transcript<'_>| G1::from(transcript.read_point().unwrap());
    let scalar = |transcript: &mut Transcript<'_>| transcript.read_scalar().unwrap();
    let mut reader = StrictRead::new(&proof);
    let transcript = &mut reader;
    let proven = [(); 3].map(|()| point(transcript));
    let gate = [(); 3].map(|()| point(transcript));
    (0..PROOF_SYSTEM).for_each(|_| _ = squeeze(transcript));
    match step {
        Cheat::LatePublished => link
            .head()
            .iter()
            .for_each(|scalar| transcript.common_scalar(*scalar).unwrap()),
        _ => link.absorb(transcript).unwrap(),
    }
    let gamma = squeeze(transcript);
    let pieces = |transcript: &mut Transcript<'_>| [(); 2].map(|()| point(transcript));
    let early = (step != Cheat::LateQuotient).then(|| pieces(transcript));
    let x = squeeze(transcript);
    let pieces = early.unwrap_or_else(|| pieces(transcript));
    let early = (step != Cheat::LateValue).then(|| scalar(transcript));
    let [a, c, b] = [(); 3].map(|()| scalar(transcript));
    let y = squeeze(transcript);
    let _ = squeeze(transcript);
    let value = early.unwrap_or_else(|| scalar(transcript));

    let xn = x.pow_vartime([N as u64]);
    let inverse = (xn - Fr::ONE).invert().unwrap();
    let pairs = proven.iter().zip(&link.published).zip(powers(gamma));
    let mut taken: G1 = pairs
        .map(|((proven, published), power)| (proven - published) * power)
        .sum();
    taken *= value * inverse;
    match step {
        Cheat::SharedPower => (),
        Cheat::NoDifference => taken = G1::identity(),
        _ => taken *= gamma,
    }
    let quotient = pieces[0] + pieces[1] * xn - taken;
    let mut claims: Vec<(G1, Fr)> = gate.into_iter().zip([a, c, b]).collect();
    claims.push((quotient, (a.square() * c - b) * inverse));
    if step != Cheat::FreeValue {
        claims.push((commit(params, &coefficients(&columns.marks)).into(), value));
    }
    let claims = claims.into_iter().zip(powers(y));
    let sum: G1 = claims
        .map(|((point, value), power)| (point - G1::generator() * value) * power)
        .sum();
    let h = point(transcript);
    let u = squeeze(transcript);
    let last = point(transcript);
    reader.finish().unwrap();
    let right = sum + h * (x - u) + last * u;
    let [left, right] = [(last, params.s_g2()), (right, params.g2())]
        .map(|(point, g2)| Bn256::pairing(&point.to_affine(), &g2));
    left == right
}

/// What each of these cheats leaves out is what stops it: `S` is opened, and what a link adds is taken out of the quotient;
/// the quotient, `v` and the published points are absorbed before the challenges that they would be made to fit; no
/// difference shares a power of `gamma` with the gates.
#[test]
fn no_step_can_be_left_out() {
    let params = ParamsKZG::setup(K, OsRng);
    let columns = Columns::honest();
    let mut others = columns.clone();
    others.proven[0][3] += Fr::ONE;
    let mut opposite = others.clone();
    opposite.gate[2][3] += Fr::ONE;
    for (columns, cheat) in [
        (&others, Cheat::FreeValue),
        (&others, Cheat::NoDifference),
        (&others, Cheat::LateQuotient),
        (&others, Cheat::LateValue),
        (&columns, Cheat::LatePublished),
        (&opposite, Cheat::SharedPower),
    ] {
        assert!(!accepts(&params, columns, &columns.marks, cheat), "{cheat:?}");
        assert!(accepts_without(&params, columns, cheat), "{cheat:?}");
    }
    assert!(accepts_without(&params, &columns, Cheat::None));
    assert!(!accepts_without(&params, &others, Cheat::None));
}

/// The gate stays checked beside a link.
#[test]
fn a_link_does_not_excuse_a_gate() {
    let params = ParamsKZG::setup(K, OsRng);
    let honest = Columns::honest();
    for row in [0, MARKED[0]] {
        let mut columns = honest.clone();
        columns.gate[0][row] += Fr::ONE;
        assert!(
            !accepts(&params, &columns, &columns.marks, Cheat::None),
            "row {row}"
        );
    }
}

/// A prover may repeat published points: then nothing is left of their columns in the sum, and no point at infinity.
#[test]
fn a_column_that_is_the_published_one_has_no_difference() {
    let params = ParamsKZG::setup(K, OsRng);
    let mut columns = Columns::honest();
    for column in 0..3 {
        columns.published[column] = columns.proven[column].clone();
        assert!(accepts(&params, &columns, &columns.marks, Cheat::None));
    }
}

/// What comes of a link that cannot be read: the verifier gets no quotient, and the reader says why.
#[test]
fn a_proof_that_ends_in_its_link_is_refused() {
    let params = ParamsKZG::setup(K, OsRng);
    let mut columns = Columns::honest();
    let proof = prove(&params, &mut columns, Cheat::None);
    let published = points(&params, &columns.published);
    // In its pieces, and in its value.
    for words in [6, 7, 8] {
        let mut inner = StrictRead::new(&proof[..words * WORD]);
        let link = link(published.clone());
        let mut reader: Reader<'_, '_> = LinkedRead::new(&mut inner, &link, &ConstraintSystem::default(), K);
        (0..6).for_each(|_| _ = reader.read_point().unwrap());
        (0..PROOF_SYSTEM).for_each(|_| _ = reader.squeeze_challenge());
        assert!(reader.read_point().is_err());
        assert!(reader.opening().borrow().evaluation.is_none());
        assert!(reader.failure().is_some());
    }
}

/// What halo2 makes without a claim opens nothing, however good the openings are.
#[test]
fn without_a_claim_nothing_is_accepted() {
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
