//! Dishonest keys, made with the honest code and an editor for bytes.

use crate::report::Figure;
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;
use zkml::advanced::{ArtifactKind, CircuitOptions, seal};
use zkml::{
    Circuit, CompileOptions, CompiledModel, Digest, Error, FloatTensor, Model, ParamVisibility, Progress,
    Proof, ProveOptions, ProvingKey, Srs, TranscriptKind, Verifier, VerifyingKey, Visibility,
};
use zkml_core::graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port};
use zkml_core::ops::{MatMul, Param, Rescale, Shift};
use zkml_network::{Binding, ProverFiles, ProviderKeys, ProvingEngine, PublishedModel, SignedManifest};

/// A model, and the key of another circuit of the same shape that says it is the model's.
pub struct Dishonest {
    /// The honest manifest, but for the key.
    pub manifest: SignedManifest,
    /// The provider's keys.
    pub keys: ProviderKeys,
    /// The dishonest key.
    pub key: VerifyingKey,
    /// The honest circuit.
    pub circuit: Circuit,
    /// The SRS of both.
    pub srs: Srs,
    honest: CompiledModel,
    other: CompiledModel,
    proving_key: ProvingKey,
}

impl Dishonest {
    /// The model gets one layer more, which moves each logit on by one, and shows the logits before and after it. The other
    /// circuit calls them by each other's name.
    pub fn new(model: &Model, calibration: &[Vec<FloatTensor>]) -> Result<Self> {
        let none = Progress::none();
        // The integer graph and its parameters, which the circuit file of fixed weights holds.
        let options = CompileOptions::default().params(ParamVisibility::Fixed);
        let fixed = model.compile(calibration, &options, &none)?;
        let fixed = fixed.circuit(TranscriptKind::Blake2b)?;
        let mut params = fixed.params().context("fixed parameters have values")?.clone();
        let mut graph = fixed.graph().clone();
        let before = graph.outputs[0].node;
        let after = add_layer(&mut graph, &mut params)?;
        let options = CircuitOptions {
            inputs: Visibility::Hashed,
            params: ParamVisibility::Fixed,
            context: Binding::VALUES as u16,
            ..CircuitOptions::default()
        };
        graph.outputs.push(Port {
            name: "before".to_owned(),
            ..graph.outputs[0].clone()
        });
        let of = |outputs: [NodeId; 2]| {
            let mut graph = graph.clone();
            for (port, node) in graph.outputs.iter_mut().zip(outputs) {
                port.node = node;
            }
            CompiledModel::from_graph(graph, params.clone(), options)
        };
        let (honest, other) = (of([after, before])?, of([before, after])?);
        let srs = Srs::development(honest.k(), &none)?;
        let (own, own_key) = honest.setup(&srs, &none)?;
        let (proving_key, key) = other.setup(&srs, &none)?;
        let key = relabelled(&key, honest.digest())?;
        ensure!(
            shape_of(&key)? == shape_of(&own_key)?,
            "expected two circuits of one shape, found two"
        );
        let keys = ProviderKeys::generate()?;
        let circuit = honest.circuit(key.transcript())?;
        let files = ProverFiles {
            model: honest.clone(),
            key: own,
            srs: srs.clone(),
            secret: None,
            device: zkml::Device::default(),
        };
        let prover = ProvingEngine::publish("lenet5", files, true, &keys, &none)?;
        let mut body = prover.published().manifest().body().clone();
        body.key_digest = *key.digest();
        let manifest = SignedManifest::sign(body, &keys)?;
        Ok(Self {
            manifest,
            keys,
            key,
            circuit,
            srs,
            honest,
            other,
            proving_key,
        })
    }

    /// Makes a proof with the dishonest key: it verifies, it says that it is of the honest model, and its output is not
    /// what that model gives.
    pub fn proves_a_false_output(&self, input: &[FloatTensor]) -> Result<Figure> {
        let proof = self.proof(input)?;
        let claim = Verifier::new(self.key.clone())?.verify(&proof)?;
        let truth = self.honest.run(input)?.outputs;
        let differs = claim.tensors[0].integers != truth[0].integers;
        let holds = differs && claim.claimed_model == *self.honest.digest();
        let text = format!(
            "first logits {:?} for {:?}",
            &claim.tensors[0].integers[..3],
            &truth[0].integers[..3]
        );
        Ok(Figure::new(holds, text))
    }

    fn proof(&self, input: &[FloatTensor]) -> Result<Proof> {
        let options = ProveOptions::default().context(vec![zkml::Element::from(0u128); Binding::VALUES]);
        let prover = zkml::Prover::builder(self.other.clone(), self.proving_key.clone(), self.srs.clone());
        let proven = prover.build()?.prove_with(input, &options)?;
        let mut payload = payload(&proven.proof.to_bytes())?;
        payload[..32].copy_from_slice(self.honest.digest().as_bytes());
        payload[32..64].copy_from_slice(self.key.digest().as_bytes());
        Ok(Proof::from_bytes(&seal(ArtifactKind::Proof, &payload))?)
    }

