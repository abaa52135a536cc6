//! Small keys of all kinds, with proofs: the transcripts, links, folds, hashed tensors and contexts that there are.
//!
//! SRS and secrets are fixed, so that the keys and commitments are the same for every call. Proofs are not: a
//! prover's randomness is the operating system's.

use super::Valid;
use crate::model::{Setup, graph};
use halo2_proofs::SerdeFormat;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::Bn256;
use ndarray::ArrayD;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use zkml::advanced::graph::{Graph, Node, NodeId, Op};
use zkml::advanced::{ArtifactKind, CircuitOptions, seal};
use zkml::commitments::{ModelSecret, PinnedModel};
use zkml::{
    CompiledModel, Digest, Element, Error, Optimize, ParamVisibility, ProveOptions, Srs, TranscriptKind,
    Visibility,
};
use zkml_core::ops::Transpose;

/// A kind of key.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    transcript: TranscriptKind,
    options: CircuitOptions,
    /// Rows of the input.
    rows: usize,
    /// Whether proofs are linked under a manifest, where they are linked.
    manifest: bool,
    /// Whether the parameters are read by columns: the circuit then has them in another order than the tensor.
    transposed: bool,
}

const PRIVATE: CircuitOptions = CircuitOptions {
    inputs: Visibility::Private,
    outputs: Visibility::Public,
    params: ParamVisibility::Private,
    optimize: Optimize::Prover,
    context: 0,
};
const COMMITTED: CircuitOptions = CircuitOptions {
    params: ParamVisibility::Committed,
    ..PRIVATE
};

/// All samples.
pub const SAMPLES: [Sample; 8] = [
    Sample {
        name: "blake2b",
        about: "A private input and private parameters, with the transcript blake2b",
        transcript: TranscriptKind::Blake2b,
        options: PRIVATE,
        rows: 1,
        manifest: false,
        transposed: false,
    },
    Sample {
        name: "evm",
        about: "A public input of two rows and fixed parameters, with the transcript evm",
        transcript: TranscriptKind::Evm,
        options: CircuitOptions {
            inputs: Visibility::Public,
            params: ParamVisibility::Fixed,
            ..PRIVATE
        },
        rows: 2,
        manifest: false,
        transposed: false,
    },
    Sample {
        name: "public",
        about: "Everything is public, parameters in another order too, with the transcript blake2b",
        transcript: TranscriptKind::Blake2b,
        options: CircuitOptions {
            inputs: Visibility::Public,
            params: ParamVisibility::Public,
            ..PRIVATE
        },
        rows: 3,
        manifest: false,
        transposed: true,
    },
    Sample {
        name: "linked",
        about: "Committed parameters, linked without a manifest, with the transcript blake2b",
        transcript: TranscriptKind::Blake2b,
        options: COMMITTED,
        rows: 1,
        manifest: false,
        transposed: false,
    },
    Sample {
        name: "linked-evm",
        about: "Committed parameters, linked under a manifest, with the transcript evm",
        transcript: TranscriptKind::Evm,
        options: COMMITTED,
        rows: 1,
        manifest: true,
        transposed: false,
    },
    Sample {
        name: "hashed-context",
        about: "A hashed input and a context of three values, with the transcript blake2b",
        transcript: TranscriptKind::Blake2b,
        options: CircuitOptions {
            inputs: Visibility::Hashed,
            context: 3,
            ..PRIVATE
        },
        rows: 1,
        manifest: false,
        transposed: false,
    },
    Sample {
        name: "folded-evm",
        about: "Several columns of the design in one, a public input, so that instance columns have gaps, with the transcript evm",
        transcript: TranscriptKind::Evm,
        options: CircuitOptions {
            inputs: Visibility::Public,
            optimize: Optimize::Evm,
            ..PRIVATE
        },
        rows: 1,
        manifest: false,
        transposed: false,
    },
    Sample {
        name: "folded-linked-context-evm",
        about: "Several columns of the design in one, committed parameters, a hashed output and a context, with the transcript evm",
        transcript: TranscriptKind::Evm,
        options: CircuitOptions {
            outputs: Visibility::Hashed,
            optimize: Optimize::Evm,
            context: 8,
            ..COMMITTED
        },
        rows: 1,
        manifest: true,
        transposed: false,
    },
];

