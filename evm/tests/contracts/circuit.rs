//! A small circuit that has all that contracts support: two phases, rotations, copies in several parts,
//! instance columns with gaps.

use ff::Field;
use halo2_proofs::circuit::{Cell, Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Any, Challenge, Circuit, Column, ConstraintSystem, Error, Expression, FirstPhase, Fixed,
    SecondPhase, VerifyingKey, create_proof, keygen_pk2, verify_proof,
};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::poly::{Rotation, VerificationStrategy};
use halo2_proofs::transcript::TranscriptWriterBuffer;
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_evm::{CircuitKey, EvmChallenge, EvmRead, EvmWrite, OutputTensor, PublicLayout, Verifier};

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
}

/// Number of public inputs that no constraint reads.
const CONTEXT: usize = 4;

/// `c = a + r b`, `d = c c(next)` on some rows; `a` and `b` of others are public; copies between all.
#[derive(Clone, Debug)]
pub struct Sample {
    values: Vec<[i64; 2]>,
}

impl Circuit<Fr> for Sample {
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
}

/// Public inputs of the sample in the circuit's positions: pairs, and one more in the first column.
const VALUES: [[i64; 2]; 4] = [[3, -4], [0, 5], [i64::MAX, -i64::MAX], [-7, 0]];

impl Proven {
    /// A proof with a context that is as good as any.
    pub fn new() -> Self {
        Self::with_context([Fr::ZERO, -Fr::ONE, Fr::from(77), Fr::ONE])
    }

    /// A proof that is bound to these numbers.
    pub fn with_context(context: [Fr; CONTEXT]) -> Self {
        let rng = ChaCha20Rng::seed_from_u64(9);
        let params = ParamsKZG::<Bn256>::setup(K, rng.clone());
        let circuit = Sample {
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
        };
        let columns = proven.columns(&proven.public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmWrite::init(vec![]);
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &proven.params,
            &pk,
            &[circuit],
            &[&columns],
            rng,
            &mut transcript,
        )
        .unwrap();
        proven.proof = transcript.finalize();
        proven
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

    /// halo2's verdict.
    pub fn rust_accepts(&self, proof: &[u8], public: &[Fr]) -> bool {
        public.len() == self.order.len() + CONTEXT
            && self
                .rust_verifies(SingleStrategy::new(&self.params), proof, public)
                .is_some()
    }

    /// What halo2's verifier hands to a strategy, if the proof can be read to its end.
    pub fn rust_verifies<'p, S>(&'p self, strategy: S, proof: &[u8], public: &[Fr]) -> Option<S::Output>
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
        transcript.finish().ok()?;
        Some(output)
    }

    /// The key for contracts.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&CircuitKey {
            halo2: &self.key,
            k: K,
            s_g2: self.params.s_g2(),
            development_srs: true,
            public: PublicLayout {
                values: self.order.len(),
                integers: self.order.len(),
                context: CONTEXT,
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
            model_id: [0x11; 32],
            key_id: [0x22; 32],
        })
        .unwrap()
    }
}
