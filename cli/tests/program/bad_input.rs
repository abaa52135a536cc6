//! Bad input: exit code 2, a message that says what is wrong, nothing overwritten.

use crate::folder::Folder;
use serde_json::json;

#[test]
fn bad_models_are_refused() {
    let folder = Folder::new();
    let good = folder.read("model.onnx");
    folder.write("model.zkml", "the old file");
    for bad in [&good[..good.len() / 2], b"", b"not a model", b"\xff\xff\xff\xff"] {
        folder.write("bad.onnx", bad);
        let run = folder.run(&["compile", "bad.onnx", "--calibrate", "random", "-o", "model.zkml"]);
        run.expect(2).says(&["bad.onnx"]);
        folder.run(&["inspect", "bad.onnx"]).expect(2);
    }
    folder
        .run(&["setup", "model.zkml"])
        .expect(2)
        .says(&["model.zkml", "ZKML"]);
    assert_eq!(folder.read("model.zkml"), b"the old file");
}

#[test]
fn calibration_data_must_fit() {
    let folder = Folder::new();
    folder.write_json("short.json", &json!({ "input_data": [[1, 2, 3]] }));
    let run = folder
        .run(&["compile", "model.onnx", "--calibrate", "short.json"])
        .expect(2);
    run.says(&["short.json", "[2, 5]", "[3]"]);
    folder
        .run(&["compile", "model.onnx", "--calibrate", "data.csv"])
        .expect(2)
        .says(&[".npy", ".csv"]);
    let run = folder.run(&[
        "compile",
        "model.onnx",
        "--calibrate",
        "calibration.json",
        "--lane-bits",
        "40",
    ]);
    run.expect(2).says(&["8 to 16"]);
    let run = folder.run(&[
        "compile",
        "model.onnx",
        "--calibrate",
        "calibration.json",
        "--accuracy",
        "1e-12",
    ]);
    run.expect(2).says(&["accuracy"]);
    assert!(!folder.names().contains(&"model.zkml".to_owned()));
}

#[test]
fn inputs_must_fit() {
    let folder = Folder::new();
    folder.compile();
    let mut row = vec![json!(0.25); 10];
    let inputs = [
        (
            "shape.json",
            json!({ "input_data": [vec![0.5; 9]] }),
            &["[2, 5]", "[9]"][..],
        ),
        ("count.json", json!({ "input_data": [row, row] }), &["input"]),
        ("text.json", json!({ "input_data": [["a"]] }), &["numbers"]),
        ("key.json", json!({ "data": [row] }), &["input_data"]),
        (
            "range.json",
            json!({ "input_data": [vec![1e6; 10]] }),
            &["1000000", "--saturate"],
        ),
        (
            "large.json",
            json!({ "input_data": [vec![1e300; 10]] }),
            &["finite", "inf"],
        ),
    ];
    for (name, content, words) in inputs {
        folder.write_json(name, &content);
        folder
            .run(&["prove", "model.zkml", "--input", name])
            .expect(2)
            .says(words);
        folder
            .run(&["mock", "model.zkml", "--input", name])
            .expect(2)
            .says(words);
    }
    row[3] = json!(null);
    folder.write_json("null.json", &json!({ "input_data": [row] }));
    folder
        .run(&["mock", "model.zkml", "--input", "null.json"])
        .expect(2)
        .says(&["null"]);
    let mut npy =
        b"\x93NUMPY\x01\x00\x3e\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5), }  \n".to_vec();
    for value in [0.0, 0.0, f32::NAN].into_iter().chain([0.0; 7]) {
        npy.extend_from_slice(&value.to_le_bytes());
    }
    folder.write("nan.npy", &npy);
    folder
        .run(&["mock", "model.zkml", "--input", "nan.npy"])
        .expect(2)
        .says(&["nan.npy", "NaN", "position 2"]);
    folder.write("cut.npy", &npy[..npy.len() - 1]);
    folder
        .run(&["mock", "model.zkml", "--input", "cut.npy"])
        .expect(2)
        .says(&["cut.npy", "40", "39"]);
    let run = folder
        .run(&["mock", "model.zkml", "--input", "calibration.json"])
        .expect(2);
    run.says(&["--index"]);
    folder
        .run(&[
            "mock",
            "model.zkml",
            "--input",
            "calibration.json",
            "--index",
            "1",
        ])
        .expect(0);
    folder
        .run(&[
            "mock",
            "model.zkml",
            "--input",
            "calibration.json",
            "--index",
            "99",
        ])
        .expect(2)
        .says(&["99"]);
}

