//! Many proofs for one key, checked together: the arithmetic of contracts, run here.
//!
//! A proof holds if `e(W, [s]) = e(sum_i c_i P_i, [1])` for its last point `W`. The `P_i` are its own points, those of the model
//! commitment where there is one, those of the key, and the generator; the `c_i` follow from its challenges and
//! evaluations. A sum of such equations with weights is an equation of the same form, in which each point that proofs
//! share stands once. What that proves is in `docs/soundness.md`.

use crate::memory::{Memory, Sizes};
use crate::protocol::{After, Protocol};
use crate::schedule::Program;
use crate::{Arithmetic, CircuitKey, Error};
use ff::{BatchInvert, Field};
use group::Curve;
use group::prime::PrimeCurveAffine;
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptRead};
use halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2Affine};
use halo2curves::pairing::{MillerLoopResult, MultiMillerLoop};
use std::io;

/// Words of memory for a proof at most; circuits that zkml makes need some thousands.
const WORDS: usize = 1 << 20;

/// A verifying key, ready for many proofs. It knows every kind of transcript.
#[derive(Debug)]
pub struct BatchVerifier {
    protocol: Protocol,
    /// What the transcript begins with.
    transcript: Fr,
    s_g2: G2Affine,
    /// Instance columns.
    instance_columns: usize,
    /// Those that constraints read: the first ones.
    columns: usize,
    memory: Memory,
    /// Words of memory before anything is read: the constants, then zeros.
    blank: Vec<Fr>,
    denominators: usize,
    /// `[to, a, b, c]` as indices in memory, for `to = a b + c`.
    programs: [Vec<[usize; 4]>; 2],
    /// Points that all proofs share: of the model commitment, of the key, the generator.
    shared: Vec<G1Affine>,
}

/// What a proof claims, as an equation of a pairing. It is checked by [`BatchVerifier::hold`].
#[derive(Clone, Debug)]
pub struct Equation {
    /// The points of the proof; the last one is `W`.
    points: Vec<G1Affine>,
    /// The `c_i`: of these points, then of the shared ones.
    scalars: Vec<Fr>,
}

impl BatchVerifier {
    /// Derives the arithmetic of a verifying key.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for circuits that zkml does not make, [`Error::TooLarge`] for one with more arithmetic than any of
    /// those.
    pub fn new(key: &CircuitKey<'_>) -> Result<Self, Error> {
        let protocol = Protocol::new(key)?;
        let arithmetic = Arithmetic::new(key, &protocol)?;
        let (programs, constants) = (&arithmetic.programs, &arithmetic.constants);
        let memory = Memory::new(Sizes {
            key: constants.len(),
            constants: 0,
            challenges: protocol.challenges(),
            evaluations: protocol.evaluations,
            sums: key.instance_columns,
            scalars: arithmetic.scalars,
            temporaries: programs.iter().map(|p| p.temporaries).max().unwrap_or(0),
            denominators: arithmetic.denominators,
        });
        if memory.end > WORDS {
            return Err(Error::TooLarge {
                limit: WORDS,
                found: memory.end,
            });
        }
        let mut blank = constants.clone();
        blank.resize(memory.end, Fr::ZERO);
        let indexed = |program: &Program| -> Vec<[usize; 4]> {
            let words = program.instructions.iter().map(|i| [i.to, i.a, i.b, i.c]);
            words.map(|four| four.map(|word| memory.index(word))).collect()
        };
        let published = protocol.link.iter().flat_map(|link| &link.model.published);
        let shared = published.chain(&protocol.key_points).copied();
        Ok(Self {
            transcript: key.halo2.transcript_repr(),
            s_g2: key.s_g2,
            instance_columns: key.halo2.cs().num_instance_columns(),
            columns: key.instance_columns,
            denominators: arithmetic.denominators,
            programs: [0, 1].map(|i| indexed(&programs[i])),
            shared: shared.chain([G1Affine::generator()]).collect(),
            protocol,
            memory,
            blank,
        })
    }

    /// Reads a proof with these instance columns, as halo2's verifier reads it, and says what it claims. That
    /// the transcript ends there is for its owner to check.
    ///
    /// # Errors
    /// Those of the transcript; [`io::ErrorKind::InvalidData`] for another number of columns than the circuit has, and for challenges
    /// that the proof system does not expect, which no one meets by chance.
    pub fn read<E, T>(&self, instances: &[&[Fr]], transcript: &mut T) -> io::Result<Equation>
    where
        E: EncodedChallenge<G1Affine>,
        T: TranscriptRead<G1Affine, E>,
    {
        let p = &self.protocol;
        // A transcript does not tell where a column ends.
        if instances.len() != self.instance_columns {
            return Err(invalid(format!(
                "expected {} instance columns, found {}",
                self.instance_columns,
                instances.len()
            )));
        }
        transcript.common_scalar(self.transcript)?;
        let mut values = instances.iter().copied().flatten();
        values.try_for_each(|value| transcript.common_scalar(*value))?;
        let (mut points, mut evaluations, mut challenges) = (vec![], vec![], vec![]);
        for round in &p.rounds {
            for _ in 0..round.points {
                points.push(transcript.read_point()?);
            }
            for _ in 0..round.evaluations {
                evaluations.push(transcript.read_scalar()?);
            }
            for _ in 0..round.challenges {
                if let Some(link) = p.link.as_ref().filter(|link| link.challenge == challenges.len()) {
                    link.model.absorb(transcript)?;
                }
                challenges.push(*transcript.squeeze_challenge_scalar::<()>());
            }
        }
        points.push(transcript.read_point()?);
        let scalars = self.scalars(instances, &challenges, &evaluations)?;
        Ok(Equation { points, scalars })
    }

