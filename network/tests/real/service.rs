//! A model behind a service.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_asked_over_http() {
    let keys = ProviderKeys::generate().unwrap();
    let prover = Arc::new(hidden(&keys));
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("queue.db").display());
    let queue = Queue::open(&url, 3).await.unwrap();
    let (metrics, stop) = (Metrics::default(), CancellationToken::new());
    let service = Service::new(
        vec![Hosted::new(prover.published(), prover.circuit(), prover.srs()).unwrap()],
        queue.clone(),
        keys.sealing().clone(),
        metrics.clone(),
        ServiceOptions::default(),
        stop.clone(),
    )
    .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let engines = vec![Arc::clone(&prover) as Arc<dyn Engine>];
    let worker = Worker::new(
        queue,
        engines,
        keys.sealing().clone(),
        common::provider::worker_options(),
        metrics,
    );
    let tasks = [
        tokio::spawn(async move { serve(service, listener).await.unwrap() }),
        tokio::spawn({
            let stop = stop.clone();
            async move { worker.run(stop).await }
        }),
    ];

    let digest = *prover.manifest().digest();
    let user = move || {
        let client = Client::new(&url, PATIENCE);
        let published = client.published(client.manifest(&digest).unwrap()).unwrap();
        // The key is made again from what the provider sends.
        let circuit = client.circuit(published.manifest()).unwrap();
        let srs = client.srs(published.manifest(), &Progress::none()).unwrap();
        assert_eq!(srs.k(), published.key().k());
        published.check_key(&circuit, &srs, &Progress::none()).unwrap();
        let request = PendingRequest::new(published.manifest(), asked([16, 16])).unwrap();
        client.submit(&request).unwrap();
        let sealed = client
            .wait(&request.header().request_id, PATIENCE, |_| Ok(()))
            .unwrap();
        let Outcome::Answer(answer) = request.open(published.manifest(), &sealed).unwrap() else {
            panic!("refused");
        };
        let checked = check(&published, &request, &answer).unwrap();
        // relu(1 * w[0] + 1 * w[1]) in steps of 1/16.
        assert_eq!(checked.outputs[0].integers, [24, 40, 0]);
        assert_eq!(checked.outputs[0].label(), Some("bee"));
        assert_eq!(checked.openings.len(), 2);
        let validated = published.validate(&answer.proof, unix_now()).unwrap();
        assert_eq!(validated, checked.public);
        // Nothing of the run is in the claim.
        assert!(validated.claim.tensors.is_empty());
        assert_eq!(validated.binding.requester.as_bytes()[12..], [7; 20]);
        // What is out of range is refused under seal.
        let asked = asked([1000, 0]);
        let salts = request.salts().to_vec();
        let id = zkml_network::RequestId::random().unwrap();
        let bad = PendingRequest::unchecked(published.manifest(), asked, salts, id).unwrap();
        client.submit(&bad).unwrap();
        let sealed = client
            .wait(&bad.header().request_id, PATIENCE, |_| Ok(()))
            .unwrap();
        match bad.open(published.manifest(), &sealed).unwrap() {
            Outcome::Refusal(refusal) => assert!(refusal.to_string().contains("input x"), "{refusal}"),
            Outcome::Answer(_) => panic!("an input out of range was proven"),
        }
    };
    tokio::task::spawn_blocking(user).await.unwrap();
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
}
