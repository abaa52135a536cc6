//! Proofs of the sample circuit, and who makes and verifies them.

use crate::circuit::{COLUMNS, K, LINKED_COLUMNS, MARKS, STRIDE, Sample, linked_values, marked_row, signed};
use crate::link::{Columns, Commitment, commit, interpolate};
use crate::prover::{LinkWriter, Plan};
use crate::reader::{Expected, LinkReader, LinkVerifier};
use ff::Field;
use halo2_proofs::plonk::{Circuit, ProvingKey, create_proof, keygen_pk2, verify_proof};
use halo2_proofs::poly::VerificationStrategy;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{TranscriptWrite, TranscriptWriterBuffer};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_evm::{ContractKey, EvmChallenge, EvmRead, EvmWrite, OutputTensor, PublicLayout, Verifier};
use zkml_verifier::{BatchVerifier, CircuitKey, Equation, ModelLink};

/// Keys of the sample circuit, a proof and its public inputs.
pub struct Proven {
    pub params: ParamsKZG<Bn256>,
    pk: ProvingKey<G1Affine>,
    pub order: Vec<u32>,
    pub proof: Vec<u8>,
    pub public: Vec<Fr>,
    /// What the proof is linked to.
    pub commitment: Option<Commitment>,
}

/// Digest of the key, as its owner says.
pub const KEY_ID: [u8; 32] = [0x22; 32];

/// Where all randomness comes from.
const SEED: u64 = 9;

pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(SEED)
}

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
        Self::prove::<true>(VALUES, context)
    }

    /// A proof that is bound to these numbers.
    pub fn with_context(context: &[Fr]) -> Self {
        Self::with_values(VALUES, context)
    }

    /// A proof of these values: the public inputs are they, the last one first, and the context.
    pub fn with_values(values: [[i64; 2]; 4], context: &[Fr]) -> Self {
        Self::prove::<false>(values, context)
    }

    fn prove<const LINKED: bool>(values: [[i64; 2]; 4], context: &[Fr]) -> Self {
        let params = ParamsKZG::<Bn256>::setup(K, rng());
        let circuit = Sample::<LINKED> {
            values: values.to_vec(),
        };
        let pk = keygen_pk2(&params, &circuit, false).unwrap();
        // Position `i` holds public input `order[i]`: the last comes first.
        let order: Vec<u32> = (0..8).rev().collect();
        let positions: Vec<Fr> = values.iter().flatten().map(|x| signed(*x)).collect();
        let mut public = vec![Fr::ZERO; positions.len()];
        for (position, value) in positions.iter().enumerate() {
            public[order[position] as usize] = *value;
        }
        public.extend(context);
        let mut proven = Proven {
            params,
            pk,
            order,
            proof: vec![],
            public,
            commitment: None,
        };
        if LINKED {
            let commitment = proven.commitment_to(|_| ());
            proven.proof = proven.link_to(&commitment, Plan::default()).0;
            proven.commitment = Some(commitment);
        } else {
            let mut transcript = EvmWrite::init(vec![]);
            proven.write(&circuit, &mut transcript);
            proven.proof = transcript.finalize();
        }
        proven
    }

    /// halo2's proof.
    fn write<T>(&self, circuit: &impl Circuit<Fr>, transcript: &mut T)
    where
        T: TranscriptWrite<G1Affine, EvmChallenge>,
    {
        let columns = self.columns(&self.public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
            &self.params,
            &self.pk,
            std::slice::from_ref(circuit),
            &[&columns],
            rng(),
            transcript,
        )
        .unwrap();
    }

    /// A proof of the same that is linked to a commitment in this way, and the `gamma` of its link.
    pub fn link_to(&self, commitment: &Commitment, plan: Plan) -> (Vec<u8>, Fr) {
        let columns = Columns {
            proven: self.linked_columns().map(interpolate).to_vec(),
            marks: self.pk.fixed_polys()[MARKS].to_vec(),
        };
        let mut writer = LinkWriter::new(&self.params, &columns, commitment, plan, self.before_x());
        let circuit = Sample::<true> {
            values: VALUES.to_vec(),
        };
        self.write(&circuit, &mut writer);
        writer.finish()
    }

    /// The linked columns of the proof. Provers draw the blinding rows of the first phase first, column by column.
    fn linked_columns(&self) -> [Vec<Fr>; 2] {
        let mut columns = linked_values(&VALUES);
        let first = (1 << K) - self.blinding_rows();
        let mut rng = rng();
        let drawn = std::iter::repeat_with(|| Fr::random(&mut rng));
        let mut cells = drawn.skip(LINKED_COLUMNS.start * self.blinding_rows());
        for column in &mut columns {
            column[first..].fill_with(|| cells.next().unwrap());
        }
        columns
    }

    fn blinding_rows(&self) -> usize {
        self.pk.get_vk().cs().blinding_factors() + 1
    }

    /// Number of challenges before `x`.
    fn before_x(&self) -> usize {
        self.pk.get_vk().cs().num_challenges() + 4
    }

    /// A commitment to the parameters of the proof after a change to them, a column for each of its own.
    pub fn commitment_to(&self, change: impl FnOnce(&mut [Vec<Fr>; 2])) -> Commitment {
        let mut rng = ChaCha20Rng::seed_from_u64(SEED + 1);
        let marked: Vec<usize> = (0..VALUES.len()).map(marked_row).collect();
        let mut columns = linked_values(&VALUES);
        for column in &mut columns {
            let cells = column.iter_mut().enumerate();
            let others = cells.filter(|(row, _)| !marked.contains(row));
            others.for_each(|(_, cell)| *cell = Fr::ZERO);
            let first = column.len() - self.blinding_rows();
            column[first..].fill_with(|| Fr::random(&mut rng));
        }
        change(&mut columns);
        let published = columns.map(interpolate).to_vec();
        let points = published.iter().map(|p| commit(&self.params, p)).collect();
        Commitment {
            link: ModelLink {
                tag: Fr::from(0x6b6e_696c),
                manifest: [0x5a; 32],
                published: points,
                columns: LINKED_COLUMNS,
                marks: MARKS,
            },
            published,
        }
    }

    /// The instance columns.
    pub fn columns(&self, public: &[Fr]) -> Vec<Vec<Fr>> {
        let rows = self.order.len() / COLUMNS;
        let mut columns = vec![vec![Fr::ZERO; STRIDE * (rows - 1) + 1]; COLUMNS];
        for (position, &i) in self.order.iter().enumerate() {
            columns[position % COLUMNS][position / COLUMNS * STRIDE] = public[i as usize];
        }
        columns.push(public[self.order.len()..].to_vec());
        columns
    }

    /// halo2's verdict on a proof that is linked as this one is.
    pub fn rust_accepts(&self, proof: &[u8], public: &[Fr]) -> bool {
        let link = self.commitment.as_ref().map(|c| &c.link);
        self.rust_accepts_with(link, proof, public)
    }

    /// halo2's verdict on a proof that is to have this link. That of [`BatchVerifier`] is the same.
    pub fn rust_accepts_with(&self, link: Option<&ModelLink>, proof: &[u8], public: &[Fr]) -> bool {
        if public.len() != self.public.len() {
            return false;
        }
        let strategy = SingleStrategy::new(&self.params);
        let accepted = self.rust_verifies(strategy, link, proof, public).is_some();
        if let Ok(batch) = BatchVerifier::new(&self.circuit_key(link.cloned())) {
            let equation = self.equation(&batch, proof, public);
            let held = equation.is_some_and(|equation| batch.hold(&[(Fr::ONE, equation)]));
            assert_eq!(held, accepted);
        }
        accepted
    }

    /// What a proof claims, if it can be read to its end.
    pub fn equation(&self, batch: &BatchVerifier, proof: &[u8], public: &[Fr]) -> Option<Equation> {
        let columns = self.columns(public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let mut transcript = EvmRead::new(proof);
        let equation = batch.read(&columns, &mut transcript);
        transcript.finish().and(equation).ok()
    }

    /// What halo2's verifier hands to a strategy, if the proof can be read to its end.
    pub fn rust_verifies<'p, S>(
        &'p self,
        strategy: S,
        link: Option<&ModelLink>,
        proof: &[u8],
        public: &[Fr],
    ) -> Option<S::Output>
    where
        S: VerificationStrategy<'p, KZGCommitmentScheme<Bn256>, LinkVerifier<'p>>,
    {
        let columns = self.columns(public);
        let columns: Vec<&[Fr]> = columns.iter().map(Vec::as_slice).collect();
        let key = self.pk.get_vk();
        let expected = link.map(|link| Expected {
            link,
            marks: key.fixed_commitments()[MARKS],
            before_x: self.before_x(),
            rows: 1 << K,
            pieces: key.cs().degree() - 1,
        });
        let mut transcript = LinkReader::new(proof, expected);
        let output = verify_proof::<_, LinkVerifier<'_>, EvmChallenge, _, S>(
            &self.params,
            key,
            strategy,
            &[&columns],
            &mut transcript,
        )
        .ok()?;
        transcript.finish().then_some(output)
    }

    /// The key for contracts.
    pub fn verifier(&self) -> Verifier {
        self.verifier_with(self.commitment.as_ref().map(|c| c.link.clone()))
            .unwrap()
    }

    /// The key for contracts, with this link.
    pub fn verifier_with(&self, link: Option<ModelLink>) -> Result<Verifier, zkml_evm::Error> {
        Verifier::new(&self.contract_key(link))
    }

    /// The key, with this link.
    pub fn circuit_key(&self, link: Option<ModelLink>) -> CircuitKey<'_> {
        CircuitKey {
            halo2: self.pk.get_vk(),
            k: K,
            s_g2: self.params.s_g2(),
            instance_columns: COLUMNS,
            context: self.public.len() > self.order.len(),
            link,
        }
    }

    /// The key with what contracts say of it.
    fn contract_key(&self, link: Option<ModelLink>) -> ContractKey<'_> {
        ContractKey {
            circuit: self.circuit_key(link),
            srs: "0123 (of a test)".to_owned(),
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
            key_id: KEY_ID,
        }
    }
}