#[test]
fn saturating_models_take_every_finite_input() {
    let folder = Folder::new();
    folder
        .run(&[
            "compile",
            "model.onnx",
            "--calibrate",
            "calibration.json",
            "--saturate",
        ])
        .expect(0);
    folder.write_json("range.json", &json!({ "input_data": [vec![1e6; 10]] }));
    folder
        .run(&["mock", "model.zkml", "--input", "range.json"])
        .expect(0);
}

#[test]
fn damaged_files_are_refused_and_results_kept() {
    let folder = Folder::new();
    folder.set_up();
    let prove = ["prove", "model.zkml", "--input", "input.json"];
    folder.run(&prove).expect(0);
    let (proof, names) = (folder.read("model.zkproof"), folder.names());
    for (file, words) in [
        ("model.zkml", &["model.zkml", "compiled model"][..]),
        ("model.pk", &["model.pk", "proving key"]),
        ("model.vk", &["model.vk", "verifying key"]),
    ] {
        let good = folder.read(file);
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        for bad in [
            &good[..good.len() / 2],
            &good[..7],
            b"",
            &flipped,
            &[&good[..], b"more"].concat(),
        ] {
            folder.write(file, bad);
            let run = match file {
                "model.vk" => folder.run(&["verify", "--vk", "model.vk", "model.zkproof"]),
                _ => folder.run(&prove),
            };
            run.expect(2).says(words);
        }
        folder.write(file, good);
    }
    // The right kind of file in the wrong place.
    folder
        .run(&["prove", "model.zkml", "--input", "input.json", "--pk", "model.vk"])
        .expect(2)
        .says(&["expected a proving key"]);
    folder
        .run(&["verify", "--vk", "model.zkproof", "model.vk"])
        .expect(2)
        .says(&["expected a verifying key"]);
    folder
        .run(&["verify", "--vk", "model.vk", "model.pk"])
        .expect(2)
        .says(&["expected a proof"]);
    assert_eq!(folder.read("model.zkproof"), proof);
    assert_eq!(folder.names(), names, "no temporary files are left");
}

#[test]
fn a_small_or_damaged_srs_is_refused() {
    let folder = Folder::new();
    folder.compile();
    folder
        .run(&["srs", "new", "-k", "5", "-o", "small.srs"])
        .expect(0);
    let setup = ["setup", "model.zkml", "--srs", "small.srs"];
    folder.run(&setup).expect(2).says(&["too small", "zkml srs"]);
    let good = folder.read("small.srs");
    folder.write("small.srs", &good[..good.len() / 2]);
    folder.run(&setup).expect(2).says(&["small.srs", "truncated"]);
    folder
        .run(&["srs", "import", "small.srs"])
        .expect(2)
        .says(&["small.srs"]);
    assert!(
        !folder
            .names()
            .iter()
            .any(|name| name.ends_with("pk") || name.ends_with("vk"))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::new();
    folder.set_up();
    let full = "/dev/full";
    let runs: [&[&str]; 4] = [
        &[
            "compile",
            "model.onnx",
            "--calibrate",
            "calibration.json",
            "-o",
            full,
        ],
        &["setup", "model.zkml", "--vk", full],
        &["prove", "model.zkml", "--input", "input.json", "-o", full],
        &["srs", "new", "-k", "5", "-o", full],
    ];
    for arguments in runs {
        folder.run(arguments).expect(2).says(&[full, "No space left"]);
    }
}
