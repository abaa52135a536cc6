//! The small ones: a line for each.

use crate::data::root;
use crate::private_inference::site::{Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use zkml::advanced::{ArtifactKind, CircuitOptions, is_plain};
use zkml::commitments::ModelCommitment;
use zkml::{Circuit, CompiledModel, ParamVisibility, Proof, VerifyingKey};
use zkml_core::graph::{Graph, Node, NodeId, Op, Params, Port};
use zkml_core::ops::{ArgMax, Input, LinComb};
use zkml_network::{Engine, SealedAnswer, SignedManifest};

pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let zkml = zkml.map_err(|error| format!("{error:#}"));
    let found = || zkml.clone().map_err(anyhow::Error::msg);
    report.measure(
        Item::new("models with hidden weights: file mode", "0600, by all writers"),
        || modes(found()?),
    );
    report.measure(
        Item::new("texts from providers on a terminal", "0 invisible characters"),
        || texts(found()?),
    );
    report.measure(
        Item::new("values wider than their cells", "refused at compilation, by node"),
        too_wide,
    );
    report.measure(
        Item::new("soundness error, computed", "key = manifest = inspect, <= 2^-200"),
        || error_bound(found()?, workshop),
    );
    report.measure(
        Item::new(
            "golden artefacts of this version",
            "read, and written as they were",
        ),
        golden,
    );
}

fn zkml_in(folder: &Path, zkml: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(zkml);
    command.args(arguments).current_dir(folder);
    command
        .output()
        .with_context(|| format!("cannot start {}", zkml.display()))
}

/// A folder with a small model and data to calibrate it with.
fn folder() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let fixture = root().join("tests/models/gemm");
    std::fs::copy(fixture.join("network.onnx"), folder.path().join("model.onnx"))?;
    let data: Value = serde_json::from_slice(&std::fs::read(fixture.join("data.json"))?)?;
    let input = json!({ "input_data": data["inputs"][0] });
    std::fs::write(folder.path().join("input.json"), input.to_string())?;
    Ok(folder)
}

#[cfg(unix)]
fn modes(zkml: &Path) -> Result<Figure> {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder()?;
    let mut seen = Vec::new();
    let mut good = true;
    for (params, hidden) in [
        ("private", true),
        ("hashed", true),
        ("committed", true),
        ("fixed", false),
        ("public", false),
    ] {
        let arguments = [
            "compile",
            "model.onnx",
            "--calibrate",
            "input.json",
            "--params",
            params,
        ];
        let output = zkml_in(folder.path(), zkml, &arguments)?;
        ensure!(output.status.success(), "{output:?}");
        let mode = std::fs::metadata(folder.path().join("model.zkml"))?
            .permissions()
            .mode()
            & 0o777;
        good &= (mode == 0o600) == hidden;
        seen.push(format!("{params} {mode:o}"));
    }
    Ok(Figure::new(good, seen.join(", ")))
}

#[cfg(not(unix))]
fn modes(_zkml: &Path) -> Result<Figure> {
    anyhow::bail!("this system has no file modes")
}

