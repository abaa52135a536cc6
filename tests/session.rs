//! Several provers in one process: on different devices, and with threads of their own.

use std::sync::Arc;
use zkml::advanced::Implementation;
use zkml::{Device, Error, ProveOptions, Prover, Srs};
use zkml_testing::model::{Setup, default_model, input, none};

const X: [f32; 2] = [1.5, -0.5];

/// Has every prover prove, all at the same time.
fn prove_at_once(setup: &Setup, provers: &[Prover]) {
    std::thread::scope(|scope| {
        let prove = |prover| scope.spawn(move || Prover::prove(prover, &input(X)).unwrap());
        let proofs: Vec<_> = provers.iter().map(prove).collect();
        for proof in proofs {
            setup.verify(&proof.join().unwrap()).unwrap();
        }
    });
}

#[test]
fn provers_with_threads_of_their_own_prove_at_the_same_time() {
    let setup = Setup::new(default_model());
    let build = |threads| setup.builder(&setup.model).threads(threads).build().unwrap();
    let provers = [1, 2, 3].map(build);
    for (prover, threads) in provers.iter().zip([1, 2, 3]) {
        let plural = if threads == 1 { "" } else { "s" };
        let name = prover.device_name();
        assert!(name.ends_with(&format!("{threads} thread{plural})")), "{name}");
    }
    prove_at_once(&setup, &provers);
}

#[test]
fn a_prover_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let setup = Setup::new(default_model());
    let prover = Arc::new(setup.builder(&setup.model).build().unwrap());
    shared(&prover);
    shared(prover.verifier());
    let handles = [0.0, 0.5].map(|x| {
        let prover = prover.clone();
        std::thread::spawn(move || prover.prove(&input([x, 1.0])).unwrap())
    });
    for handle in handles {
        prover.verifier().verify(&handle.join().unwrap()).unwrap();
    }
}

#[test]
fn what_a_prover_cannot_do_is_an_error_when_it_is_built() {
    let setup = Setup::new(default_model());
    let builder = || setup.builder(&setup.model);
    let error = builder().threads(0).build().unwrap_err();
    assert!(matches!(error, Error::ThreadCount { found: 0, .. }), "{error}");
    let error = builder().device(Device::Cuda(99)).build().unwrap_err();
    assert!(matches!(error, Error::NoGpu { .. }), "{error}");
    let upstream = builder().implementation(Implementation::Upstream);
    let error = upstream.device(Device::Cuda(0)).build().unwrap_err();
    assert!(matches!(error, Error::UpstreamDevice { .. }), "{error}");
}

#[test]
fn a_prover_takes_an_srs_that_hides_quotients() {
    let model = default_model();
    let srs = Srs::development(model.k(), &none()).unwrap();
    let raw = Srs::from_raw_bytes(&srs.to_raw_bytes().unwrap(), &none()).unwrap();
    let setup = Setup::with_srs(model, raw);
    let error = setup.builder(&setup.model).build().unwrap_err();
    assert!(
        matches!(error, Error::SrsHidesNothing { k } if k == setup.model.k()),
        "{error}"
    );
    // halo2's prover hides no quotient.
    let upstream = setup
        .builder(&setup.model)
        .implementation(Implementation::Upstream);
    let proof = upstream.build().unwrap().prove(&input(X)).unwrap();
    setup.verify(&proof).unwrap();
}

#[test]
fn the_upstream_prover_makes_proofs_of_the_same_form() {
    let setup = Setup::new(default_model());
    let upstream = setup
        .builder(&setup.model)
        .implementation(Implementation::Upstream);
    let (ours, upstream) = (
        setup.builder(&setup.model).build().unwrap(),
        upstream.build().unwrap(),
    );
    let proofs = [&ours, &upstream].map(|prover| prover.prove(&input(X)).unwrap());
    assert_eq!(proofs[0].bytes().len(), proofs[1].bytes().len());
    proofs.iter().for_each(|proof| drop(setup.verify(proof).unwrap()));
}

#[test]
fn an_srs_is_cut_to_size_once() {
    let model = default_model();
    let setup = Setup::with_srs(default_model(), Srs::development(model.k() + 2, &none()).unwrap());
    let prover = setup.builder(&setup.model).build().unwrap();
    let stages = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = stages.clone();
    let progress = zkml::Progress::new(move |stage, _| sink.lock().unwrap().push(stage.to_owned()));
    let options = ProveOptions::default().progress(&progress);
    prover.prove_with(&input(X), &options).unwrap();
    let stages = stages.lock().unwrap();
    assert!(stages.iter().any(|stage| stage == "proving"));
    assert!(
        !stages.iter().any(|stage| stage.contains("Lagrange")),
        "{stages:?}"
    );
    assert_eq!(prover.srs().k(), model.k());
}

/// The feature `cuda-host` runs the kernels of GPUs on the host.
#[cfg(all(feature = "cuda-host", not(feature = "cuda")))]
#[test]
fn provers_on_different_devices_work_side_by_side() {
    let setup = Setup::new(default_model());
    let build = |device| setup.builder(&setup.model).device(device).build().unwrap();
    let provers = [Device::Cpu, Device::Cuda(0)].map(build);
    assert!(provers[0].device_name().starts_with("cpu"));
    assert!(!provers[1].device_name().starts_with("cpu"));
    prove_at_once(&setup, &provers);
    // Keys are the same wherever they are made.
    let options = zkml::SetupOptions::default().device(Device::Cuda(0));
    let (_, key) = setup.model.setup_with(&setup.srs, &options, &none()).unwrap();
    assert_eq!(key.digest(), setup.verifying_key.digest());
}
