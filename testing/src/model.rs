//! A small model that several tests share.

use ndarray::ArrayD;
use std::sync::Arc;
use zkml::advanced::{ArtifactKind, CircuitOptions, seal};
use zkml::commitments::{ModelCommitment, ModelSecret, PinnedModel};
use zkml::{
    Claim, CompiledModel, Device, Digest, Error, FloatTensor, ParamVisibility, Progress, Proof, ProveOptions,
    Proven, Prover, ProverBuilder, ProvingKey, SetupOptions, Srs, TranscriptKind, Verifier, VerifyingKey,
    Visibility,
};
use zkml_core::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port};
use zkml_core::ops::{Input, MatMul, Param, Rescale, Shift};

/// `relu(x w)` for `x` of two numbers and `y` of three, with class labels.
pub fn graph() -> (Graph, Params) {
    let node = |name: &str, op, inputs: &[u32], shape: &[usize], scale| Node {
        name: name.to_owned(),
        op,
        inputs: inputs.iter().copied().map(NodeId).collect(),
        shape: shape.to_vec(),
        scale,
    };
    let dense = Op::Rescale(Rescale {
        shift: Shift::Uniform(4),
        limbs: 1,
        relu: true,
        saturation: None,
    });
    let graph = Graph {
        lane_bits: 8,
        nodes: vec![
            node("x", Op::Input(Input { limbs: 1 }), &[], &[1, 2], 4),
            node("w", Op::Param(Param { param: ParamId(0) }), &[], &[2, 3], 4),
            node("product", Op::MatMul(MatMul), &[0, 1], &[1, 3], 8),
            node("dense", dense, &[2], &[1, 3], 4),
        ],
        params: vec![ParamSpec {
            name: "w".to_owned(),
            shape: vec![2, 3],
            limbs: 1,
        }],
        inputs: vec![Port {
            name: "x".to_owned(),
            node: NodeId(0),
            labels: Vec::new(),
        }],
        outputs: vec![Port {
            name: "y".to_owned(),
            node: NodeId(3),
            labels: ["ant", "bee", "cat"].map(str::to_owned).to_vec(),
        }],
    };
    (
        graph,
        Params {
            tensors: vec![vec![16, 32, -16, 8, 8, 8]],
        },
    )
}

/// The model with these visibilities of inputs, outputs and parameters.
pub fn model(inputs: Visibility, outputs: Visibility, params: ParamVisibility) -> CompiledModel {
    let (graph, values) = graph();
    let options = CircuitOptions {
        inputs,
        outputs,
        params,
        ..CircuitOptions::default()
    };
    CompiledModel::from_graph(graph, values, options).unwrap()
}

/// The model with a private input, public output and private parameters.
pub fn default_model() -> CompiledModel {
    model(Visibility::Private, Visibility::Public, ParamVisibility::Private)
}

/// An input of the model.
pub fn input(values: [f32; 2]) -> Vec<FloatTensor> {
    vec![ArrayD::from_shape_vec(vec![1, 2], values.to_vec()).unwrap()]
}

/// A handle without a listener.
pub fn none() -> Progress {
    Progress::none()
}

/// A model with its SRS and keys, for any number of provers and verifiers.
pub struct Setup {
    /// The model.
    pub model: Arc<CompiledModel>,
    /// The SRS of the keys.
    pub srs: Arc<Srs>,
    /// Its proving key.
    pub proving_key: Arc<ProvingKey>,
    /// Its verifying key.
    pub verifying_key: Arc<VerifyingKey>,
}

impl Setup {
    /// With an SRS of its own.
    pub fn new(model: CompiledModel) -> Self {
        let srs = Srs::development(model.k(), &none()).unwrap();
        Self::with_srs(model, srs)
    }

    /// With this SRS.
    pub fn with_srs(model: CompiledModel, srs: Srs) -> Self {
        Self::make(model, srs, TranscriptKind::Blake2b)
    }

    /// With a key whose proofs a contract can follow.
    pub fn for_contracts(model: CompiledModel) -> Self {
        let srs = Srs::development(model.k(), &none()).unwrap();
        Self::make(model, srs, TranscriptKind::Evm)
    }

    /// With this SRS, and keys for this transcript.
    pub fn make(model: CompiledModel, srs: Srs, transcript: TranscriptKind) -> Self {
        let options = SetupOptions::default().transcript(transcript).device(Device::Cpu);
        let (proving_key, verifying_key) = model.setup_with(&srs, &options, &none()).unwrap();
        Self {
            model: model.into(),
            srs: srs.into(),
            proving_key: proving_key.into(),
            verifying_key: verifying_key.into(),
        }
    }

    /// A prover of this model, or of another one of its architecture.
    pub fn builder(&self, model: &Arc<CompiledModel>) -> ProverBuilder {
        let builder = Prover::builder(model.clone(), self.proving_key.clone(), self.srs.clone());
        builder.device(Device::Cpu)
    }