    /// The check of the library.
    pub fn check(&self) -> Result<(), Error> {
        self.circuit.check_key(&self.key, &self.srs, &Progress::none())
    }

    /// What a dishonest provider serves.
    pub fn published(&self) -> Result<PublishedModel> {
        Ok(PublishedModel::new(self.manifest.clone(), self.key.clone())?)
    }

    /// Writes what others get: manifest, key, circuit, SRS, and a proof.
    pub fn save(&self, folder: &Path, input: &[FloatTensor]) -> Result<()> {
        self.manifest.save(&folder.join("bad.manifest.json"))?;
        self.key.save(&folder.join("bad.vk"))?;
        self.circuit.save(&folder.join("bad.circuit"))?;
        self.srs.save(&folder.join("bad.srs"))?;
        self.proof(input)?.save(&folder.join("bad.zkproof"))?;
        Ok(())
    }
}

/// Adds a layer behind the output: logit `i` of the result is logit `i + 1` of the output, and the last one is the first.
fn add_layer(graph: &mut Graph, params: &mut Params) -> Result<NodeId> {
    let last = graph.node(graph.outputs[0].node).clone();
    let (Op::Rescale(Rescale { shift, .. }), [_, classes]) = (&last.op, &last.shape[..]) else {
        bail!("expected a dense layer at the end, found {}", last.op.name());
    };
    let (Shift::Uniform(shift), classes) = (shift, *classes) else {
        bail!("expected one shift for all logits, found several");
    };
    let mut values = vec![0; classes * classes];
    for to in 0..classes {
        values[(to + 1) % classes * classes + to] = 1i64 << shift;
    }
    params.tensors.push(values);
    graph.params.push(ParamSpec {
        name: String::new(),
        shape: vec![classes, classes],
        limbs: 2,
    });
    let id = |nodes: &Vec<Node>| NodeId(nodes.len() as u32);
    let scale = *shift as i32;
    let (output, weights) = (graph.outputs[0].node, id(&graph.nodes));
    let param = ParamId(graph.params.len() as u32 - 1);
    graph.nodes.push(Node {
        op: Op::Param(Param { param }),
        inputs: vec![],
        shape: vec![classes, classes],
        scale,
        ..last.clone()
    });
    let product = id(&graph.nodes);
    graph.nodes.push(Node {
        op: Op::MatMul(MatMul),
        inputs: vec![output, weights],
        scale: last.scale + scale,
        ..last.clone()
    });
    let result = id(&graph.nodes);
    graph.nodes.push(Node {
        inputs: vec![product],
        ..last
    });
    Ok(result)
}

fn payload(bytes: &[u8]) -> Result<Vec<u8>> {
    const HEAD: usize = 16;
    const CHECKSUM: usize = 32;
    ensure!(
        bytes.len() > HEAD + CHECKSUM,
        "expected a container, found {} bytes",
        bytes.len()
    );
    Ok(bytes[HEAD..bytes.len() - CHECKSUM].to_vec())
}

/// The key with another model's digest.
fn relabelled(key: &VerifyingKey, model: &Digest) -> Result<VerifyingKey> {
    let mut payload = payload(&key.to_bytes()?)?;
    payload[..32].copy_from_slice(model.as_bytes());
    Ok(VerifyingKey::from_bytes(&seal(
        ArtifactKind::VerifyingKey,
        &payload,
    ))?)
}

/// What a key's file has before its commitments.
fn shape_of(key: &VerifyingKey) -> Result<Vec<u8>> {
    let mut payload = payload(&key.to_bytes()?)?;
    payload.truncate(commitments(key, payload.len()));
    Ok(payload)
}

/// Where the commitments to the fixed columns start in a payload of this length: a number, points, a number, points.
fn commitments(key: &VerifyingKey, len: usize) -> usize {
    let halo2 = key.halo2();
    let points = halo2.fixed_commitments().len() + halo2.permutation().commitments().len();
    len - 2 * 4 - 64 * points
}

/// The key with one fixed column, each in turn, that is 1 on its first row and 0 on all others: where it switches
/// constraints on, they are gone.
pub fn with_each_column_emptied(key: &VerifyingKey, srs: &Srs) -> Result<Vec<VerifyingKey>> {
    let payload = payload(&key.to_bytes()?)?;
    let first = commitments(key, payload.len()) + 4;
    // In the raw form, the Lagrange bases follow the powers and their number.
    let raw = srs.to_raw_bytes()?;
    let row = &raw[4 + (64 << srs.k())..][..64];
    (0..key.halo2().fixed_commitments().len())
        .map(|column| {
            let mut payload = payload.clone();
            payload[first + 64 * column..][..64].copy_from_slice(row);
            Ok(VerifyingKey::from_bytes(&seal(
                ArtifactKind::VerifyingKey,
                &payload,
            ))?)
        })
        .filter(|made| !matches!(made, Ok(other) if other.digest() == key.digest()))
        .collect()
}