impl Sample {
    /// The key, and two proofs of different runs.
    ///
    /// # Errors
    /// Those of keys and provers; none is expected.
    pub fn prove(&self) -> Result<Valid, Error> {
        let model = self.model()?;
        let srs = srs(model.k())?;
        let setup = Setup::make(model, srs, self.transcript);
        let secret = ModelSecret::from_bytes(&seal(ArtifactKind::ModelSecret, &[7; 32]))?;
        let committed = self.options.params == ParamVisibility::Committed;
        let pinned = committed.then(|| {
            let commitment = setup.commit(&secret);
            match self.manifest {
                true => PinnedModel::with_manifest(commitment, Digest::from([0xd1; 32])),
                false => PinnedModel::new(commitment),
            }
        });
        let mut builder = setup.builder(&setup.model);
        if let Some(pinned) = &pinned {
            builder = builder.commitment(pinned.clone(), secret);
        }
        let prover = builder.build()?;
        let prove = |run: u64| {
            let values = (0..2 * self.rows)
                .map(|i| 1.5 - (i as f32 + run as f32) / 4.0)
                .collect();
            let input = ArrayD::from_shape_vec(vec![self.rows, 2], values);
            let input = input.map_err(|error| Error::Malformed {
                what: "input".to_owned(),
                reason: error.to_string(),
            })?;
            let context = (0..self.options.context).map(|i| Element::from(u64::from(i) + 100 * run));
            let options = ProveOptions::default().context(context.collect());
            Ok::<_, Error>(prover.prove_with(&[input], &options)?.proof)
        };
        Ok(Valid {
            proof: prove(1)?,
            other: prove(2)?,
            key: setup.verifying_key.clone(),
            pinned,
        })
    }

    fn model(&self) -> Result<CompiledModel, Error> {
        let (mut graph, params) = graph();
        for node in &mut graph.nodes {
            if node.shape[0] == 1 {
                node.shape[0] = self.rows;
            }
        }
        if self.transposed {
            transpose_params(&mut graph);
        }
        CompiledModel::from_graph(graph, params, self.options)
    }
}

/// The model with its parameters as a tensor of three rows, which is transposed before it is multiplied with.
fn transpose_params(graph: &mut Graph) {
    let (rows, columns) = (vec![3, 2], vec![2, 3]);
    graph.params[0].shape.clone_from(&rows);
    let (param, product) = (NodeId(1), 2);
    graph.nodes[param.index()].shape = rows;
    graph.nodes.insert(
        product,
        Node {
            name: "transposed".to_owned(),
            op: Op::Transpose(Transpose { perm: vec![1, 0] }),
            inputs: vec![param],
            shape: columns,
            scale: graph.nodes[param.index()].scale,
        },
    );
    // The product reads the new node in the place of the parameters, and everything behind it has moved by one.
    graph.nodes[product + 1].inputs[1] = NodeId(product as u32);
    for node in &mut graph.nodes[product + 2..] {
        node.inputs.iter_mut().for_each(|input| input.0 += 1);
    }
    graph.outputs.iter_mut().for_each(|port| port.node.0 += 1);
}

/// An SRS whose secret is the same for every call and every size. It has more powers than the rows take, as hiding the quotient asks for.
fn srs(k: u32) -> Result<Srs, Error> {
    let params = ParamsKZG::<Bn256>::setup(k + 1, ChaCha20Rng::seed_from_u64(11));
    let mut bytes = vec![];
    let written = params.write_custom(&mut bytes, SerdeFormat::RawBytes);
    written.map_err(|error| Error::Malformed {
        what: "SRS".to_owned(),
        reason: error.to_string(),
    })?;
    Srs::from_bytes(&seal(ArtifactKind::Srs, &bytes))
}
