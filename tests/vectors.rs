//! All verifiers agree with the known answers of `tests/fixtures/vectors`, whose form `docs/proof-format.md` describes, and on
//! changes of proofs for each of their keys.
//!
//! `ZKML_WRITE=1 cargo test -p zkml --test vectors` writes the vectors again: the same keys and commitments, and new proofs, whose
//! randomness is the operating system's.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zkml::commitments::ModelCommitment;
use zkml::{Proof, VerifyingKey};
use zkml_testing::mutant::folder::{CaseVerdict, KEY, PROTOCOL, read_folder, write_folder};
use zkml_testing::mutant::judges::{Judged, Judges, judge_mutants};
use zkml_testing::mutant::samples::{SAMPLES, Sample};
use zkml_testing::mutant::{KINDS, Statement, Valid, pinned};

/// Changed proofs for each key among the vectors.
const REJECTED: usize = 8;

fn writes() -> bool {
    std::env::var_os("ZKML_WRITE").is_some()
}

fn folder(sample: &Sample) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/vectors")
        .join(sample.name)
}

/// A valid proof, changed ones of several kinds, and a damaged file. Keys with other numbers have other kinds.
fn vectors(valid: &Valid, number: usize) -> Vec<Judged> {
    let all = judge_mutants(valid, KINDS, number as u64).unwrap();
    let (proofs, changed) = all.split_at(2);
    let mut judged = vec![proofs[0].clone()];
    let step = changed.len().div_ceil(REJECTED);
    judged.extend(changed.iter().skip(number % step).step_by(step).cloned());
    let statement = Statement::new(&valid.proof, valid.pinned.as_ref());
    let mut file = statement.file();
    let last = file.len() - 1;
    let damage = match number % 3 {
        0 => {
            file[5] = 1;
            "the reserved byte of the container is 1"
        }
        1 => {
            file[last] ^= 1;
            "another checksum"
        }
        _ => {
            file.push(0);
            "a byte after the container"
        }
    };
    let mut judges = Judges::new(&valid.key, valid.pinned.as_ref()).unwrap();
    let commitment = statement.commitment.as_deref();
    let damaged = judges.judge_file(Some(damage), &file, commitment, statement.manifest);
    judged.push(damaged.unwrap());
    judged
}

#[test]
fn every_verifier_agrees_with_the_vectors() {
    for (number, sample) in SAMPLES.iter().enumerate() {
        let folder = folder(sample);
        if writes() {
            let valid = sample.prove().unwrap();
            let judged = vectors(&valid, number);
            let _ = std::fs::remove_dir_all(&folder);
            write_folder(&folder, sample.about, &valid.key, &judged).unwrap();
        }
        check(sample.name, &folder);
    }
}

fn check(name: &str, folder: &Path) {
    let key = Arc::new(VerifyingKey::load(&folder.join(KEY)).unwrap());
    let protocol = std::fs::read_to_string(folder.join(PROTOCOL)).unwrap();
    assert_eq!(
        protocol,
        key.protocol().unwrap().to_json().unwrap() + "\n",
        "{name}"
    );
    let cases = read_folder(folder).unwrap().cases;
    let bytes = |name: &String| std::fs::read(folder.join(name)).unwrap();
    // The first case is the valid one.
    let commitment = cases[0].commitment.as_ref().map(bytes);
    let pinned = pinned(commitment.as_deref(), cases[0].manifest).unwrap();
    let mut judges = Judges::new(&key, pinned.as_ref()).unwrap();
    let (mut accepted, mut traces) = (0, 0);
    for case in &cases {
        // The judges want to be told whether there is anything to reject.
        let change = case.change.as_ref().map(|_| "a change");
        let (file, commitment) = (bytes(&case.proof), case.commitment.as_ref().map(bytes));
        let judged = judges.judge_file(change, &file, commitment.as_deref(), case.manifest);
        let verdict = judged.unwrap_or_else(|e| panic!("{name}, {case:?}: {e}")).verdict;
        let valid = case.verdict == CaseVerdict::Accepted;
        assert_eq!(verdict.rejected.is_none(), valid, "{name}: {case:?}");
        assert_eq!(case.reason.is_none(), valid, "{name}: {case:?}");
        accepted += usize::from(valid);
        if let Some(trace) = &case.trace {
            let found = serde_json::to_value(verdict.trace.unwrap()).unwrap();
            assert_eq!(&found, trace, "{name}: {}", case.proof);
            traces += 1;
        }
    }
    assert_eq!((accepted, traces), (1, 2), "{name}");
    assert!(cases.len() > REJECTED / 2, "{name}");
}

/// The worked example of the page is about the golden files as they are.
#[test]
fn the_page_is_about_the_golden_files() {
    let page = include_str!("../docs/proof-format.md");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden");
    let key = VerifyingKey::load(&golden.join("key.vk")).unwrap();
    let proof = Proof::load(&golden.join("proof.zkproof")).unwrap();
    let commitment = ModelCommitment::load(&golden.join("model.commitment")).unwrap();
    let first_point = hex::encode(&proof.bytes()[..32]);
    for number in [
        key.digest().to_string(),
        key.model_digest().to_string(),
        key.protocol().unwrap().transcript_repr.to_string(),
        commitment.digest().to_string(),
        first_point,
    ] {
        assert!(page.contains(&number), "{number}");
    }
}

/// The keys are those that setup makes today: vectors are no memory of circuits that are gone.
#[test]
fn changes_of_every_kind_are_rejected_by_all() {
    let mut kinds = HashSet::new();
    for (sample, seed) in SAMPLES.iter().zip(1..) {
        let valid = sample.prove().unwrap();
        if !writes() {
            let key = VerifyingKey::load(&folder(sample).join(KEY)).unwrap();
            assert_eq!(valid.key.digest(), key.digest(), "{}", sample.name);
        }
        let judged = judge_mutants(&valid, KINDS, seed).unwrap();
        kinds.extend(judged.iter().filter_map(|judged| judged.change));
    }
    assert_eq!(kinds.len(), KINDS);
}
