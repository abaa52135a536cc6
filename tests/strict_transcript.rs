//! The strict transcript reader on real proofs of a toy circuit: one encoding of each proof.

use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_proofs::plonk::{
    Advice, Circuit, Column, ConstraintSystem, Error, Fixed, Instance, VerifyingKey, create_proof,
    keygen_pk2, verify_proof,
};
use halo2_proofs::poly::Rotation;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, Transcript, TranscriptRead, TranscriptReadBuffer,
    TranscriptWriterBuffer,
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use std::io;
use zkml::advanced::StrictRead;

const K: u32 = 4;

/// The public value is the square of the private one.
#[derive(Clone)]
struct Square(Value<Fr>);

#[derive(Clone)]
struct Config {
    root: Column<Advice>,
    square: Column<Advice>,
    on: Column<Fixed>,
    public: Column<Instance>,
}

impl Circuit<Fr> for Square {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self(Value::unknown())
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            root: meta.advice_column(),
            square: meta.advice_column(),
            on: meta.fixed_column(),
            public: meta.instance_column(),
        };
        meta.enable_equality(config.square);
        meta.enable_equality(config.public);
        meta.create_gate("square", |meta| {
            let root = meta.query_advice(config.root, Rotation::cur());
            let square = meta.query_advice(config.square, Rotation::cur());
            let on = meta.query_fixed(config.on, Rotation::cur());
            vec![on * (root.clone() * root - square)]
        });
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let cell = layouter.assign_region(
            || "square",
            |mut region| {
                region.assign_fixed(config.on, 0, Fr::one());
                region.assign_advice(config.root, 0, self.0);
                Ok(region
                    .assign_advice(config.square, 0, self.0.map(|x| x * x))
                    .cell())
            },
        )?;
        layouter.constrain_instance(cell, config.public, 0);
        Ok(())
    }
}

struct Toy {
    params: ParamsKZG<Bn256>,
    vk: VerifyingKey<G1Affine>,
    proof: Vec<u8>,
}

fn toy() -> Toy {
    let params = ParamsKZG::setup(K, OsRng);
    let circuit = Square(Value::known(Fr::from(3)));
    let pk = keygen_pk2(&params, &circuit, false).unwrap();
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(Vec::new());
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        &params,
        &pk,
        &[circuit],
        &[&[&[Fr::from(9)]]],
        OsRng,
        &mut transcript,
    )
    .unwrap();
    Toy {
        params,
        vk: pk.get_vk().clone(),
        proof: transcript.finalize(),
    }
}

impl Toy {
    fn read<T: TranscriptRead<G1Affine, Challenge255<G1Affine>>>(&self, transcript: &mut T) -> bool {
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, SingleStrategy<'_, Bn256>>(
            &self.params,
            &self.vk,
            SingleStrategy::new(&self.params),
            &[&[&[Fr::from(9)]]],
            transcript,
        )
        .is_ok()
    }

    fn strict(&self, proof: &[u8]) -> bool {
        let mut transcript = StrictRead::new(proof);
        self.read(&mut transcript) && transcript.finish().is_ok()
    }

    fn upstream(&self, proof: &[u8]) -> bool {
        self.read(&mut Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof))
    }
}

/// Notes which of a proof's 32-byte words are points.
struct Recorder<'a> {
    inner: StrictRead<'a>,
    is_point: Vec<bool>,
}

impl Transcript<G1Affine, Challenge255<G1Affine>> for Recorder<'_> {
    fn squeeze_challenge(&mut self) -> Challenge255<G1Affine> {
        self.inner.squeeze_challenge()
    }
    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.inner.common_point(point)
    }
    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.inner.common_scalar(scalar)
    }
}

impl TranscriptRead<G1Affine, Challenge255<G1Affine>> for Recorder<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.is_point.push(true);
        self.inner.read_point()
    }
    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.is_point.push(false);
        self.inner.read_scalar()
    }
}

#[test]
fn every_bit_of_every_point_counts() {
    let toy = toy();
    let mut recorder = Recorder {
        inner: StrictRead::new(&toy.proof),
        is_point: Vec::new(),
    };
    assert!(toy.read(&mut recorder));
    assert_eq!(recorder.is_point.len() * 32, toy.proof.len());
    let points: Vec<usize> = (0..recorder.is_point.len())
        .filter(|i| recorder.is_point[*i])
        .collect();
    assert!(
        points.len() >= 6,
        "advice, permutation, vanishing argument, opening: {points:?}"
    );
    let mut ignored_by_upstream = 0;
    for word in points {
        for bit in 0..256 {
            let mut changed = toy.proof.clone();
            changed[word * 32 + bit / 8] ^= 1 << (bit % 8);
            assert!(!toy.strict(&changed), "word {word}, bit {bit}");
            if bit == 255 && toy.upstream(&changed) {
                ignored_by_upstream += 1;
            }
        }
    }
    // Why the strict reader exists.
    assert!(ignored_by_upstream > 0);
}

#[test]
fn a_proof_ends_where_it_ends() {
    let toy = toy();
    assert!(toy.strict(&toy.proof));
    assert!(!toy.strict(&[&toy.proof[..], &[0]].concat()));
    for len in 0..toy.proof.len() {
        assert!(!toy.strict(&toy.proof[..len]), "length {len}");
    }
}
