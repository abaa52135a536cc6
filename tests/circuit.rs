//! Circuit files: what they hold, that honest keys of all kinds pass, that dishonest ones do not.

use zkml::advanced::{ArtifactKind, CircuitOptions, seal};
use zkml::{
    Circuit, CompiledModel, Error, Optimize, ParamVisibility, Prover, SetupOptions, Srs, TranscriptKind,
    Verifier, VerifyingKey, Visibility,
};
use zkml_core::graph::{Graph, NodeId, Op};
use zkml_core::ops::{Broadcast, ReduceSum};
use zkml_testing::model::{
    default_model, graph, honest_and_dishonest, input, model, none, relabelled_key, relabelled_proof,
};

fn options(params: ParamVisibility) -> CircuitOptions {
    CircuitOptions {
        params,
        ..CircuitOptions::default()
    }
}

const ALL: [ParamVisibility; 5] = [
    ParamVisibility::Private,
    ParamVisibility::Public,
    ParamVisibility::Hashed,
    ParamVisibility::Fixed,
    ParamVisibility::Committed,
];

/// A model with its key, SRS and circuit file, which was written and read.
struct Published {
    model: CompiledModel,
    srs: Srs,
    key: VerifyingKey,
    circuit: Circuit,
}

impl Published {
    fn new(model: CompiledModel) -> Self {
        let srs = Srs::development(model.k(), &none()).unwrap();
        let (_, key) = model.setup(&srs, &none()).unwrap();
        let circuit = model.circuit(key.transcript()).unwrap();
        let circuit = Circuit::from_bytes(&circuit.to_bytes().unwrap()).unwrap();
        Self {
            model,
            srs,
            key,
            circuit,
        }
    }

    fn check(&self, key: &VerifyingKey) -> Result<(), Error> {
        self.circuit.check_key(key, &self.srs, &none())
    }
}

#[test]
fn honest_keys_of_all_kinds_pass() {
    for params in ALL {
        for optimize in [Optimize::Prover, Optimize::Evm] {
            for (inputs, context) in [(Visibility::Private, 0), (Visibility::Hashed, 7)] {
                let (graph, values) = graph();
                let options = CircuitOptions {
                    inputs,
                    optimize,
                    context,
                    ..options(params)
                };
                let published = Published::new(CompiledModel::from_graph(graph, values, options).unwrap());
                published.check(&published.key).unwrap();
                assert_eq!(published.circuit.model_digest(), published.model.digest());
                let larger = Srs::development(published.model.k() + 1, &none()).unwrap();
                let (_, key) = published.model.setup(&larger, &none()).unwrap();
                published.circuit.check_key(&key, &larger, &none()).unwrap();
            }
        }
    }
}

#[test]
fn a_circuit_has_no_hidden_values_and_no_names_of_what_is_inside() {
    for params in ALL {
        let circuit = Published::new(model(Visibility::Private, Visibility::Public, params)).circuit;
        let shown = matches!(params, ParamVisibility::Fixed | ParamVisibility::Public);
        assert_eq!(circuit.params().is_some(), shown, "{params:?}");
        assert!(circuit.graph().nodes.iter().all(|node| node.name.is_empty()));
        let named = circuit.graph().params[0].name == "w";
        assert_eq!(named, params == ParamVisibility::Public, "{params:?}");
        assert_eq!(circuit.inputs()[0].name, "x");
        assert_eq!(circuit.outputs()[0].labels, ["ant", "bee", "cat"]);
    }
    // With other hidden weights it is the same file.
    let (graph, mut values) = graph();
    let committed = |values| {
        let model = CompiledModel::from_graph(graph.clone(), values, options(ParamVisibility::Committed));
        *model.unwrap().circuit(TranscriptKind::Blake2b).unwrap().digest()
    };
    let first = committed(values.clone());
    values.tensors[0][0] += 1;
    assert_eq!(committed(values), first);
}

