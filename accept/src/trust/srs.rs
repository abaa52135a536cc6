//! SRS that are named by the ceremony that made them.

use super::cli::Cli;
use crate::data::{asset, root};
use crate::report::{Figure, Item, Report};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;
use zkml::Srs;
use zkml::ceremony::Ceremony;

/// The package whose README lists the hashes of the ceremony's files.
const SOURCE: &str = "snarkjs@0.7.6";
/// The words for an SRS of which nothing is known.
const UNKNOWN: &str = "unknown: whoever made it can forge";

pub fn run(zkml: Result<&Path>, report: &mut Report) {
    let table = Item::new("srs: table of known files against its source", "equal, 21 files");
    match Command::new("npm").arg("--version").output() {
        Ok(_) => report.measure(table, against_source),
        Err(_) => report.not_run(&[table], "npm is not there"),
    }
    let items = [
        ("srs: new, exported and imported: import", "unknown"),
        ("srs: the same: setup", "unknown"),
        ("srs: the same: verify", "unknown"),
        ("srs: the same: inspect of key and SRS", "unknown"),
        ("srs: the same: ask and validate", "unknown"),
        ("srs: the same with --require-srs ceremony", "5 of 5: exit code 2"),
        ("srs: a .ptau that snarkjs made", "unknown"),
        ("srs: that file under a ceremony's name", "exit code 2"),
    ];
    let items = items.map(|(name, bar)| Item::new(name, bar)).to_vec();
    report.measure_all(items, || unknown(zkml?));
}

/// Downloads the source, and compares every line of the table with it.
fn against_source() -> Result<Figure> {
    let folder = tempfile::tempdir()?;
    let packed = Command::new("npm")
        .args(["pack", "--silent", SOURCE])
        .current_dir(folder.path())
        .output()?;
    ensure!(
        packed.status.success(),
        "npm pack {SOURCE}: {}",
        String::from_utf8_lossy(&packed.stderr)
    );
    let archive = String::from_utf8(packed.stdout)?;
    let unpacked = Command::new("tar")
        .args(["xzf", archive.trim()])
        .current_dir(folder.path())
        .status()?;
    ensure!(
        unpacked.success(),
        "expected an archive that tar unpacks, found another"
    );
    let text = std::fs::read_to_string(folder.path().join("package/README.md"))?;
    // | power | constraints | [name](address) | hash |
    let listed: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [_, _, _, link, hash, _] = cells[..] else {
                return None;
            };
            let (name, _) = link.strip_prefix('[')?.split_once(']')?;
            Some((name, hash))
        })
        .collect();
    let ceremony = Ceremony::named("hermez").context("the ceremony hermez is built in")?;
    let ours: Vec<(&str, &str)> = ceremony.files().collect();
    let text = format!("{} files here, {} in {SOURCE}", ours.len(), listed.len());
    Ok(Figure::new(ours == listed && ours.len() == 21, text))
}

fn is(value: &serde_json::Value, what: &str) -> Figure {
    Figure::new(value == "unknown", format!("{what}: {value}"))
}

/// An SRS whose secret this machine knew, in the clothes of an imported one.
fn unknown(zkml: &Path) -> Result<Vec<Figure>> {
    let cli = Cli::new(zkml)?;
    let file = |name: &str| cli.folder().join(name);
    let onnx = asset("mnist_mlp.onnx");
    let digits = asset("mnist_digits.npz");
    let images = format!("{}:images", digits.display());
    let compile = [
        "compile",
        onnx.to_str().context("a path in UTF-8")?,
        "--calibrate",
        &images,
        "--pixel-scale",
        "1/255",
        "--batch",
        "1",
        "--input",
        "hashed",
        "--params",
        "fixed",
        "--context",
        "request",
        "-o",
        "mlp.zkml",
    ];
    cli.json(&compile)?;
    let k = &cli.json(&["inspect", "mlp.zkml"])?["circuit"]["k"];
    // halo2's raw parameters lack the power that hides the quotient of proofs of their size: they serve half of it.
    let k = (k.as_u64().context("inspect tells no k")? + 1).to_string();
    // Another machine, which made it and knows so.
    let maker = Cli::new(zkml)?;
    let made = maker.json(&["srs", "new", "-k", &k, "-o", "made.srs"])?;
    ensure!(
        made["standing"] == "development",
        "srs new: expected an SRS for development, found {}",
        made["standing"]
    );
    let srs = Srs::load(&maker.folder().join("made.srs"))?;
    std::fs::write(file("made.raw"), srs.to_raw_bytes()?)?;

    let imported = cli.json(&["srs", "import", "made.raw"])?;
    let keys = cli.run(&["setup", "mlp.zkml", "--json"])?;
    ensure!(keys.code == Some(0), "setup: {}", keys.stderr);
    let warned = keys.stderr.contains(UNKNOWN);
    let keys: serde_json::Value = serde_json::from_str(&keys.stdout)?;
    cli.json(&["keys", "new", "provider.keys"])?;
    cli.json(&["publish", "mlp.zkml", "--keys", "provider.keys"])?;
    let input = format!("{images}[0]");
    let ask = [
        "ask",
        "--local",
        "mlp.manifest.json",
        "--input",
        &input,
        "--pixel-scale",
        "1/255",
    ];
    let asked = cli.json(&ask)?;
    let verify = ["verify", "--vk", "mlp.vk", "answer.zkproof"];
    let verified = cli.json(&verify)?;
    let validate = [
        "validate",
        "answer.zkproof",
        "--manifest",
        "mlp.manifest.json",
        "--vk",
        "mlp.vk",
    ];
    let validated = cli.run(&validate)?;
    let found = validated.code == Some(0) && validated.stderr.contains(UNKNOWN);
    let cached = cli.json(&["srs", "list"])?[0]["file"]
        .as_str()
        .context("a file")?
        .to_owned();
    let inspected = [
        cli.json(&["inspect", "mlp.vk"])?["srs_standing"].clone(),
        cli.json(&["inspect", &cached])?["standing"].clone(),
    ];

    let setup = ["setup", "mlp.zkml"];
    let check = ["key", "check", "--vk", "mlp.vk", "--circuit", "mlp.circuit"];
    let all = [&setup[..], &verify, &validate, &ask, &check];
    let mut refused = 0;
    for command in all {
        let run = cli.run(&[command, &["--require-srs", "ceremony"]].concat())?;
        let said =
            run.stderr.contains("expected the SRS of a known ceremony") && run.stderr.contains(UNKNOWN);
        refused += usize::from(run.code == Some(2) && said);
    }

    let fixture = root().join("tests/fixtures/power6.ptau");
    let ptau = cli.json(&["srs", "import", fixture.to_str().context("a path in UTF-8")?])?;
    std::fs::copy(&fixture, file("powersOfTau28_hez_final_08.ptau"))?;
    let posing = cli.refused(
        &["srs", "import", "powersOfTau28_hez_final_08.ptau"],
        &[
            "not the file powersOfTau28_hez_final_08.ptau of the ceremony hermez",
            "Blake2b-512",
        ],
    )?;
    Ok(vec![
        is(&imported["standing"], "standing"),
        is(&keys["srs_standing"], "srs_standing").and(warned, "a warning"),
        is(&verified["claim"]["srs_standing"], "srs_standing"),
        Figure::new(
            inspected.iter().all(|found| found == "unknown"),
            format!("{inspected:?}"),
        ),
        is(&asked["srs_standing"], "srs_standing").and(found, "validate warns"),
        Figure::new(refused == all.len(), format!("{refused} of {}", all.len())),
        is(&ptau["standing"], "standing"),
        posing,
    ])
}
