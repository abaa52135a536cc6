//! A provider in this process: keys, manifest, queue, service, workers.

use super::engine::Fake;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zkml_network::{
    Asked, Engine, Hosted, Manifest, Metrics, ProviderKeys, Queue, Service, ServiceOptions, SignedManifest,
    Worker, WorkerOptions, serve, unix_now,
};

/// The manifest of a model with three hashed inputs that does not exist.
pub fn manifest(keys: &ProviderKeys, name: &str) -> SignedManifest {
    let mut body: Manifest = serde_json::from_str(include_str!("../fixtures/manifest.json")).unwrap();
    body.name = name.to_owned();
    SignedManifest::sign(body, keys).unwrap()
}

/// An input, for ten minutes.
pub fn asked(values: [i64; 3]) -> Asked {
    Asked {
        inputs: vec![values.to_vec()],
        expiry: unix_now() + 600,
        evm: None,
        identity: None,
    }
}

/// A provider's service and workers.
pub struct Provider {
    pub url: String,
    pub manifest: SignedManifest,
    pub keys: ProviderKeys,
    pub queue: Queue,
    pub engine: Arc<Fake>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Options of quick tests.
pub fn worker_options() -> WorkerOptions {
    WorkerOptions {
        lease: Duration::from_secs(2),
        poll: Duration::from_millis(10),
        grace: Duration::from_secs(5),
        retry_delay: Duration::from_millis(20),
        ..WorkerOptions::default()
    }
}

impl Provider {
    /// Starts a service over a database, with `workers` workers.
    pub async fn start(
        database: &str,
        keys: ProviderKeys,
        engine: impl FnOnce(SignedManifest) -> Fake,
        workers: usize,
        options: ServiceOptions,
    ) -> Self {
        Self::start_at("http://127.0.0.1:0", database, keys, engine, workers, options).await
    }

    /// Starts a service at a URL.
    pub async fn start_at(
        url: &str,
        database: &str,
        keys: ProviderKeys,
        engine: impl FnOnce(SignedManifest) -> Fake,
        workers: usize,
        options: ServiceOptions,
    ) -> Self {
        let manifest = manifest(&keys, "test");
        let engine = Arc::new(engine(manifest.clone()));
        let queue = Queue::open(database, 3).await.unwrap();
        let stop = CancellationToken::new();
        let metrics = Metrics::default();
        let service = Service::new(
            vec![Hosted::unproven(manifest.clone()).unwrap()],
            queue.clone(),
            keys.sealing().clone(),
            metrics.clone(),
            options,
            stop.clone(),
        )
        .unwrap();
        let listener = TcpListener::bind(url.trim_start_matches("http://"))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = vec![tokio::spawn(
            async move { serve(service, listener).await.unwrap() },
        )];
        for _ in 0..workers {
            let engines = vec![Arc::clone(&engine) as Arc<dyn Engine>];
            let worker = Worker::new(
                queue.clone(),
                engines,
                keys.sealing().clone(),
                worker_options(),
                metrics.clone(),
            );
            let stop = stop.clone();
            tasks.push(tokio::spawn(async move { worker.run(stop).await }));
        }
        Self {
            url,
            manifest,
            keys,
            queue,
            engine,
            stop,
            tasks,
        }
    }

    /// Ends everything at once, as a crash does.
    pub fn crash(self) {
        for task in &self.tasks {
            task.abort();
        }
    }

    /// Stops, and waits for the end.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// Waits until something holds, for at most ten seconds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let start = Instant::now();
    while !holds().await {
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{what}: not within ten seconds"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
