//! A small circuit that has all that contracts support: two phases, rotations, copies in several parts,
//! instance columns with gaps.

use crate::link::{Commitment, Opened};
use ff::Field;
use group::Group;
use halo2_proofs::circuit::{Cell, Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Any, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed,
    SecondPhase, VerifyingKey, create_proof, keygen_pk2, verify_proof,
};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::poly::{Rotation, VerificationStrategy};
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWriterBuffer};
use halo2curves::bn256::{Bn256, Fr, G1Affine, multi_miller_loop};
use halo2curves::pairing::MillerLoopResult;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_evm::{
    CircuitKey, EvmChallenge, EvmRead, EvmWrite, ModelLink, OutputTensor, PublicLayout, Verifier,
};

pub const K: u32 = 6;
/// Instance columns of the circuit.
pub const COLUMNS: usize = 2;
/// Rows from one public value to the next.
pub const STRIDE: usize = 3;

#[derive(Clone, Debug)]
pub struct Config {
    first: [Column<Advice>; 3],
    second: [Column<Advice>; 2],
    challenge: Challenge,
    combine: Column<Fixed>,
    public: Column<Fixed>,
    marks: Option<Column<Fixed>>,
}

/// `c = a + r b`, `d = c c(next)` on some rows; `a` and `b` of others are public; copies between all. With a link, a
/// fixed column that no gate reads marks rows.
#[derive(Clone, Debug)]
pub struct Sample<const LINKED: bool> {
    values: Vec<[i64; 2]>,
}

/// Columns that are linked to the model commitment.
const LINKED_COLUMNS: std::ops::Range<usize> = 1..3;

impl<const LINKED: bool> Circuit<Fr> for Sample<LINKED> {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        meta.set_minimum_degree(4);
        let first = [(); 3].map(|()| meta.advice_column_in(FirstPhase));
        let challenge = meta.challenge_usable_after(FirstPhase);
        let second = [(); 2].map(|()| meta.advice_column_in(SecondPhase));
        let [combine, public] = [(); 2].map(|()| meta.fixed_column());
        let marks = LINKED.then(|| meta.fixed_column());
        let instances = [(); COLUMNS].map(|()| meta.instance_column());
        for column in first.iter().chain(&second) {
            meta.enable_equality(*column);
        }
        let _context = meta.instance_column();
        meta.create_gate("combine", |meta| {
            let q = meta.query_fixed(combine, Rotation::cur());
            let r = meta.query_challenge(challenge);
            let [a, b, _] = first.map(|c| meta.query_advice(c, Rotation::cur()));
            let before = meta.query_advice(first[2], Rotation::prev());
            let [c, d] = second.map(|c| meta.query_advice(c, Rotation::cur()));
            let next = meta.query_advice(second[0], Rotation::next());
            // Expressions of all kinds: a sum of products, a scaled one, one with a constant.
            vec![
                q.clone() * c.clone() - q.clone() * (a.clone() + r * b),
                q.clone() * ((d - c * next) * Fr::from(3)),
                q * (Expression::Constant(Fr::from(5)) * (before - a)),
            ]
        });
        meta.create_gate("public", |meta| {
            let q = meta.query_fixed(public, Rotation::cur());
            let [a, b, _] = first.map(|c| meta.query_advice(c, Rotation::cur()));
            let [x, y] = instances.map(|c| meta.query_instance(c, Rotation::cur()));
            vec![q.clone() * (a - x), q * (b - y)]
        });
        Config {
            first,
            second,
            challenge,
            combine,
            public,
            marks,
        }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "all",
            |mut region| {
                let mut challenge = None;
                region
                    .get_challenge(config.challenge)
                    .map(|r| challenge = Some(r));
                let cell = |[a, b]: [i64; 2], r: Fr| signed(a) + r * signed(b);
                for (i, &[a, b]) in self.values.iter().enumerate() {
                    let row = STRIDE * i + 1;
                    match challenge {
                        None => {
                            if let Some(marks) = config.marks {
                                region.assign_fixed(marks, row, Fr::ONE);
                            }
                            region.assign_fixed(config.combine, row, Fr::ONE);
                            region.assign_fixed(config.public, row - 1, Fr::ONE);
                            // The public row above holds the same values.
                            for (column, value) in [(0, a), (1, b)] {
                                for row in [row - 1, row] {
                                    let value = Value::known(signed(value));
                                    region.assign_advice(config.first[column], row, value);
                                }
                                let cells = [row - 1, row].map(|row_offset| Cell {
                                    row_offset,
                                    column: Column::<Any>::from(config.first[column]),
                                });
                                region.constrain_equal(cells[0], cells[1]);
                            }
                            region.assign_advice(config.first[2], row - 1, Value::known(signed(a)));
                        }
                        Some(r) => {
                            let c = cell([a, b], r);
                            let next = Fr::from(i as u64 + 2);
                            region.assign_advice(config.second[0], row, Value::known(c));
                            region.assign_advice(config.second[0], row + 1, Value::known(next));
                            region.assign_advice(config.second[1], row, Value::known(c * next));
                        }
                    }
                }
                Ok(())
            },
        )
    }
}

