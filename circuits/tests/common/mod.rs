//! Builds small graphs and proves them.
#![allow(dead_code)]

pub mod samples;

use halo2_proofs::dev::MockProver;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::{create_proof, keygen_pk, keygen_vk, verify_proof};
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml_circuits::{CircuitOptions, CompiledCircuit, Extras, NetworkCircuit};
use zkml_core::IntTensor;
use zkml_core::execute::{Trace, execute};
use zkml_core::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port};
use zkml_core::ops::{Input, Param};

/// A graph under construction, with its parameters.
#[derive(Clone)]
pub struct Builder {
    pub graph: Graph,
    pub params: Params,
}

impl Builder {
    pub fn new(lane_bits: u32) -> Self {
        let graph = Graph {
            lane_bits,
            nodes: vec![],
            params: vec![],
            inputs: vec![],
            outputs: vec![],
        };
        Builder {
            graph,
            params: Params::default(),
        }
    }

    pub fn node(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = NodeId(self.graph.nodes.len() as u32);
        let name = format!("{}_{}", op.name(), id.0);
        self.graph.nodes.push(Node {
            name,
            op,
            inputs: inputs.to_vec(),
            shape: shape.to_vec(),
            scale: 0,
        });
        id
    }

    pub fn input(&mut self, limbs: u8, shape: &[usize]) -> NodeId {
        let node = self.node(Op::Input(Input { limbs }), &[], shape);
        self.graph.inputs.push(Port {
            name: format!("input_{}", node.0),
            node,
            labels: vec![],
        });
        node
    }

    pub fn param(&mut self, limbs: u8, shape: &[usize], values: Vec<i64>) -> NodeId {
        let param = ParamId(self.graph.params.len() as u32);
        self.graph.params.push(ParamSpec {
            name: format!("param_{}", param.0),
            shape: shape.to_vec(),
            limbs,
        });
        self.params.tensors.push(values);
        self.node(Op::Param(Param { param }), &[], shape)
    }

    pub fn output(&mut self, node: NodeId) {
        self.graph.outputs.push(Port {
            name: format!("output_{}", node.0),
            node,
            labels: vec![],
        });
    }

    pub fn run(&self, inputs: &[Vec<i64>]) -> Trace {
        let inputs: Vec<IntTensor> = self
            .graph
            .inputs
            .iter()
            .zip(inputs)
            .map(|(p, x)| IntTensor::new(self.graph.node(p.node).shape.clone(), x.clone()).unwrap())
            .collect();
        execute(&self.graph, &self.params, &inputs).unwrap()
    }

    pub fn compile(&self, options: &CircuitOptions) -> CompiledCircuit {
        CompiledCircuit::new(&self.graph, Some(&self.params), options).unwrap()
    }

    pub fn circuit(
        &self,
        options: &CircuitOptions,
        inputs: &[Vec<i64>],
    ) -> (CompiledCircuit, NetworkCircuit) {
        let compiled = self.compile(options);
        let circuit = self.fill(&compiled, inputs);
        (compiled, circuit)
    }

    /// The circuit with a witness; salts and context are numbers from 1 and from 101.
    pub fn fill(&self, compiled: &CompiledCircuit, inputs: &[Vec<i64>]) -> NetworkCircuit {
        let salts: Vec<Fr> = (1..)
            .take(compiled.hashed_tensors().len())
            .map(Fr::from)
            .collect();
        let context: Vec<Fr> = (101..)
            .take(compiled.shape().context.into())
            .map(Fr::from)
            .collect();
        let extras = Extras {
            salts: &salts,
            context: &context,
        };
        compiled
            .witness_with(&self.graph, &self.params, &self.run(inputs), &extras)
            .unwrap()
    }
}

/// Deterministic small integers in `[lo, hi]`.
pub fn noise(seed: u64, n: usize, lo: i64, hi: i64) -> Vec<i64> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..n)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            lo + (x % (hi - lo + 1) as u64) as i64
        })
        .collect()
}

/// Whether the mock prover accepts.
pub fn mock(circuit: &NetworkCircuit, k: u32) -> Result<(), String> {
    let prover = MockProver::run(k, circuit, circuit.instances()).map_err(|e| format!("{e:?}"))?;
    prover.verify_par().map_err(|e| {
        e.iter()
            .take(5)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })
}

/// Whether a real proof verifies.
pub fn prove(compiled: &CompiledCircuit, circuit: &NetworkCircuit, instances: &[Vec<Fr>]) -> (bool, usize) {
    let rng = ChaCha20Rng::seed_from_u64(7);
    let params = ParamsKZG::<Bn256>::setup(compiled.k(), rng.clone());
    let vk = keygen_vk(&params, &compiled.blank()).unwrap();
    let pk = keygen_pk(&params, vk, &compiled.blank()).unwrap();
    let columns: Vec<&[Fr]> = instances.iter().map(Vec::as_slice).collect();
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        &params,
        &pk,
        std::slice::from_ref(circuit),
        &[&columns],
        rng,
        &mut transcript,
    )
    .unwrap();
    let proof = transcript.finalize();
    let mut transcript = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(&proof[..]);
    let valid = verify_proof::<
        KZGCommitmentScheme<Bn256>,
        VerifierSHPLONK<'_, Bn256>,
        _,
        _,
        SingleStrategy<'_, Bn256>,
    >(
        &params,
        pk.get_vk(),
        SingleStrategy::new(&params),
        &[&columns],
        &mut transcript,
    )
    .is_ok();
    (valid, proof.len())
}
