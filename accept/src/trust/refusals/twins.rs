//! Two providers' models that differ in their weights alone, asked the same: what a user can tell them by.

use super::{HOSTILE, hostile};
use crate::private_inference::processes::Served;
use crate::private_inference::site::{Offer, Site, Subject, bound};
use crate::report::Figure;
use crate::workshop::Workshop;
use anyhow::{Context, Result, ensure};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use zkml::{CompiledModel, ParamVisibility};
use zkml_core::graph::{Graph, Params};
use zkml_network::{Asked, Client, Engine, Outcome, PendingRequest, ProviderKeys, State, unix_now};

const PATIENCE: Duration = Duration::from_secs(120);
/// Weights are at most this in absolute value: sums of as many random ones as a neuron has leave its range for some of
/// the inputs at the ends of theirs, and stay inside for others.
const WEIGHT: i64 = 1500;

/// What a user sees of one exchange, but for the time that it takes and the ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    submitted: State,
    state: State,
    attempts: u32,
    reason: Option<String>,
    sealed_bytes: usize,
    /// The text of the refusal; none for a proof.
    refusal: Option<String>,
}

/// A served model.
struct Twin {
    _site: Site,
    offer: Offer,
    service: Served,
}

pub fn measure(zkml: &Path, workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let subject = Subject::mlp()?;
    // Private weights: nothing that is published differs.
    let options = bound(ParamVisibility::Private).saturate(false);
    let model = workshop
        .setup(&subject.model, subject.calibration(), &options)?
        .model;
    let keys = ProviderKeys::generate()?;
    let mut serve = |seed: u64| -> Result<Twin> {
        let weights = weights(model.graph(), seed);
        let twin = CompiledModel::from_graph(model.graph().clone(), weights, *model.options())?;
        let site = Site::of(keys.clone())?;
        let setup = workshop.keys(twin)?;
        let offer = site.offer("twin", setup, subject.inputs.clone(), true)?;
        Ok(Twin {
            service: Served::start(zkml, &site, &offer, 1)?,
            _site: site,
            offer,
        })
    };
    let twins = [serve(1)?, serve(2)?];
    ensure!(
        twins[0].offer.prover.manifest() == twins[1].offer.prover.manifest(),
        "the twins' manifests differ"
    );
    let schema = &twins[0].offer.prover.manifest().body().inputs[0];
    let pictures = hostile::pictures(schema, HOSTILE);
    let [first, second] = std::thread::scope(|scope| {
        let ask = |served| {
            let pictures = &pictures;
            scope.spawn(move || {
                pictures
                    .iter()
                    .map(|p| seen(served, p))
                    .collect::<Result<Vec<_>>>()
            })
        };
        twins.each_ref().map(ask).map(|work| work.join())
    })
    .map(|joined| joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
    judge(&first?, &second?)
}

/// Random weights of a graph's shapes.
fn weights(graph: &Graph, seed: u64) -> Params {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let tensor = |shape: &[usize]| {
        let count = shape.iter().product();
        (0..count).map(|_| rng.gen_range(-WEIGHT..=WEIGHT)).collect()
    };
    let shapes = graph.params.iter().map(|spec| spec.shape.as_slice());
    Params {
        tensors: shapes.map(tensor).collect(),
    }
}

fn seen(served: &Twin, picture: &[i64]) -> Result<Seen> {
    let client = Client::new(&served.service.url, PATIENCE);
    let manifest = served.offer.prover.manifest();
    let asked = Asked {
        inputs: vec![picture.to_vec()],
        expiry: unix_now() + 3600,
        evm: None,
        identity: None,
    };
    let request = PendingRequest::new(manifest, asked)?;
    let id = &request.header().request_id;
    let submitted = client.submit(&request)?;
    let sealed = client.wait(id, PATIENCE, |_| Ok(()))?;
    let status = client.status(id, 0)?;
    let refusal = match request.open(manifest, &sealed)? {
        Outcome::Refusal(refusal) => Some(refusal.to_string()),
        Outcome::Answer(answer) => {
            let model = served.offer.published();
            model.check_answer(&request, &answer, unix_now())?;
            None
        }
    };
    Ok(Seen {
        submitted,
        state: status.state,
        attempts: status.attempts,
        reason: status.reason,
        sealed_bytes: sealed.to_json()?.len(),
        refusal,
    })
}

fn judge(first: &[Seen], second: &[Seen]) -> Result<Vec<Figure>> {
    let pairs: Vec<(&Seen, &Seen)> = first.iter().zip(second).collect();
    let refused = |seen: &&Seen| seen.refusal.is_some();
    let refusals: Vec<&Seen> = first.iter().chain(second).filter(refused).collect();
    let one = refusals.first().context("no input was refused")?;
    let odd = refusals.iter().filter(|seen| *seen != one).count();
    let texts: BTreeSet<_> = refusals.iter().map(|seen| &seen.refusal).collect();
    let bits = pairs.iter().filter(|(a, b)| refused(a) != refused(b)).count();
    let beyond = |(a, b): &&(&Seen, &Seen)| {
        let without = |seen: &Seen| Seen {
            refusal: None,
            ..seen.clone()
        };
        without(a) != without(b)
    };
    let beyond = pairs.iter().filter(beyond).count();
    Ok(vec![
        Figure::new(
            odd == 0 && texts.len() == 1,
            format!(
                "{} refusals, {} text(s), {odd} that differ in anything else",
                refusals.len(),
                texts.len()
            ),
        ),
        Figure::new(
            beyond == 0,
            format!(
                "the bit differs for {bits} inputs, anything else for {beyond} of {}",
                pairs.len()
            ),
        ),
    ])
}