/// The key of another circuit of the same shape, with the honest model's digest: it proves what the honest model does not
/// compute, and every other check takes it for the honest one.
#[test]
fn a_dishonest_key_is_found_out() {
    for (params, optimize) in [
        (ParamVisibility::Private, Optimize::Prover),
        (ParamVisibility::Committed, Optimize::Prover),
        (ParamVisibility::Hashed, Optimize::Evm),
    ] {
        let options = CircuitOptions {
            optimize,
            ..options(params)
        };
        let [honest, dishonest] = honest_and_dishonest(options);
        let honest = Published::new(honest);
        assert_ne!(dishonest.digest(), honest.model.digest());
        let (proving_key, key) = dishonest.setup(&honest.srs, &none()).unwrap();
        let key = relabelled_key(&key, honest.model.digest());
        assert_eq!(key.model_digest(), honest.key.model_digest());
        assert_eq!(key.layout(), honest.key.layout());

        if params == ParamVisibility::Private {
            let x = input([1.5, -0.5]);
            let prover = Prover::builder(dishonest, proving_key, honest.srs.clone())
                .build()
                .unwrap();
            let proof = prover.prove(&x).unwrap();
            let proof = relabelled_proof(&proof, honest.model.digest(), key.digest());
            let claim = Verifier::new(key.clone()).unwrap().verify(&proof).unwrap();
            assert_eq!(claim.claimed_model, *honest.model.digest());
            let truth = honest.model.run(&x).unwrap();
            assert_ne!(claim.tensors[0].integers, truth.outputs[0].integers);
        }
        let error = honest.check(&key).unwrap_err();
        assert!(matches!(error, Error::DishonestKey { .. }), "{params:?}: {error}");
        for word in [
            &honest.key.digest().to_string(),
            &key.digest().to_string(),
            "false outputs",
        ] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

#[test]
fn a_key_that_fixes_other_weights_is_found_out() {
    let honest = Published::new(model(
        Visibility::Private,
        Visibility::Public,
        ParamVisibility::Fixed,
    ));
    let (graph, mut values) = graph();
    values.tensors[0][0] += 1;
    let other = CompiledModel::from_graph(graph, values, options(ParamVisibility::Fixed)).unwrap();
    // It need not even lie about its model: weights are not in that digest.
    assert_eq!(other.digest(), honest.model.digest());
    let (_, key) = other.setup(&honest.srs, &none()).unwrap();
    assert!(matches!(honest.check(&key), Err(Error::DishonestKey { .. })));
}

#[test]
fn keys_of_another_model_srs_transcript_or_shape_are_errors() {
    let honest = Published::new(default_model());
    let other = Published::new(model(
        Visibility::Public,
        Visibility::Public,
        ParamVisibility::Private,
    ));
    let (_, key) = other.model.setup(&honest.srs, &none()).unwrap();
    assert!(matches!(honest.check(&key), Err(Error::WrongModel { .. })));
    let key = relabelled_key(&key, honest.model.digest());
    let error = honest.check(&key).unwrap_err();
    assert!(
        error.to_string().contains("the columns and gates of the circuit"),
        "{error}"
    );

    let (_, key) = honest.model.setup(&other.srs, &none()).unwrap();
    let error = honest.check(&key).unwrap_err();
    assert!(matches!(error, Error::WrongSrs { .. }), "{error}");
    let small = honest.srs.downsize(honest.model.k() - 1, &none()).unwrap();
    let error = honest
        .circuit
        .check_key(&honest.key, &small, &none())
        .unwrap_err();
    assert!(matches!(error, Error::SrsTooSmall { .. }), "{error}");

    let transcript = TranscriptKind::Evm;
    let options = SetupOptions::default().transcript(transcript);
    let (_, key) = honest.model.setup_with(&honest.srs, &options, &none()).unwrap();
    assert!(matches!(honest.check(&key), Err(Error::OtherSetup { .. })));
    let circuit = honest.model.circuit(transcript).unwrap();
    circuit.check_key(&key, &honest.srs, &none()).unwrap();
    assert_ne!(circuit.digest(), honest.circuit.digest());
}

/// An SRS file of the dishonest maker's: the honest secret in G2, other powers. Keys made with it are other keys.
#[test]
fn an_srs_whose_powers_are_not_those_of_its_identity_is_refused() {
    let honest = Published::new(default_model());
    let stranger = Srs::development(honest.srs.k(), &none()).unwrap();
    let mut raw = stranger.to_raw_bytes().unwrap();
    let own = honest.srs.to_raw_bytes().unwrap();
    let end = raw.len();
    raw[end - 128..].copy_from_slice(&own[end - 128..]);
    let mixed = Srs::from_bytes(&seal(ArtifactKind::Srs, &raw)).unwrap();
    assert_eq!(mixed.id(), honest.srs.id());
    let (_, key) = honest.model.setup(&mixed, &none()).unwrap();
    for key in [&key, &honest.key] {
        let error = honest.circuit.check_key(key, &mixed, &none()).unwrap_err();
        assert!(matches!(error, Error::InvalidSrs { .. }), "{error}");
    }
    assert!(matches!(honest.check(&key), Err(Error::DishonestKey { .. })));
}

#[test]
fn files_are_checked() {
    let honest = Published::new(default_model());
    let good = honest.circuit.to_bytes().unwrap();
    let read = |bytes: &[u8]| Circuit::from_bytes(bytes);
    for at in (0..good.len()).step_by(7) {
        assert!(read(&good[..at]).is_err(), "length {at}");
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(read(&bad).is_err(), "byte {at}");
    }
    let mut other_version = good.clone();
    other_version[6] = 9;
    let error = read(&other_version).unwrap_err();
    assert!(
        matches!(
            error,
            Error::WrongVersion {
                kind: ArtifactKind::Circuit,
                ..
            }
        ),
        "{error}"
    );
    assert!(matches!(
        read(&honest.key.to_bytes().unwrap()),
        Err(Error::WrongKind { .. })
    ));

    // Damage that the checksum does not show: one who can change a file can change its checksum.
    let payload = &good[16..good.len() - 32];
    let resealed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut payload = payload.to_vec();
        change(&mut payload);
        read(&seal(ArtifactKind::Circuit, &payload))
    };
    resealed(&|_| {}).unwrap();
    assert!(resealed(&|p| p[36] = 7).is_err(), "transcript");
    assert!(resealed(&|p| p.push(0)).is_err(), "more bytes");
    let other = resealed(&|p| p[0] ^= 1).unwrap();
    let error = other.check_key(
        &relabelled_key(&honest.key, other.model_digest()),
        &honest.srs,
        &none(),
    );
    assert!(
        matches!(error, Err(Error::Malformed { .. })),
        "another version's layout: {error:?}"
    );
    for layout in [[0, 0, 1, 0], [255, 255, 1, 0], [24, 0, 0, 0], [24, 0, 17, 0]] {
        let other = resealed(&|p| p[32..36].copy_from_slice(&layout)).unwrap();
        assert!(other.verifying_key(&honest.srs, &none()).is_err(), "{layout:?}");
    }
    for at in 37..payload.len() {
        for bit in [1, 0x80] {
            // Whatever else is changed is an error, or another circuit.
            if let Ok(other) = resealed(&|p| p[at] ^= bit) {
                assert_ne!(other.digest(), honest.circuit.digest());
                assert!(
                    other.check_key(&honest.key, &honest.srs, &none()).is_err(),
                    "byte {at}"
                );
            }
        }
    }
}

/// A file of a few hundred bytes whose layout would not fit into memory.
#[test]
fn a_circuit_that_would_exhaust_its_reader_is_refused() {
    let (mut graph, _) = graph();
    let wide = vec![1 << 12, 1 << 12];
    let mut push = |op, input, shape: Vec<usize>| {
        let node = zkml_core::graph::Node {
            name: String::new(),
            op,
            inputs: vec![NodeId(input)],
            shape,
            scale: 0,
        };
        graph.nodes.push(node);
        graph.nodes.len() as u32 - 1
    };
    let first = push(Op::ReduceSum(ReduceSum { axes: vec![1] }), 0, vec![1, 1]);
    let broad = push(Op::Broadcast(Broadcast), first, wide.clone());
    let sums = push(
        Op::ReduceSum(ReduceSum { axes: vec![1] }),
        broad,
        vec![1 << 12, 1],
    );
    push(Op::Broadcast(Broadcast), sums, wide);
    let bytes = file_of(&graph, &default_model());
    assert!(bytes.len() < 1000);
    let error = Circuit::from_bytes(&bytes).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("laying out this circuit takes too much"),
        "{error}"
    );
}

/// A circuit file with another graph than the model's.
fn file_of(graph: &Graph, model: &CompiledModel) -> Vec<u8> {
    let bytes = model
        .circuit(TranscriptKind::Blake2b)
        .unwrap()
        .to_bytes()
        .unwrap();
    let payload = &bytes[16..bytes.len() - 32];
    let mut anonymous = graph.clone();
    anonymous.nodes.iter_mut().for_each(|node| node.name.clear());
    anonymous.params.iter_mut().for_each(|spec| spec.name.clear());
    let block = postcard::to_stdvec(&anonymous).unwrap();
    let (head, rest) = payload.split_at(37);
    let old = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
    let new = [
        head,
        &(block.len() as u64).to_le_bytes(),
        &block,
        &rest[8 + old..],
    ]
    .concat();
    seal(ArtifactKind::Circuit, &new)
}