    /// Whether all of these equations hold, in all likelihood: they are added up with their weights. A weight is drawn at random for
    /// each proof, after the proof is there, and never shown to a prover. Equations of a key with other points do not hold.
    pub fn hold<'e>(&self, weighted: impl IntoIterator<Item = &'e (Fr, Equation)>) -> bool {
        let own = self.protocol.proof_points();
        let (mut left, mut right) = (Sum::default(), Sum::default());
        let mut shared = vec![Fr::ZERO; self.shared.len()];
        for &(
            weight,
            Equation {
                ref points,
                ref scalars,
            },
        ) in weighted
        {
            if (points.len(), scalars.len()) != (own, own + shared.len()) {
                return false;
            }
            let (own, others) = scalars.split_at(own);
            left.scalars.push(weight);
            left.points.extend(points.last());
            right.scalars.extend(own.iter().map(|scalar| weight * scalar));
            right.points.extend(points);
            for (sum, scalar) in shared.iter_mut().zip(others) {
                *sum += weight * scalar;
            }
        }
        right.scalars.extend(shared);
        right.points.extend(&self.shared);
        let terms = [(left, self.s_g2), (right, -G2Affine::generator())]
            .map(|(sum, g2)| (sum.value(), <Bn256 as MultiMillerLoop>::G2Prepared::from(g2)));
        let terms = [0, 1].map(|i| (&terms[i].0, &terms[i].1));
        let product = Bn256::multi_miller_loop(&terms).final_exponentiation();
        bool::from(group::Group::is_identity(&product))
    }

    /// The inputs of the pairing for a proof alone: `W`, and `sum_i c_i P_i`. None is infinity.
    pub fn pairing(&self, equation: &Equation) -> [Option<G1Affine>; 2] {
        let sum = Sum {
            scalars: equation.scalars.clone(),
            points: equation.points.iter().chain(&self.shared).copied().collect(),
        };
        let finite = |point: G1Affine| (!bool::from(point.is_identity())).then_some(point);
        [
            equation.points.last().copied().and_then(finite),
            finite(sum.value()),
        ]
    }

    /// The scalars of all points.
    fn scalars(&self, instances: &[&[Fr]], challenges: &[Fr], evaluations: &[Fr]) -> io::Result<Vec<Fr>> {
        let m = &self.memory;
        let mut words = self.blank.clone();
        fn put(words: &mut [Fr], at: usize, values: &[Fr]) {
            words[at..][..values.len()].copy_from_slice(values);
        }
        put(&mut words, m.challenges, challenges);
        put(&mut words, m.evaluations, evaluations);
        let x = challenges[self.protocol.after(After::X)];
        put(&mut words, m.sums, &self.instance_sums(instances, x)?);
        self.run(0, &mut words);
        invert(&mut words[m.denominators..][..self.denominators])?;
        self.run(1, &mut words);
        let count = self.protocol.proof_points() + self.shared.len();
        Ok(words[m.scalars..][..count].to_vec())
    }

    fn run(&self, program: usize, words: &mut [Fr]) {
        for &[to, a, b, c] in &self.programs[program] {
            words[to] = words[a] * words[b] + words[c];
        }
    }

    /// `sum_i v_i w^i / (x - w^i)` over the rows of each instance column that constraints read.
    fn instance_sums(&self, instances: &[&[Fr]], x: Fr) -> io::Result<Vec<Fr>> {
        let columns = &instances[..self.columns];
        let rows = columns.iter().map(|column| column.len()).max().unwrap_or(0);
        let powers = std::iter::successors(Some(Fr::ONE), |power| Some(power * self.protocol.omega));
        let powers: Vec<Fr> = powers.take(rows).collect();
        let mut factors: Vec<Fr> = powers.iter().map(|power| x - power).collect();
        invert(&mut factors)?;
        for (factor, power) in factors.iter_mut().zip(&powers) {
            *factor *= power;
        }
        let sum = |column: &&[Fr]| {
            column
                .iter()
                .zip(&factors)
                .map(|(value, factor)| value * factor)
                .sum()
        };
        Ok(columns.iter().map(sum).collect())
    }
}

/// Inverts all of these numbers, if none is 0.
fn invert(numbers: &mut [Fr]) -> io::Result<()> {
    if numbers.contains(&Fr::ZERO) {
        return Err(invalid(
            "expected challenges that are no row of the circuit, found one",
        ));
    }
    numbers.iter_mut().batch_invert();
    Ok(())
}

fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// `sum_i scalar_i point_i`, for points that are not infinity: neither transcripts nor keys have that one.
#[derive(Default)]
struct Sum {
    scalars: Vec<Fr>,
    points: Vec<G1Affine>,
}

impl Sum {
    fn value(&self) -> G1Affine {
        let sum: G1 = best_multiexp(&self.scalars, &self.points);
        sum.to_affine()
    }
}
