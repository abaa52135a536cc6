//! The link between the columns of a proof that hold parameters and a model commitment.
//!
//! Let `C_i` be the commitments to these columns in the proof, `M_i` the published ones, `S` the polynomial
//! that is 1 on the rows of parameters and 0 on all others, whose commitment is part of the verifying
//! key, and `n` the number of rows. The link follows the proof in the same transcript:
//!
//! 1. absorb a tag, the digest of the manifest in two halves, the number of columns, the `M_i`;
//! 2. squeeze `gamma`; read `[q]`, for `q = S D / (X^n - 1)` with `D = sum_i gamma^i (C_i - M_i)`;
//! 3. squeeze `z`; read `v = S(z)`;
//! 4. squeeze `rho`; read `W`;
//! 5. check `e(W, [s - z]) = e(v [D] - (z^n - 1) [q] + rho ([S] - v), 1)`.
//!
//! `docs/soundness.md` has the argument. Nothing of the columns is evaluated.

use crate::Digest;
use ff::Field;
use group::{Curve, Group};
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::poly::commitment::Params;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, multi_miller_loop};
use halo2curves::pairing::MillerLoopResult;
use std::io;

/// These bytes as a number, the first the least significant, keep the link apart from the proof.
const TAG: &[u8] = b"zkml committed parameters 1";

/// The tag as a field element.
pub(crate) fn tag() -> Fr {
    let push = |sum: Fr, byte: &u8| sum * Fr::from(256) + Fr::from(u64::from(*byte));
    TAG.iter().rev().fold(Fr::ZERO, push)
}

/// What a link is about besides the proof's columns.
pub(crate) struct Statement<'a> {
    /// Digest of the manifest.
    pub(crate) manifest: &'a Digest,
    /// The `M_i`.
    pub(crate) published: &'a [G1Affine],
}

impl Statement<'_> {
    pub(super) fn absorb<E: EncodedChallenge<G1Affine>>(
        &self,
        transcript: &mut impl Transcript<G1Affine, E>,
    ) -> io::Result<()> {
        transcript.common_scalar(tag())?;
        for half in self.manifest.halves() {
            transcript.common_scalar(half.value())?;
        }
        transcript.common_scalar(Fr::from(self.published.len() as u64))?;
        let mut points = self.published.iter();
        points.try_for_each(|m| transcript.common_point(*m))
    }

    /// Reads a link. `marked` is the commitment to `S`; there are as many `proven` as published columns.
    ///
    /// # Errors
    /// If the transcript ends or has points or scalars that are none.
    pub(crate) fn read<E: EncodedChallenge<G1Affine>>(
        &self,
        params: &ParamsKZG<Bn256>,
        marked: &G1Affine,
        transcript: &mut impl TranscriptRead<G1Affine, E>,
        proven: &[G1Affine],
    ) -> io::Result<Equation> {
        self.absorb(transcript)?;
        let gamma = *transcript.squeeze_challenge_scalar::<()>();
        let q = transcript.read_point()?;
        let z = *transcript.squeeze_challenge_scalar::<()>();
        let v = transcript.read_scalar()?;
        let rho = *transcript.squeeze_challenge_scalar::<()>();
        let w = transcript.read_point()?;

        let differences: Vec<G1> = proven.iter().zip(self.published).map(|(c, m)| *c - *m).collect();
        let mut points = vec![G1Affine::default(); differences.len()];
        G1::batch_normalize(&differences, &mut points);
        let mut scalars: Vec<Fr> = powers(gamma).map(|x| x * v).take(points.len()).collect();
        let vanishing = z.pow_vartime([params.n()]) - Fr::ONE;
        // v [D] - (z^n - 1) [q] + rho ([S] - v) + z W.
        points.extend([q, *marked, G1Affine::generator(), w]);
        scalars.extend([-vanishing, rho, -rho * v, z]);
        Ok(Equation { w, points, scalars })
    }
}

/// What is left of a link: `e(W, [s]) = e(sum_j scalars_j points_j, 1)` is to hold.
pub(crate) struct Equation {
    w: G1Affine,
    points: Vec<G1Affine>,
    scalars: Vec<Fr>,
}

/// Links that are checked together: their equations with weights, added up.
#[derive(Default)]
pub(crate) struct Batch {
    ws: Vec<G1Affine>,
    weights: Vec<Fr>,
    points: Vec<G1Affine>,
    scalars: Vec<Fr>,
}

impl Batch {
    /// Adds a link, if there is one. The weight is random, unless it is the only one.
    pub(crate) fn extend(&mut self, link: Option<Equation>, weight: impl FnOnce() -> Fr) {
        let Some(link) = link else { return };
        let weight = weight();
        self.ws.push(link.w);
        self.weights.push(weight);
        self.points.extend(link.points);
        self.scalars.extend(link.scalars.iter().map(|x| *x * weight));
    }