fn signed(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}

/// Keys of the sample circuit, a proof and its public inputs.
pub struct Proven {
    pub params: ParamsKZG<Bn256>,
    key: VerifyingKey<G1Affine>,
    pub order: Vec<u32>,
    pub proof: Vec<u8>,
    pub public: Vec<Fr>,
    /// What the proof is linked to.
    pub commitment: Option<Commitment>,
}

/// Where all randomness comes from.
const SEED: u64 = 9;

/// Public inputs that no constraint reads: any are as good.
const CONTEXT: [Fr; 4] = [
    Fr::ZERO,
    Fr::from_raw([77, 0, 0, 1]),
    Fr::from_raw([77, 0, 0, 0]),
    Fr::ONE,
];

/// Public inputs of the sample in the circuit's positions: pairs, and one more in the first column.
const VALUES: [[i64; 2]; 4] = [[3, -4], [0, 5], [i64::MAX, -i64::MAX], [-7, 0]];

impl Proven {
    /// A proof with a context that is as good as any.
    pub fn new() -> Self {
        Self::with_context(&CONTEXT)
    }

    /// A proof that is linked to a model commitment.
    pub fn linked() -> Self {
        Self::linked_with(&CONTEXT)
    }

    /// The same with this context.
    pub fn linked_with(context: &[Fr]) -> Self {
        Self::prove::<true>(context)
    }

    /// A proof that is bound to these numbers.
    pub fn with_context(context: &[Fr]) -> Self {
        Self::prove::<false>(context)
    }

