//! Mutated files of every kind: an error or a file that works, never a panic.
//!
//! The mutations are seeded and few; `fuzz/` has targets for as many as one likes. Where a file
//! has a checksum, it is made right again, so that the parser behind it is reached.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::Path;
use std::sync::OnceLock;
use zkml::advanced::{ArtifactKind, seal};
use zkml::{
    CompiledModel, Error, ImportOptions, Model, Progress, Proof, ProvingKey, Srs, Verifier, VerifyingKey,
};
use zkml_testing::model::default_model;

const HEADER_LEN: usize = 16;
const CHECKSUM_LEN: usize = 32;

/// Files that belong together.
struct Files {
    model: Vec<u8>,
    srs: Vec<u8>,
    proving_key: Vec<u8>,
    verifying_key: Vec<u8>,
    raw: Vec<u8>,
}

fn files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let progress = Progress::none();
        let model = default_model();
        let srs = Srs::development(model.k(), &progress).unwrap();
        let (proving_key, verifying_key) = model.setup(&srs, &progress).unwrap();
        let small = Srs::development(2, &progress).unwrap();
        let mut raw = Vec::new();
        small
            .params()
            .write_custom(&mut raw, halo2_proofs::SerdeFormat::RawBytes)
            .unwrap();
        Files {
            model: model.to_bytes().unwrap(),
            srs: small.to_bytes().unwrap(),
            proving_key: proving_key.to_bytes().unwrap(),
            verifying_key: verifying_key.to_bytes().unwrap(),
            raw,
        }
    })
}

/// Changes bytes, or the length, of `bytes[from..]`.
fn mutate(rng: &mut ChaCha8Rng, bytes: &[u8], from: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    // Most of what is interesting stands at the start; large numbers are in the middle.
    let span = if rng.gen_bool(0.5) {
        (out.len() - from).min(400)
    } else {
        out.len() - from
    };
    for _ in 0..rng.gen_range(1..4) {
        let at = from + rng.gen_range(0..span);
        if at >= out.len() {
            continue;
        }
        match rng.gen_range(0..6) {
            0 => out[at] ^= 1 << rng.gen_range(0..8),
            1 => out[at] = rng.r#gen(),
            2 => out[at..].iter_mut().take(8).for_each(|b| *b = 0xff),
            3 => out[at..].iter_mut().take(8).for_each(|b| *b = 0),
            4 => out.truncate(at),
            _ => out.insert(at, rng.r#gen()),
        }
    }
    if out == bytes {
        out[from] ^= 1;
    }
    out
}

/// A container with a mutated payload and a header and checksum that fit it.
fn mutate_container(rng: &mut ChaCha8Rng, kind: ArtifactKind, bytes: &[u8]) -> Vec<u8> {
    seal(
        kind,
        &mutate(rng, &bytes[HEADER_LEN..bytes.len() - CHECKSUM_LEN], 0),
    )
}

/// Parses `count` mutations and returns how many were refused.
fn refused<T>(
    count: usize,
    mut mutation: impl FnMut(&mut ChaCha8Rng) -> Vec<u8>,
    parse: impl Fn(&[u8]) -> Result<T, Error>,
) -> usize {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    (0..count).filter(|_| parse(&mutation(&mut rng)).is_err()).count()
}

#[test]
fn verifying_keys() {
    let good = &files().verifying_key;
    // A key that is read is written as a protocol, or that is an error.
    let parse = |bytes: &[u8]| VerifyingKey::from_bytes(bytes)?.protocol();
    parse(good).unwrap();
    assert!(
        refused(
            400,
            |rng| mutate_container(rng, ArtifactKind::VerifyingKey, good),
            parse
        ) > 200
    );
    assert_eq!(
        refused(200, |rng| mutate(rng, good, 0), VerifyingKey::from_bytes),
        200
    );
}

#[test]
fn proving_keys() {
    let good = &files().proving_key;
    ProvingKey::from_bytes(good).unwrap();
    assert!(
        refused(
            200,
            |rng| mutate_container(rng, ArtifactKind::ProvingKey, good),
            ProvingKey::from_bytes
        ) > 50
    );
    assert_eq!(
        refused(100, |rng| mutate(rng, good, 0), ProvingKey::from_bytes),
        100
    );
}

#[test]
fn compiled_models() {
    let good = &files().model;
    CompiledModel::from_bytes(good).unwrap();
    assert!(
        refused(
            400,
            |rng| mutate_container(rng, ArtifactKind::CompiledModel, good),
            CompiledModel::from_bytes
        ) > 200
    );
    assert_eq!(
        refused(200, |rng| mutate(rng, good, 0), CompiledModel::from_bytes),
        200
    );
}

#[test]
fn proofs() {
    let key = VerifyingKey::from_bytes(&files().verifying_key).unwrap();
    let verifier = Verifier::new(key.clone()).unwrap();
    // A proof of nothing has the right form, which is all that a parser sees.
    let json = format!(
        r#"{{"format": "zkml proof", "version": 1, "model": "{}", "key": "{}", "transcript": "blake2b",
            "public_values": ["0x{:064x}", "0x{:064x}", "0x{:064x}"], "proof": "{}"}}"#,
        key.model_digest(),
        key.digest(),
        1,
        2,
        3,
        "01".repeat(2000)
    );
    let proof = Proof::from_json(&json).unwrap();
    let good = proof.to_bytes();
    assert!(verifier.verify(&proof).unwrap_err().is_invalid_proof());
    let verify = |bytes: &[u8]| verifier.verify(&Proof::from_bytes(bytes)?);
    assert_eq!(
        refused(
            400,
            |rng| mutate_container(rng, ArtifactKind::Proof, &good),
            verify
        ),
        400
    );
    assert_eq!(refused(200, |rng| mutate(rng, &good, 0), Proof::from_bytes), 200);
    let parse =
        |bytes: &[u8]| Proof::from_json(&String::from_utf8_lossy(bytes)).and_then(|p| verifier.verify(&p));
    assert_eq!(refused(400, |rng| mutate(rng, json.as_bytes(), 0), parse), 400);
}

#[test]
fn srs_files() {
    let progress = Progress::none();
    let (own, raw) = (&files().srs, &files().raw);
    assert!(
        refused(
            300,
            |rng| mutate_container(rng, ArtifactKind::Srs, own),
            Srs::from_bytes
        ) > 200
    );
    assert_eq!(refused(200, |rng| mutate(rng, own, 0), Srs::from_bytes), 200);
    let import = |bytes: &[u8]| Srs::from_raw_bytes(bytes, &progress);
    import(raw).unwrap();
    assert!(refused(400, |rng| mutate(rng, raw, 0), import) > 350);
    let ptau =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/power6.ptau")).unwrap();
    let import = |bytes: &[u8]| Srs::from_ptau_bytes(bytes, Some(3), &progress);
    import(&ptau).unwrap();
    assert!(refused(400, |rng| mutate(rng, &ptau, 0), import) > 100);
}

#[test]
fn onnx_files() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/breast_cancer_mlp.onnx");
    let good = std::fs::read(path).unwrap();
    let import = |bytes: &[u8]| Model::from_onnx(bytes, &ImportOptions::default());
    import(&good).unwrap();
    assert!(refused(400, |rng| mutate(rng, &good, 0), import) > 50);
}