    /// Whether the sum holds.
    pub(crate) fn holds(&self, params: &ParamsKZG<Bn256>) -> bool {
        if self.ws.is_empty() {
            return true;
        }
        let left = best_multiexp(&self.weights, &self.ws).to_affine();
        let right = best_multiexp(&self.scalars, &self.points).to_affine();
        let (g2, s_g2) = (params.g2(), params.s_g2());
        let product = multi_miller_loop(&[(&left, &s_g2.into()), (&-right, &g2.into())]);
        bool::from(product.final_exponentiation().is_identity())
    }
}

/// `1, gamma, gamma^2, ...`.
pub(crate) fn powers(gamma: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::ONE), move |x| Some(x * gamma))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::StrictRead;
    use halo2_proofs::poly::commitment::{Blind, ParamsProver};
    use halo2_proofs::poly::{Coeff, EvaluationDomain, Polynomial};
    use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWrite, TranscriptWriterBuffer};
    use rand_core::OsRng;

    const K: u32 = 4;
    const N: usize = 1 << K;
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

    /// Follows the protocol with any columns: where a division leaves a remainder, it is dropped. With
    /// `claim_value`, `q` is 1 and `v` is what meets `v D(z) = (z^n - 1) q(z)`.
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
        statement.absorb(&mut transcript).unwrap();
        let gamma = *transcript.squeeze_challenge_scalar::<()>();
        let mut difference = vec![Fr::ZERO; N];
        for ((p, m), power) in columns.proven.iter().zip(&columns.published).zip(powers(gamma)) {
            let cells = p.iter().zip(m);
            difference
                .iter_mut()
                .zip(cells)
                .for_each(|(d, (p, m))| *d += (p - m) * power);
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
        let z = *transcript.squeeze_challenge_scalar::<()>();
        let vanishing = z.pow_vartime([N as u64]) - Fr::ONE;
        let v = match claim_value {
            true => vanishing * evaluate(&d, z).invert().unwrap_or(Fr::ZERO),
            false => evaluate(&s, z),
        };
        transcript.write_scalar(v).unwrap();
        let rho = *transcript.squeeze_challenge_scalar::<()>();
        let sum: Vec<Fr> = (0..N).map(|i| v * d[i] - vanishing * q[i] + rho * s[i]).collect();
        let mut w = vec![Fr::ZERO; N];
        let mut carry = Fr::ZERO;
        for (w, c) in w.iter_mut().zip(&sum).rev() {
            *w = carry;
            carry = carry * z + c;
        }
        transcript.write_point(commit(params, &w)).unwrap();
        transcript.finalize()
    }

    fn read(params: &ParamsKZG<Bn256>, columns: &Columns, marks: &[Fr], claim_value: bool) -> Equation {
        let of = |values: &[Fr]| commit(params, &coefficients(values));
        let published: Vec<G1Affine> = columns.published.iter().map(|c| of(c)).collect();
        let statement = Statement {
            manifest: &Digest::of(b"manifest", &[]),
            published: &published,
        };
        let proof = prove(params, columns, &statement, claim_value);
        let mut transcript = StrictRead::new(&proof);
        let mut point = || TranscriptRead::<_, Challenge255<_>>::read_point(&mut transcript).unwrap();
        let proven: Vec<G1Affine> = columns.proven.iter().map(|_| point()).collect();
        let link = statement.read::<Challenge255<G1Affine>>(params, &of(marks), &mut transcript, &proven);
        transcript.finish().unwrap();
        link.unwrap()
    }

    fn accepts(params: &ParamsKZG<Bn256>, columns: &Columns, marks: &[Fr], claim_value: bool) -> bool {
        holds(params, [read(params, columns, marks, claim_value)])
    }

    /// Whether equations hold with the weights 1, 2, 3, ...
    fn holds<const COUNT: usize>(params: &ParamsKZG<Bn256>, links: [Equation; COUNT]) -> bool {
        let mut batch = Batch::default();
        for (link, weight) in links.into_iter().zip(1u64..) {
            batch.extend(Some(link), || Fr::from(weight));
        }
        batch.holds(params)
    }

    #[test]
    fn links_hold_together_if_each_does() {
        let params = ParamsKZG::setup(K, OsRng);
        let honest = Columns::honest();
        let mut cheat = honest.clone();
        cheat.proven[0][3] += Fr::ONE;
        let link = |columns: &Columns| read(&params, columns, &columns.marks, false);
        assert!(Batch::default().holds(&params));
        assert!(holds(&params, [link(&honest), link(&honest), link(&honest)]));
        assert!(!holds(&params, [link(&honest), link(&cheat), link(&honest)]));
        assert!(!holds(&params, [link(&cheat), link(&cheat)]));
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
}