    fn prove<const LINKED: bool>(context: &[Fr]) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(SEED);
        let params = ParamsKZG::<Bn256>::setup(K, rng.clone());
        let circuit = Sample::<LINKED> {
            values: VALUES.to_vec(),
        };
        let pk = keygen_pk2(&params, &circuit, false).unwrap();
        // Position `i` holds public input `order[i]`: the last comes first.
        let order: Vec<u32> = (0..8).rev().collect();
        let positions: Vec<Fr> = VALUES.iter().flatten().map(|x| signed(*x)).collect();
        let mut public = vec![Fr::ZERO; positions.len()];
        for (position, value) in positions.iter().enumerate() {
            public[order[position] as usize] = *value;
        }
        public.extend(context);
        let mut proven = Proven {
            params,
            key: pk.get_vk().clone(),
            order,
            proof: vec![],
            public,
            commitment: None,
        };
        let columns = proven.columns(&proven.public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmWrite::init(vec![]);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &proven.params,
            &pk,
            &[circuit],
            &[&columns],
            rng.clone(),
            &mut transcript,
        )
        .unwrap();
        if LINKED {
            // The setup drew the secret; what follows is the commitment's.
            let s = Fr::random(&mut rng);
            let commitment = proven.any_commitment(&mut rng);
            let proof = transcript.clone().finalize();
            commitment.prove(s, &mut transcript, &proof);
            proven.commitment = Some(commitment);
        }
        proven.proof = transcript.finalize();
        proven
    }

    /// The secret of the SRS: the first number that its setup drew.
    pub fn secret() -> Fr {
        Fr::random(ChaCha20Rng::seed_from_u64(SEED))
    }

    /// A commitment to something, for this key.
    pub fn any_commitment(&self, rng: &mut ChaCha20Rng) -> Commitment {
        let link = Commitment::random(LINKED_COLUMNS, rng);
        Commitment {
            marks: self.key.fixed_commitments()[link.marks],
            marked: (0..VALUES.len()).map(|i| (STRIDE * i + 1) as u64).collect(),
            link,
            k: K,
        }
    }

    /// The instance columns.
    fn columns(&self, public: &[Fr]) -> Vec<Vec<Fr>> {
        let rows = self.order.len() / COLUMNS;
        let mut columns = vec![vec![Fr::ZERO; STRIDE * (rows - 1) + 1]; COLUMNS];
        for (position, &i) in self.order.iter().enumerate() {
            columns[position % COLUMNS][position / COLUMNS * STRIDE] = public[i as usize];
        }
        columns.push(public[self.order.len()..].to_vec());
        columns
    }

    /// halo2's verdict, and that of the link's own equation.
    pub fn rust_accepts(&self, proof: &[u8], public: &[Fr]) -> bool {
        let strategy = SingleStrategy::new(&self.params);
        public.len() == self.public.len()
            && self
                .rust_verifies(strategy, proof, public)
                .is_some_and(|(_, link)| link.is_none_or(|link| self.holds(&link)))
    }

    fn holds(&self, link: &Opened) -> bool {
        let (g2, s_g2) = (self.params.g2(), self.params.s_g2());
        let product = multi_miller_loop(&[(&link.w, &s_g2.into()), (&-link.sum, &g2.into())]);
        bool::from(product.final_exponentiation().is_identity())
    }

    /// What halo2's verifier hands to a strategy, and what is left of the link, if the proof can be read to its end.
    pub fn rust_verifies<'p, S>(
        &'p self,
        strategy: S,
        proof: &[u8],
        public: &[Fr],
    ) -> Option<(S::Output, Option<Opened>)>
    where
        S: VerificationStrategy<'p, KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'p, Bn256>>,
    {
        let columns = self.columns(public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmRead::new(proof);
        let output = verify_proof::<_, VerifierSHPLONK<'_, Bn256>, EvmChallenge, _, S>(
            &self.params,
            &self.key,
            strategy,
            &[&columns],
            &mut transcript,
        )
        .ok()?;
        let link = match &self.commitment {
            Some(commitment) => Some(commitment.read(&mut transcript, proof)?),
            None => None,
        };
        transcript.finish().ok()?;
        Some((output, link))
    }

    /// The last challenge of a proof without its link, and the transcript before the point that follows it.
    pub fn before_last_opening<'b>(&self, proof: &'b [u8]) -> (Fr, EvmRead<'b>) {
        let columns = self.columns(&self.public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let mut watch = Watch {
            before: EvmRead::new(proof),
            now: EvmRead::new(proof),
            challenge: Fr::ZERO,
        };
        verify_proof::<_, VerifierSHPLONK<'_, Bn256>, EvmChallenge, _, _>(
            &self.params,
            &self.key,
            SingleStrategy::new(&self.params),
            &[&columns],
            &mut watch,
        )
        .unwrap();
        (watch.challenge, watch.before)
    }

    /// The key for contracts.
    pub fn verifier(&self) -> Verifier {
        self.verifier_with(self.commitment.as_ref().map(|c| c.link.clone()))
            .unwrap()
    }

    /// The key for contracts, with this link.
    pub fn verifier_with(&self, link: Option<ModelLink>) -> Result<Verifier, zkml_evm::Error> {
        Verifier::new(&CircuitKey {
            halo2: &self.key,
            k: K,
            s_g2: self.params.s_g2(),
            development_srs: true,
            public: PublicLayout {
                values: self.order.len(),
                integers: self.order.len(),
                context: self.public.len() - self.order.len(),
                columns: COLUMNS,
                stride: STRIDE,
                order: Some(self.order.clone()),
                outputs: vec![
                    OutputTensor {
                        first: 1,
                        len: 2,
                        scale: 2,
                    },
                    OutputTensor {
                        first: 6,
                        len: 2,
                        scale: -1,
                    },
                ],
            },
            link,
            model_id: [0x11; 32],
            key_id: [0x22; 32],
        })
    }
}

/// A reader that remembers the last challenge, and the transcript before the last point.
struct Watch<'a> {
    before: EvmRead<'a>,
    now: EvmRead<'a>,
    challenge: Fr,
}

impl Transcript<G1Affine, EvmChallenge> for Watch<'_> {
    fn squeeze_challenge(&mut self) -> EvmChallenge {
        let challenge = self.now.squeeze_challenge();
        self.challenge = challenge.get_scalar();
        challenge
    }

    fn common_point(&mut self, point: G1Affine) -> std::io::Result<()> {
        self.now.common_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> std::io::Result<()> {
        self.now.common_scalar(scalar)
    }
}

impl TranscriptRead<G1Affine, EvmChallenge> for Watch<'_> {
    fn read_point(&mut self) -> std::io::Result<G1Affine> {
        self.before = self.now.clone();
        self.now.read_point()
    }

    fn read_scalar(&mut self) -> std::io::Result<Fr> {
        self.now.read_scalar()
    }
}
