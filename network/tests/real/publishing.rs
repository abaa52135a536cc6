//! Publishing: what a manifest says of its model, and which models it takes.

use super::*;

#[test]
fn models_that_are_not_made_for_it_are_not_published() {
    let keys = ProviderKeys::generate().unwrap();
    let publish = |inputs, outputs, context| {
        let (graph, values) = zkml_testing::model::graph();
        let options = CircuitOptions {
            inputs,
            outputs,
            context,
            ..CircuitOptions::default()
        };
        let model = CompiledModel::from_graph(graph, values, options).unwrap();
        let srs = srs(model.k());
        let (key, _) = model.setup(&srs, &Progress::none()).unwrap();
        let files = ProverFiles {
            model,
            key,
            srs,
            secret: None,
            device: zkml::Device::default(),
        };
        ProvingEngine::publish("tiny", files, true, &keys, &Progress::none()).map(|_| ())
    };
    let room = Binding::VALUES as u16;
    let (hashed, private, public) = (Visibility::Hashed, Visibility::Private, Visibility::Public);
    publish(hashed, public, room).unwrap();
    for (inputs, outputs, context) in [
        (private, public, room),
        (hashed, private, room),
        (hashed, public, 0),
    ] {
        assert!(matches!(
            publish(inputs, outputs, context),
            Err(Error::Unsuitable { .. })
        ));
    }
}

#[test]
fn the_manifest_describes_what_commitments_are_to() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = hidden(&keys);
    let body = prover.manifest().body();
    assert_eq!(body.visibility.inputs, TensorVisibility::Hashed);
    let request = pending(&prover, [3, -4]);
    let answer = answer(&prover, &request);
    let claim = prover
        .published()
        .validate(&answer.proof, unix_now())
        .unwrap()
        .claim;
    let [input, output] = &claim.commitments[..] else {
        panic!("expected two commitments");
    };
    for (form, bits, commitment) in [
        (&input.tensor.forms[0], body.inputs[0].bits, input),
        (&output.tensor.forms[0], body.outputs[0].bits, output),
    ] {
        assert_eq!(form.bits, bits, "{}", commitment.tensor.name);
    }
    let own = commit(&[(input.tensor.forms[0].clone(), &[3, -4])], &request.salts()[0]).unwrap();
    assert_eq!(own, input.value);
}

#[test]
fn hidden_weights_are_published_in_models_that_refuse_nothing_unless_it_is_allowed() {
    let keys = ProviderKeys::generate().unwrap();
    let publication = |params, allow_refusals| {
        let files = files(bound(Visibility::Hashed, Visibility::Public, params), None);
        assert!(files.model.can_refuse());
        ProvingEngine::publish("tiny", files, allow_refusals, &keys, &Progress::none())
    };
    for hidden in [
        ParamVisibility::Private,
        ParamVisibility::Hashed,
        ParamVisibility::Committed,
    ] {
        let refused = publication(hidden, false).err().unwrap();
        assert!(matches!(refused, Error::MayRefuse { .. }), "{refused}");
        let words = refused.to_string();
        assert!(
            words.contains("--saturate") && words.contains("--allow-refusals"),
            "{words}"
        );
        assert!(publication(hidden, true).unwrap().manifest().body().may_refuse);
    }
    for shown in [ParamVisibility::Public, ParamVisibility::Fixed] {
        assert!(publication(shown, false).unwrap().manifest().body().may_refuse);
    }
}

#[test]
fn a_manifest_says_of_weights_and_tensors_what_the_key_does() {
    let keys = ProviderKeys::generate().unwrap();
    let honest = prover(
        &keys,
        Visibility::Hashed,
        Visibility::Public,
        ParamVisibility::Private,
    );
    let key = honest.published().key();
    let refused = |what: &str, change: &dyn Fn(&mut Manifest)| {
        let mut body = honest.manifest().body().clone();
        change(&mut body);
        let signed = SignedManifest::sign(body, &keys).unwrap();
        let error = PublishedModel::new(signed, key.clone()).unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }), "{what}: {error}");
    };
    for params in [
        WeightVisibility::Fixed,
        WeightVisibility::Public,
        WeightVisibility::Hashed,
    ] {
        refused("weights", &|body| body.visibility.params = params);
    }
    refused("inputs", &|body| {
        body.visibility.inputs = TensorVisibility::Public
    });
    refused("outputs", &|body| {
        body.visibility.outputs = TensorVisibility::Hashed
    });
    refused("width of an input", &|body| body.inputs[0].bits += 1);
    refused("scale of an input", &|body| body.inputs[0].scale += 1);
    refused("name of an input", &|body| body.inputs[0].name.push('x'));
    refused("scale of an output", &|body| body.outputs[0].scale += 1);
    refused("labels", &|body| body.outputs[0].labels = vec!["cat".to_owned()]);
    refused("error bound", &|body| body.error_bits += 1);
    refused("another input", &|body| body.inputs.push(body.inputs[0].clone()));

    // Keys that hide more than their manifest says, and keys that are bound to nothing.
    let (graph, values) = zkml_testing::model::graph();
    let options = CircuitOptions {
        inputs: Visibility::Private,
        outputs: Visibility::Public,
        params: ParamVisibility::Private,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    };
    let unbound = CircuitOptions {
        inputs: Visibility::Hashed,
        context: 0,
        ..options
    };
    for options in [options, unbound] {
        let model = CompiledModel::from_graph(graph.clone(), values.clone(), options).unwrap();
        let (_, key) = model.setup(&srs(model.k()), &Progress::none()).unwrap();
        let mut body = honest.manifest().body().clone();
        body.model_digest = *key.model_digest();
        body.key_digest = *key.digest();
        body.srs = key.srs_id().to_string();
        let signed = SignedManifest::sign(body, &keys).unwrap();
        let error = PublishedModel::new(signed, key).unwrap_err();
        assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    }
}

