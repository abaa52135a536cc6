//! Traffic, database and logs of real processes, searched for the bytes that they must not hold.

use super::clients::{Exchange, PATIENCE, exchange};
use super::encoded;
use super::processes::{Plan, free_port};
use super::site::{Offer, Site, Subject, bound};
use super::wiretap::Wiretap;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use zkml::ParamVisibility;
use zkml_network::Client;
use zkml_testing::postgres::Postgres;

const REQUESTS: usize = 5;
/// Bytes of a needle.
const NEEDLE: usize = 16;

/// Asks LeNet-5 with committed weights about hashed digits.
pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let item = |database: &str| {
        Item::new(
            format!("{database}: no secret in traffic, files, logs"),
            "0 found of inputs, weights, salts, keys",
        )
    };
    let prepared = zkml.and_then(|zkml| {
        let site = Site::new()?;
        let offer = site.publish(workshop, Subject::digits()?, &bound(ParamVisibility::Committed))?;
        Ok((zkml, site, offer))
    });
    let (zkml, site, offer) = match prepared {
        Ok(all) => all,
        Err(error) => {
            return report.measure_all(vec![item("SQLite"), item("PostgreSQL")], || Err(error));
        }
    };
    let sqlite = site.path().join("queue.db");
    report.measure(item("SQLite"), || {
        let url = format!("sqlite:{}", sqlite.display());
        let stored = || {
            let files = ["queue.db", "queue.db-wal", "queue.db-shm"];
            Ok(files
                .map(|f| fs::read(site.path().join(f)).unwrap_or_default())
                .concat())
        };
        measure(zkml, &site, &offer, &url, stored)
    });
    match Postgres::start() {
        Ok(server) => report.measure(item("PostgreSQL"), || {
            let url = server.database("secrecy").map_err(anyhow::Error::msg)?;
            // The files hold what the server compressed; the dump holds it in full.
            let stored = || {
                let dump = server.dump("secrecy").map_err(anyhow::Error::msg)?;
                Ok([content(server.data())?, dump].concat())
            };
            measure(zkml, &site, &offer, &url, stored)
        }),
        Err(reason) => report.not_run(&[item("PostgreSQL")], &reason),
    }
}

fn measure(
    zkml: &Path,
    site: &Site,
    offer: &Offer,
    database: &str,
    stored: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<Figure> {
    let plan = Plan {
        zkml,
        site,
        offer,
        database,
        log: "trace",
    };
    let port = free_port()?;
    let service = plan.serve(port, 1)?;
    let tap = Wiretap::new(port)?;
    let client = Client::new(&format!("http://127.0.0.1:{}", tap.port), PATIENCE);
    let exchanges = (0..REQUESTS)
        .map(|i| exchange(&client, offer, i))
        .collect::<Result<Vec<_>>>()?;
    client.published(client.manifest(offer.published().manifest().digest())?)?;
    for exchange in &exchanges {
        exchange.check(offer.published())?;
    }
    let stored = stored()?;
    let log = fs::read(&service.log)?;
    drop(service);

    let needles = needles(offer, &exchanges, site)?;
    let places = [("traffic", tap.bytes()), ("database", stored), ("log", log)];
    let mut found = Vec::new();
    let mut searched = 0;
    for (place, bytes) in places {
        let bytes = &encoded::unfold(bytes);
        let id = exchanges[0].request.header().request_id.to_string();
        // What is there is found: every place names the request.
        let key = id.as_bytes()[..NEEDLE].to_vec();
        let proof = HashMap::from([(key, "id")]);
        ensure!(
            !search(bytes, &proof).is_empty(),
            "the {place} does not name the request"
        );
        searched += bytes.len();
        found.extend(
            search(bytes, &needles)
                .into_iter()
                .map(|what| format!("{what} in the {place}")),
        );
    }
    found.sort();
    found.dedup();
    Ok(Figure::new(
        found.is_empty(),
        format!(
            "{} of {} byte strings in {} MB{}",
            found.len(),
            needles.len(),
            searched / 1_000_000,
            found.iter().map(|f| format!("; {f}")).collect::<String>()
        ),
    ))
}

type Needles = HashMap<Vec<u8>, &'static str>;

/// Bytes that must not show, in the forms that they have in memory and in files.
fn needles(offer: &Offer, exchanges: &[Exchange], site: &Site) -> Result<Needles> {
    let mut needles = Needles::new();
    let mut add = |what: &'static str, bytes: &[u8]| {
        // Runs of zeros and the like are everywhere.
        for window in bytes.chunks_exact(NEEDLE) {
            let mut kinds: Vec<u8> = window.to_vec();
            kinds.sort_unstable();
            kinds.dedup();
            if kinds.len() >= 6 {
                needles.insert(window.to_vec(), what);
            }
        }
    };
    for (index, exchange) in exchanges.iter().enumerate() {
        for integers in exchange.request.inputs() {
            let bytes: Vec<u8> = integers.iter().flat_map(|q| q.to_le_bytes()).collect();
            add("input as integers", &bytes);
            let bytes: Vec<u8> = integers.iter().flat_map(|q| (*q as i16).to_le_bytes()).collect();
            add("input as short integers", &bytes);
            let text = integers.iter().map(ToString::to_string).collect::<Vec<_>>();
            add("input in decimal", text.join(",").as_bytes());
            add("input in decimal", text.join(", ").as_bytes());
        }
        for tensor in &offer.inputs[index] {
            let bytes: Vec<u8> = tensor.iter().flat_map(|x| x.to_le_bytes()).collect();
            add("input as floats", &bytes);
        }
        for salt in exchange.request.salts() {
            add("salt", &salt.to_bytes());
            add("salt in hex", hex::encode(salt.to_bytes()).as_bytes());
        }
    }
    // The files of the provider: weights as floats, weights as integers, secrets.
    let onnx = fs::read(Subject::digits()?.onnx)?;
    add("weights as floats", &onnx[onnx.len() / 4..onnx.len() * 3 / 4]);
    let compiled = fs::read(offer.manifest.with_file_name("lenet5.zkml"))?;
    add(
        "weights as integers",
        &compiled[compiled.len() / 4..compiled.len() * 3 / 4],
    );
    let secret = fs::read(offer.manifest.with_file_name("lenet5.secret"))?;
    // Header and checksum frame the 32 bytes that matter.
    add("secret of the commitment", &secret[16..48]);
    let keys: serde_json::Value = serde_json::from_slice(&fs::read(site.path().join("provider.keys"))?)?;
    for field in ["signing", "sealing"] {
        let text = keys[field].as_str().unwrap_or_default();
        ensure!(
            text.len() == 64,
            "expected a key of 64 hex digits in the key file"
        );
        add("provider's key in hex", text.as_bytes());
        add("provider's key", &hex::decode(text)?);
    }
    Ok(needles)
}

/// Which needles occur.
fn search<'a>(bytes: &[u8], needles: &'a HashMap<Vec<u8>, &'static str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = bytes
        .windows(NEEDLE)
        .filter_map(|window| needles.get(window).copied())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Everything in a folder.
fn content(folder: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => all.extend(content(&path)?),
            // Files come and go while a server runs.
            false => all.extend(fs::read(&path).unwrap_or_default()),
        }
    }
    Ok(all)
}