/// Asks a service whose every word has characters that do not show.
fn texts(zkml: &Path) -> Result<Figure> {
    const HOSTILE: &str = "refused\u{202e}dilav si\u{200b} \u{1b}[2J\u{2066}valid\u{feff}";
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        let problem = json!({
            "type": HOSTILE, "title": HOSTILE, "status": 400, "code": HOSTILE, "detail": HOSTILE,
        });
        let listing = json!({ "models": [{ "digest": HOSTILE, "name": HOSTILE, "provider": HOSTILE }] });
        // The first exchange is refused, the next ones list models.
        let answers = std::iter::once(("400 Bad", problem)).chain(std::iter::repeat(("200 OK", listing)));
        for (stream, (status, body)) in listener.incoming().zip(answers) {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let body = body.to_string();
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    let folder = folder()?;
    let (mut hidden, mut shown) = (0, 0);
    for json in [&[][..], &["--json"], &["--json", "--model", "x"]] {
        let ask = ["ask", &url, "--input", "input.json"];
        let output = zkml_in(folder.path(), zkml, &[&ask[..], json].concat())?;
        ensure!(output.status.code() == Some(2), "{output:?}");
        let text = String::from_utf8([output.stdout, output.stderr].concat())?;
        shown += usize::from(text.contains(r"\u{202e}"));
        let lines = text.lines().flat_map(str::chars);
        hidden += lines.filter(|c| !is_plain(c.encode_utf8(&mut [0; 4]))).count();
    }
    Ok(Figure::new(
        hidden == 0 && shown == 3,
        format!("{hidden} in 3 hostile answers, escaped in {shown}"),
    ))
}

/// The first largest of two numbers times a power of two: the largest has cells of its own.
fn largest_of_wide(power: u32) -> Graph {
    let node = |name: &str, op, inputs: &[u32], shape: &[usize]| Node {
        name: name.to_owned(),
        op,
        inputs: inputs.iter().copied().map(NodeId).collect(),
        shape: shape.to_vec(),
        scale: 0,
    };
    let port = |name: &str, node| Port {
        name: name.to_owned(),
        node: NodeId(node),
        labels: Vec::new(),
    };
    let wide = Op::LinComb(LinComb {
        coefficients: vec![1 << power],
        constant: 0,
    });
    Graph {
        lane_bits: 12,
        nodes: vec![
            node("x", Op::Input(Input { limbs: 2 }), &[], &[1, 2]),
            node("wide", wide, &[0], &[1, 2]),
            node("index", Op::ArgMax(ArgMax { axis: 1, limbs: 1 }), &[1], &[1, 1]),
        ],
        params: Vec::new(),
        inputs: vec![port("x", 0)],
        outputs: vec![port("index", 2)],
    }
}

fn too_wide() -> Result<Figure> {
    let compile = |power| {
        CompiledModel::from_graph(
            largest_of_wide(power),
            Params::default(),
            CircuitOptions::default(),
        )
    };
    // What fits has its place for the widest values.
    let fits = compile(36)?;
    let least = zkml::FloatTensor::from_elem(vec![1, 2], -(2f32.powi(23)));
    let filled = fits.halo2_circuit(&[least]).is_ok();
    let error = compile(37).err().context("values of 61 bits have cells of 60")?;
    let text = error.to_string();
    let named = text.contains("'wide'") && text.contains("60 bits") && text.contains("61");
    Ok(Figure::new(
        filled && named,
        format!("60 bits filled: {filled}; 61: {text}"),
    ))
}

/// The bound of the MNIST MLP, by its key, its manifest, and the command line.
fn error_bound(zkml: &Path, workshop: &mut Workshop) -> Result<Figure> {
    let site = Site::new()?;
    let offer = site.publish(workshop, Subject::mlp()?, &bound(ParamVisibility::Committed))?;
    let key = offer.published().key().layout().error_bits;
    let manifest = offer.prover.manifest().body().error_bits;
    let inspect = |file: &str, field: &str| -> Result<u64> {
        let output = zkml_in(site.path(), zkml, &["inspect", file, "--json"])?;
        let json: Value = serde_json::from_slice(&output.stdout)?;
        let found = &json[field]["error_bits"];
        found
            .as_u64()
            .with_context(|| format!("{file}: expected a bound, found {found}"))
    };
    let shown = [
        inspect("mlp.zkml", "circuit")?,
        inspect("mlp.vk", "circuit")?,
        inspect("mlp.manifest.json", "manifest")?,
    ];
    Ok(Figure::new(
        key == manifest && key >= 200 && shown.iter().all(|bits| *bits == u64::from(key)),
        format!("2^-{key}; manifest 2^-{manifest}; inspect {shown:?}"),
    ))
}

/// Reads the repository's golden artefacts, and writes them again.
fn golden() -> Result<Figure> {
    let folder = root().join("tests/fixtures/golden");
    let mut same = 0;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let bytes = std::fs::read(&path)?;
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let again = match extension {
            "zkml" => CompiledModel::from_bytes(&bytes)?.to_bytes()?,
            "circuit" => Circuit::from_bytes(&bytes)?.to_bytes()?,
            "vk" => VerifyingKey::from_bytes(&bytes)?.to_bytes()?,
            "zkproof" => Proof::from_bytes(&bytes)?.to_bytes(),
            "commitment" => ModelCommitment::from_bytes(&bytes)?.to_bytes(),
            "json" if path.ends_with("manifest.json") => SignedManifest::from_json(&bytes)?.to_json()?,
            "json" if path.ends_with("answer.json") => SealedAnswer::from_json(&bytes)?.to_json()?,
            _ => continue,
        };
        same += usize::from(again == bytes);
        names.push(extension.to_owned());
    }
    names.sort();
    let versions = [
        ArtifactKind::CompiledModel,
        ArtifactKind::VerifyingKey,
        ArtifactKind::Proof,
    ]
    .map(|kind| format!("{kind} {}", kind.version()));
    Ok(Figure::new(
        same == names.len() && same >= 4,
        format!(
            "{same} of {}: {}; {}",
            names.len(),
            names.join(", "),
            versions.join(", ")
        ),
    ))
}
