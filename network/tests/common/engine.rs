//! A model that answers at once, or late, or not at all.

use std::collections::HashMap;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use zkml::Progress;
use zkml_network::{Binding, Engine, Error, OpenRequest, Outcome, Refusal, RequestId, SignedManifest};

/// What a [`Fake`] does with a request.
pub type Behaviour = dyn Fn(&OpenRequest, u32) -> Result<String, Error> + Send + Sync;

/// An engine whose answers are refusals with a text: they travel as answers do.
pub struct Fake {
    manifest: SignedManifest,
    time: Duration,
    behaviour: Box<Behaviour>,
    begun: Mutex<HashMap<RequestId, u32>>,
}

impl Fake {
    /// Answers after `time` with what `behaviour` makes of the request and the number of the attempt.
    pub fn new(
        manifest: SignedManifest,
        time: Duration,
        behaviour: impl Fn(&OpenRequest, u32) -> Result<String, Error> + Send + Sync + 'static,
    ) -> Self {
        Self {
            manifest,
            time,
            behaviour: Box::new(behaviour),
            begun: Mutex::default(),
        }
    }

    /// Answers at once with the sum of the input.
    pub fn quick(manifest: SignedManifest) -> Self {
        Self::new(manifest, Duration::ZERO, |request, _| Ok(sum(request)))
    }

    /// How often the work on each request was begun.
    pub fn begun(&self) -> HashMap<RequestId, u32> {
        self.begun.lock().unwrap().clone()
    }
}

/// The sum of the first input's elements.
pub fn sum(request: &OpenRequest) -> String {
    request.inputs[0].iter().sum::<i64>().to_string()
}

impl Engine for Fake {
    fn manifest(&self) -> &SignedManifest {
        &self.manifest
    }

    fn answer(
        &self,
        binding: &Binding,
        request: &OpenRequest,
        progress: &Progress,
    ) -> Result<Outcome, Error> {
        let attempt = {
            let mut begun = self.begun.lock().unwrap();
            let count = begun.entry(binding.request_id).or_default();
            *count += 1;
            *count
        };
        let start = Instant::now();
        while start.elapsed() < self.time {
            progress.report("thinking", 0.5)?;
            thread::sleep(Duration::from_millis(5));
        }
        let text = (self.behaviour)(request, attempt)?;
        Ok(Outcome::Refusal(Refusal::Request(text)))
    }
}
