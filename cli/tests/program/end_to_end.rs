//! From an ONNX file to a verified proof, through the program.

use crate::folder::Folder;
use serde_json::{Value, json};

#[test]
fn a_model_is_proven_and_verified() {
    let folder = Folder::new();
    folder.compile();
    let missing = folder.run(&["setup", "model.zkml"]).expect(2);
    missing.says(&["zkml srs import", "zkml srs new"]);
    folder.set_up();

    let mock = folder
        .run(&["mock", "model.zkml", "--input", "input.json", "--json"])
        .expect(0)
        .json();
    let proven = folder
        .run(&["prove", "model.zkml", "--input", "input.json", "--json"])
        .expect(0)
        .says(&["zkml verify --vk model.vk model.zkproof"])
        .json();
    let verified = folder
        .run(&["verify", "--vk", "model.vk", "model.zkproof", "--json"])
        .expect(0)
        .json();
    assert_eq!(verified["valid"], true);
    assert_eq!(verified["claim"], proven["claim"]);
    assert_eq!(verified["claim"]["tensors"], mock["outputs"]);
    assert_eq!(verified["claim"]["srs_standing"], "unknown");
    assert_eq!(verified["checked_circuit"], Value::Null);
    assert_eq!(verified["claim"]["fixed_params"], false);

    let text = folder
        .run(&["verify", "--vk", "model.vk", "model.zkproof"])
        .expect(0)
        .stdout;
    let digest = verified["claim"]["claimed_model"].as_str().unwrap();
    assert!(
        text.contains("The proof is valid") && text.contains(digest),
        "{text}"
    );
}

#[test]
fn the_json_form_verifies_and_changed_values_do_not() {
    let folder = Folder::new();
    folder.set_up();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json", "-o", "proof.json"])
        .expect(0);
    folder
        .run(&["verify", "--vk", "model.vk", "proof.json"])
        .expect(0);

    let good: Value = serde_json::from_slice(&folder.read("proof.json")).unwrap();
    let mut changed = good.clone();
    changed["public_values"][0] = json!(format!("0x{:064x}", 3));
    let mut shorter = good.clone();
    shorter["public_values"].as_array_mut().unwrap().pop();
    let mut noisy = good;
    let hex = noisy["proof"].as_str().unwrap().to_owned();
    let flipped = if hex.starts_with('0') { "1" } else { "0" };
    noisy["proof"] = json!(format!("{flipped}{}", &hex[1..]));
    for bad in [changed, shorter, noisy] {
        folder.write_json("bad.json", &bad);
        let answer = folder
            .run(&["verify", "--vk", "model.vk", "bad.json", "--json"])
            .expect(1)
            .json();
        assert_eq!(answer["valid"], false);
        assert!(answer["reason"].is_string());
        assert!(
            folder
                .run(&["verify", "--vk", "model.vk", "bad.json"])
                .expect(1)
                .stdout
                .contains("INVALID")
        );
    }
}

#[test]
fn every_changed_byte_of_a_proof_is_noticed() {
    let folder = Folder::new();
    folder.set_up();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    let good = folder.read("model.zkproof");
    const HEADER: usize = 16;
    for at in (HEADER..good.len()).step_by(good.len() / 16) {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        folder.write("bad.zkproof", &bad);
        folder
            .run(&["verify", "--vk", "model.vk", "bad.zkproof"])
            .expect(1);
    }
    for len in [0, 3, HEADER, good.len() / 2, good.len() - 1] {
        folder.write("bad.zkproof", &good[..len]);
        folder
            .run(&["verify", "--vk", "model.vk", "bad.zkproof"])
            .expect(2)
            .says(&["bad.zkproof"]);
    }
}

#[test]
fn keys_of_another_model_give_no_answer() {
    let (folder, other) = (Folder::new(), Folder::new());
    folder.set_up();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    // The same architecture with another circuit, and the same model with another SRS.
    other
        .run(&[
            "compile",
            "model.onnx",
            "--calibrate",
            "calibration.json",
            "--params",
            "fixed",
        ])
        .expect(0);
    other.make_keys();
    let proven = other
        .run(&["prove", "model.zkml", "--input", "input.json", "--json"])
        .expect(0)
        .json();
    assert_eq!(proven["claim"]["fixed_params"], true);
    folder.write("other.vk", other.read("model.vk"));
    folder.write("other.pk", other.read("model.pk"));
    folder
        .run(&["verify", "--vk", "other.vk", "model.zkproof"])
        .expect(2)
        .says(&["another model"]);
    let prove = ["prove", "model.zkml", "--input", "input.json"];
    let before = folder.read("model.zkproof");
    let run = folder.run_in(&[&prove[..], &["--pk", "other.pk"]].concat(), &other.path("srs"));
    run.expect(2).says(&["another model"]);
    let srs = other.path("srs");
    folder.run_in(&prove, &srs).expect(2).says(&["--srs"]);
    assert_eq!(folder.read("model.zkproof"), before);
    folder
        .run_in(
            &["setup", "model.zkml", "--vk", "second.vk", "--pk", "second.pk"],
            &srs,
        )
        .expect(0);
    folder
        .run(&["verify", "--vk", "second.vk", "model.zkproof"])
        .expect(2)
        .says(&["other keys"]);
}

#[test]
fn inspect_knows_every_kind_of_file() {
    let folder = Folder::new();
    folder.set_up();
    folder
        .run(&["prove", "model.zkml", "--input", "input.json"])
        .expect(0);
    folder
        .run(&["prove", "model.zkml", "--input", "input.json", "-o", "proof.json"])
        .expect(0);
    folder
        .run(&["srs", "new", "-k", "5", "-o", "small.srs"])
        .expect(0);
    for (file, kind) in [
        ("model.onnx", "ONNX model"),
        ("model.zkml", "compiled model"),
        ("model.pk", "proving key"),
        ("model.vk", "verifying key"),
        ("model.circuit", "circuit"),
        ("model.zkproof", "proof"),
        ("proof.json", "proof"),
        ("small.srs", "SRS"),
    ] {
        assert_eq!(
            folder.run(&["inspect", file, "--json"]).expect(0).json()["kind"],
            kind
        );
        let text = folder.run(&["inspect", file]).expect(0).stdout;
        assert!(text.starts_with(kind), "{text}");
    }
    // The protocol of a key is the same line with and without --json; nothing else has one.
    let protocol = folder
        .run(&["inspect", "--protocol", "model.vk"])
        .expect(0)
        .stdout;
    let json = folder
        .run(&["inspect", "--protocol", "model.vk", "--json"])
        .expect(0);
    assert_eq!(json.stdout, protocol);
    let key = folder.run(&["inspect", "model.vk", "--json"]).expect(0).json();
    assert_eq!(json.json()["key_digest"], key["key_digest"]);
    folder
        .run(&["inspect", "--protocol", "model.zkproof"])
        .expect(2)
        .says(&["expected a verifying key"]);
    let listed = folder.run(&["srs", "list", "--json"]).expect(0).json();
    assert_eq!(listed[0]["standing"], "development");
}