    /// A proof of a run, with what is secret about it.
    ///
    /// # Errors
    /// Those of the prover.
    pub fn prove(&self, values: [f32; 2], options: &ProveOptions) -> Result<Proven, Error> {
        self.builder(&self.model)
            .build()?
            .prove_with(&input(values), options)
    }

    /// A proof that is linked to a commitment.
    ///
    /// # Errors
    /// Those of the prover.
    pub fn prove_linked(&self, pinned: &PinnedModel, secret: &ModelSecret) -> Result<Proof, Error> {
        self.prove_as(&self.model, pinned, secret)
    }

    /// A proof of another model of this architecture, linked to a commitment.
    ///
    /// # Errors
    /// Those of the prover.
    pub fn prove_as(
        &self,
        model: &Arc<CompiledModel>,
        pinned: &PinnedModel,
        secret: &ModelSecret,
    ) -> Result<Proof, Error> {
        let builder = self.builder(model).commitment(pinned.clone(), secret.clone());
        builder.build()?.prove(&input([1.5, -0.5]))
    }

    /// A verifier of proofs without a link.
    ///
    /// # Errors
    /// For a key whose parameters are committed.
    pub fn verifier(&self) -> Result<Verifier, Error> {
        Verifier::new(self.verifying_key.clone())
    }

    /// A verifier of proofs that are linked to a commitment.
    ///
    /// # Errors
    /// For a commitment of another key.
    pub fn linked(&self, pinned: &PinnedModel) -> Result<Verifier, Error> {
        let builder = Verifier::builder(self.verifying_key.clone());
        builder.commitment(pinned.clone()).build()
    }

    /// Verifies a proof without a link.
    ///
    /// # Errors
    /// Those of the verifier.
    pub fn verify(&self, proof: &Proof) -> Result<Claim, Error> {
        self.verifier()?.verify(proof)
    }

    /// Verifies a proof that is linked to a commitment.
    ///
    /// # Errors
    /// Those of the verifier.
    pub fn verify_linked(&self, proof: &Proof, pinned: &PinnedModel) -> Result<Claim, Error> {
        self.linked(pinned)?.verify(proof)
    }

    /// Commits to the model's parameters.
    pub fn commit(&self, secret: &ModelSecret) -> ModelCommitment {
        self.proving_key
            .commit_model(&self.model, &self.srs, secret, &none())
            .unwrap()
    }
}

/// `y = relu(z v)` with `z = relu(x w)`, both of them outputs, and what a dishonest provider runs in its place: it calls
/// them by each other's name. Their circuits have the same shape, and so do their keys.
pub fn honest_and_dishonest(options: CircuitOptions) -> [CompiledModel; 2] {
    let (mut graph, mut values) = graph();
    graph.params.push(ParamSpec {
        name: "v".to_owned(),
        shape: vec![3, 3],
        limbs: 1,
    });
    values.tensors.push(vec![16, 8, 0, 0, 16, 8, 8, 0, 16]);
    let (first, second) = (NodeId(3), NodeId(6));
    for (op, inputs) in [
        (Op::Param(Param { param: ParamId(1) }), vec![]),
        (Op::MatMul(MatMul), vec![first, NodeId(4)]),
        (graph.nodes[3].op.clone(), vec![NodeId(5)]),
    ] {
        let (shape, scale) = match op {
            Op::Param(_) => (vec![3, 3], 4),
            Op::MatMul(_) => (vec![1, 3], 8),
            _ => (vec![1, 3], 4),
        };
        graph.nodes.push(Node {
            name: "second".to_owned(),
            op,
            inputs,
            shape,
            scale,
        });
    }
    graph.outputs.push(Port {
        name: "z".to_owned(),
        ..graph.outputs[0].clone()
    });
    [[second, first], [first, second]].map(|nodes| {
        let mut graph = graph.clone();
        for (port, node) in graph.outputs.iter_mut().zip(nodes) {
            port.node = node;
        }
        CompiledModel::from_graph(graph, values.clone(), options).unwrap()
    })
}

/// The payload of a container.
fn payload(bytes: &[u8]) -> &[u8] {
    &bytes[16..bytes.len() - 32]
}

/// A key whose file says that it is of another model: what a dishonest maker writes.
pub fn relabelled_key(key: &VerifyingKey, model: &Digest) -> VerifyingKey {
    let bytes = key.to_bytes().unwrap();
    let mut payload = payload(&bytes).to_vec();
    payload[..32].copy_from_slice(model.as_bytes());
    VerifyingKey::from_bytes(&seal(ArtifactKind::VerifyingKey, &payload)).unwrap()
}

/// A proof that says that it is of another model and key.
pub fn relabelled_proof(proof: &Proof, model: &Digest, key: &Digest) -> Proof {
    let bytes = proof.to_bytes();
    let mut payload = payload(&bytes).to_vec();
    payload[..32].copy_from_slice(model.as_bytes());
    payload[32..64].copy_from_slice(key.as_bytes());
    Proof::from_bytes(&seal(ArtifactKind::Proof, &payload)).unwrap()
}
