//! Refusals of models with hidden weights, identities of requesters, and what hostile services say.

use crate::folder::{Folder, Run};
use crate::network::Served;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A model with committed weights that refuses some inputs, and the provider's keys.
fn refusing() -> Folder {
    let folder = Folder::new();
    let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
    let hidden = [
        "--input",
        "hashed",
        "--params",
        "committed",
        "--context",
        "request",
    ];
    folder.run(&[&compile[..], &hidden].concat()).expect(0);
    folder.make_keys();
    folder.run(&["keys", "new", "provider.keys"]).expect(0);
    folder
}

const PUBLISH: [&str; 6] = [
    "publish",
    "model.zkml",
    "--keys",
    "provider.keys",
    "--name",
    "gemm",
];

#[test]
fn a_model_that_refuses_is_published_where_it_is_allowed_and_tells_nothing() {
    let folder = refusing();
    folder
        .run(&PUBLISH)
        .expect(2)
        .says(&["committed weights", "--saturate", "--allow-refusals"]);
    assert!(!folder.names().contains(&"model.manifest.json".to_owned()));
    let allow = [&PUBLISH[..], &["--allow-refusals"]].concat();
    folder.run(&allow).expect(0).says(&["may refuse an input"]);
    let inspected = folder.run(&["inspect", "model.manifest.json"]).expect(0);
    assert!(
        inspected.stdout.contains("which tells about its weights"),
        "{inspected:?}"
    );
    let manifest = folder
        .run(&["inspect", "model.manifest.json", "--json"])
        .expect(0)
        .json();
    assert_eq!(manifest["manifest"]["may_refuse"], true);

    // The ends of the input's range, with every pattern of signs that the weights of an output can have.
    let schema = &manifest["manifest"]["inputs"][0];
    let (bits, scale) = (
        schema["bits"].as_i64().unwrap(),
        schema["scale"].as_i64().unwrap(),
    );
    let least = -f64::powi(2.0, (bits - 1 - scale) as i32);
    let most = -least - f64::powi(2.0, -scale as i32);
    let served = Served::new(&folder);
    let texts: Vec<String> = (0..32u32)
        .filter_map(|signs| {
            let end = |i: u32| match signs >> i & 1 {
                0 => most,
                _ => least,
            };
            let row: Vec<f64> = (0..5).map(end).collect();
            let rows = [row.clone(), row].concat();
            folder.write_json("hostile.json", &json!({ "input_data": [rows] }));
            let ask = [
                "ask",
                &served.url,
                "--model",
                &served.digest,
                "--input",
                "hostile.json",
            ];
            let run = folder.run(&ask).says(&["may refuse an input"]);
            (run.code != Some(0)).then(|| refusal(run))
        })
        .take(3)
        .collect();
    assert!(!texts.is_empty(), "no input was refused");
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(texts[0].contains("does not take this input"), "{texts:?}");
    assert!(!texts[0].contains(|c: char| c.is_ascii_digit()), "{texts:?}");
}

/// The line that says why there is no answer.
fn refusal(run: Run) -> String {
    let run = run.expect(2);
    let line = run.stderr.lines().find(|line| line.starts_with("error: "));
    line.unwrap_or_else(|| panic!("{run:?}")).to_owned()
}

#[test]
fn requesters_are_known_by_their_identities() {
    let folder = refusing();
    folder
        .run(&[&PUBLISH[..], &["--allow-refusals"]].concat())
        .expect(0);
    let new = folder
        .run(&["identity", "new", "me.identity", "--json"])
        .expect(0)
        .json();
    let shown = folder
        .run(&["identity", "show", "me.identity", "--json"])
        .expect(0)
        .json();
    assert_eq!(new, shown);
    folder.run(&["identity", "new", "me.identity"]).expect(2);
    let key = new["identity"].as_str().unwrap();
    folder.write("requesters", format!("{key} 1/day # me\n"));

    let serve = ["--requesters", "requesters"];
    let served = Served::with(&folder, &serve);
    let ask = |rest: &[&str]| {
        let base = [
            "ask",
            &served.url,
            "--model",
            &served.digest,
            "--input",
            "input.json",
        ];
        folder.run(&[&base[..], rest].concat())
    };
    ask(&[])
        .expect(2)
        .says(&["403", "zkml identity show", "--identity"]);
    let signed = ["--identity", "me.identity"];
    ask(&signed).expect(0);
    ask(&signed)
        .expect(2)
        .says(&["429", "1 in each day", "try again in"]);
    // What is read is not written over.
    ask(&["--identity", "me.identity", "-o", "me.identity"])
        .expect(2)
        .says(&["this file is read"]);
    folder.write("requesters", format!("{key} many\n"));
    folder
        .run(&[
            "serve",
            "model.manifest.json",
            "--keys",
            "provider.keys",
            "--requesters",
            "requesters",
        ])
        .expect(2)
        .says(&["list of requesters", "line 1", "100/day"]);
}

/// Answers every request with a problem whose words are not what they seem.
fn hostile() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let problem = json!({
                "type": "x", "title": "x", "status": 400, "code": "co\u{200b}de",
                "detail": "refused\u{202e}dilav si\n\u{1b}[2Jvalid \u{2066}proof",
            });
            let body = problem.to_string();
            let _ = write!(
                stream,
                "HTTP/1.1 400 Bad\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    url
}

#[test]
fn what_services_say_shows_as_what_it_is() {
    let folder = Folder::new();
    let url = hostile();
    for json in [&[][..], &["--json"]] {
        let ask = ["ask", &url, "--input", "input.json"];
        let run = folder.run(&[&ask[..], json].concat()).expect(2);
        let text = run.says(&[r"refused\u{202e}dilav si\n\u{1b}[2Jvalid \u{2066}proof"]);
        assert!(
            !text
                .stderr
                .contains(['\u{202e}', '\u{1b}', '\u{2066}', '\u{200b}']),
            "{text:?}"
        );
    }
}

/// What a compiled model's file holds is for its owner where weights are hidden.
#[cfg(unix)]
#[test]
fn files_with_hidden_weights_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    folder.write("ordinary", "x");
    for (params, hidden) in [
        ("private", true),
        ("hashed", true),
        ("committed", true),
        ("fixed", false),
        ("public", false),
    ] {
        let compile = ["compile", "model.onnx", "--calibrate", "calibration.json"];
        folder
            .run(&[&compile[..], &["--params", params]].concat())
            .expect(0);
        let expected = if hidden { 0o600 } else { mode("ordinary") };
        assert_eq!(mode("model.zkml"), expected, "{params}");
        // It may replace one that everyone could read.
        std::fs::set_permissions(folder.path("model.zkml"), PermissionsExt::from_mode(0o644)).unwrap();
    }
}