#[test]
fn a_manifest_commits_to_weights_of_its_key() {
    let keys = ProviderKeys::generate().unwrap();
    let honest = hidden(&keys);
    let (body, key) = (honest.manifest().body(), honest.published().key());
    let bytes = body.commitment().unwrap().unwrap().to_bytes();
    // The payload of a container, and in it the points: 64 bytes each, behind two digests and their number.
    let points = &bytes[16..bytes.len() - 32][68..];
    let file = |model: &Digest, key: &Digest, points: &[u8]| {
        let count = (points.len() / 64) as u32;
        let parts = [model.as_bytes(), key.as_bytes(), &count.to_le_bytes()[..], points];
        hex::encode(seal(ArtifactKind::ModelCommitment, &parts.concat()))
    };
    let model = &body.model_digest;
    let signed = |commitment: Option<String>, params: WeightVisibility| {
        let mut body = body.clone();
        body.model_commitment = commitment;
        body.visibility.params = params;
        SignedManifest::sign(body, &keys)
    };
    let committed = |commitment| signed(Some(commitment), WeightVisibility::Committed);
    let same = committed(file(model, key.digest(), points)).unwrap();
    assert_eq!(same.digest(), honest.manifest().digest());
    PublishedModel::new(same, key.clone()).unwrap();

    // A signature does not make these manifests valid.
    for made in [
        committed(file(key.digest(), key.digest(), points)),
        committed(file(model, model, points)),
        committed("00".to_owned()),
        signed(None, WeightVisibility::Committed),
        signed(body.model_commitment.clone(), WeightVisibility::Private),
    ] {
        assert!(made.is_err());
    }
    // What no key does.
    let other = signed(None, WeightVisibility::Private).unwrap();
    let error = PublishedModel::new(other, key.clone()).unwrap_err();
    assert!(matches!(error, Error::Mismatch { .. }), "{error}");
    for points in [&points[64..], &[points, points].concat()] {
        let other = committed(file(model, key.digest(), points)).unwrap();
        let error = PublishedModel::new(other, key.clone()).unwrap_err();
        assert!(
            matches!(error, Error::Zkml(zkml::Error::WrongCommitment { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_key_is_checked_against_the_circuit_of_its_manifest() {
    let keys = ProviderKeys::generate().unwrap();
    let options = CircuitOptions {
        inputs: Visibility::Hashed,
        params: ParamVisibility::Hashed,
        context: Binding::VALUES as u16,
        ..CircuitOptions::default()
    };
    let [honest, dishonest] = zkml_testing::model::honest_and_dishonest(options);
    let (srs, none) = (srs(honest.k()), Progress::none());
    let (own, _) = honest.setup(&srs, &none).unwrap();
    let (_, key) = dishonest.setup(&srs, &none).unwrap();
    let key = zkml_testing::model::relabelled_key(&key, honest.digest());
    let files = ProverFiles {
        model: honest,
        key: own,
        srs: srs.clone(),
        secret: None,
        device: zkml::Device::default(),
    };
    let prover = ProvingEngine::publish("tiny", files, true, &keys, &none).unwrap();
    let (published, circuit) = (prover.published(), prover.circuit());
    published.check_key(circuit, &srs, &none).unwrap();

    // The dishonest key fits its manifest in everything that they say of each other.
    let mut body = published.manifest().body().clone();
    body.key_digest = *key.digest();
    let signed = SignedManifest::sign(body.clone(), &keys).unwrap();
    let forged = PublishedModel::new(signed, key.clone()).unwrap();
    let error = forged.check_key(circuit, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Zkml(zkml::Error::DishonestKey { .. })),
        "{error}"
    );
    // Nor does a circuit help that the manifest does not name.
    let other = dishonest.circuit(key.transcript()).unwrap();
    let error = forged.check_key(&other, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Mismatch { what: "circuit", .. }),
        "{error}"
    );
    // Named in the manifest, it is what it is: another model's.
    body.circuit_digest = *other.digest();
    let signed = SignedManifest::sign(body, &keys).unwrap();
    let forged = PublishedModel::new(signed, key).unwrap();
    let error = forged.check_key(&other, &srs, &none).unwrap_err();
    assert!(
        matches!(error, Error::Zkml(zkml::Error::WrongModel { .. })),
        "{error}"
    );
    assert!(matches!(
        Hosted::new(published, &other, &srs),
        Err(Error::Mismatch { what: "circuit", .. })
    ));
}
