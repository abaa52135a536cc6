//! Keys with two proofs each, to be judged.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;
use zkml::commitments::{ModelSecret, PinnedModel};
use zkml::{CompiledModel, FloatTensor, Progress, Prover, SetupOptions, Srs, TranscriptKind};
use zkml_circuits::assurance::RandomGraph;
use zkml_testing::mutant::judges::{Judged, Judges};
use zkml_testing::mutant::{Mutant, Valid, mutants};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

/// SRS by size, each made once.
#[derive(Default)]
pub struct Srses(BTreeMap<u32, Srs>);

impl Srses {
    fn of(&mut self, k: u32) -> Result<Srs> {
        if let Some(srs) = self.0.get(&k) {
            return Ok(srs.clone());
        }
        let srs = Srs::development(k, &Progress::none())?;
        Ok(self.0.entry(k).or_insert(srs).clone())
    }
}

/// Makes keys and two proofs: of two inputs, or of one input with other blinds.
pub fn subject(
    model: CompiledModel,
    transcript: TranscriptKind,
    inputs: [&[FloatTensor]; 2],
    srses: &mut Srses,
) -> Result<Valid> {
    let progress = Progress::none();
    let srs = srses.of(model.k())?;
    let options = SetupOptions::default().transcript(transcript);
    let (proving_key, key) = model.setup_with(&srs, &options, &progress)?;
    let pinned = match key.commits_params() {
        false => None,
        true => {
            let secret = ModelSecret::random();
            let commitment = proving_key.commit_model(&model, &srs, &secret, &progress)?;
            Some((PinnedModel::new(commitment), secret))
        }
    };
    let builder = Prover::builder(model, proving_key, srs);
    let builder = match &pinned {
        None => builder,
        Some((pinned, secret)) => builder.commitment(pinned.clone(), secret.clone()),
    };
    let prover = builder.build()?;
    Ok(Valid {
        key: key.into(),
        pinned: pinned.map(|(pinned, _)| pinned),
        proof: prover.prove(inputs[0])?,
        other: prover.prove(inputs[1])?,
    })
}

/// A random graph as a model, and its input; none for a seed without a graph, and for one that no circuit expresses.
pub fn random(seed: u64) -> Result<Option<(CompiledModel, Vec<FloatTensor>)>> {
    let Some(random) = RandomGraph::new(seed) else {
        return Ok(None);
    };
    let input = |(port, values): (&zkml::advanced::graph::Port, &Vec<i64>)| {
        // Scales are 0: an integer stands for itself.
        let shape = &random.graph.node(port.node).shape;
        crate::data::tensor(shape, values.iter().map(|&x| x as f32).collect())
    };
    let inputs = random.graph.inputs.iter().zip(&random.inputs).map(input);
    let inputs = inputs.collect::<Result<_>>()?;
    match CompiledModel::from_graph(random.graph.clone(), random.params.clone(), random.options) {
        Ok(model) => Ok(Some((model, inputs))),
        // An accumulator that is read by something else than a rounding.
        Err(zkml::Error::Circuit(zkml_circuits::Error::Unsupported { .. })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The verdicts of all verifiers of this workspace on a valid proof and on changes of it, the first of which is number
/// `from`. The folder gets all of them for the verifier in Python.
pub fn judge(valid: &Valid, from: usize, changes: usize, folder: &Path) -> Result<Vec<Judged>> {
    let mut judges = Judges::new(&valid.key, valid.pinned.as_ref())?;
    let honest = zkml_testing::mutant::Statement::new(&valid.proof, valid.pinned.as_ref());
    let mut judged = vec![judges.judge(None, &honest)?];
    let rng = ChaCha20Rng::seed_from_u64(from as u64);
    let changed = mutants(valid, rng)?.skip(from % zkml_testing::mutant::KINDS);
    for Mutant { kind, statement } in changed.take(changes) {
        judged.push(judges.judge(Some(kind), &statement)?);
    }
    zkml_testing::mutant::folder::write_folder(folder, "an acceptance run", &valid.key, &judged)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(judged)
}
