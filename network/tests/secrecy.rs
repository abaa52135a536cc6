//! Nothing that is sealed shows in the log, in the database, or on the wire. Its own program: the
//! log of all code that runs in it is captured, at the most talkative level.

mod common;

use common::engine::Fake;
use common::provider::Provider;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use zkml_network::{Asked, Client, Error, Outcome, PendingRequest, ProviderKeys, ServiceOptions, unix_now};
use zkml_testing::postgres::Postgres;

const PATIENCE: Duration = Duration::from_secs(20);
/// Integers whose bytes and digits occur by no accident.
const INPUT: [i64; 3] = [0x12_3456_789a, 0x23_4567_89ab, -0x34_5678_9abc];
/// What the model says about the input.
const EXPLANATION: &str = "an explanation for the eyes of the user";

/// Bytes that anyone may append to.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Passes connections on to a server and keeps what goes both ways.
fn wiretap(server: String) -> (String, Captured) {
    let captured = Captured::default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let all = captured.clone();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&server).unwrap();
            let ends = [
                (client.try_clone().unwrap(), server.try_clone().unwrap()),
                (server, client),
            ];
            for (mut from, mut to) in ends {
                let mut captured = all.clone();
                thread::spawn(move || {
                    let mut buffer = [0; 4096];
                    while let Ok(count @ 1..) = from.read(&mut buffer) {
                        captured.write_all(&buffer[..count]).unwrap();
                        if to.write_all(&buffer[..count]).is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    (url, captured)
}

/// The forms that a secret could show in.
fn forms(request: &PendingRequest, keys: &ProviderKeys) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms: Vec<(&'static str, Vec<u8>)> = Vec::new();
    for value in INPUT {
        forms.push(("input, little-endian", value.to_le_bytes().to_vec()));
        forms.push(("input, big-endian", value.to_be_bytes().to_vec()));
        forms.push(("input, decimal", value.unsigned_abs().to_string().into_bytes()));
        forms.push(("input, hex", format!("{:x}", value.unsigned_abs()).into_bytes()));
        forms.push(("input, as a double", (value as f64).to_le_bytes().to_vec()));
    }
    let salt = request.salts()[0].to_bytes();
    for (name, secret) in [
        ("salt", &salt[..]),
        ("provider's secret", &keys.sealing().to_bytes()[..]),
    ] {
        forms.push((name, secret.to_vec()));
        forms.push((name, hex::encode(secret).into_bytes()));
        forms.push((name, secret.iter().rev().copied().collect()));
    }
    forms.push(("explanation", EXPLANATION.as_bytes().to_vec()));
    forms
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Everything in a folder, whatever it is called.
fn content(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path().is_dir() {
            true => all.extend(content(&entry.path())),
            false => all.extend(std::fs::read(entry.path()).unwrap_or_default()),
        }
    }
    all
}

#[test]
fn nothing_sealed_shows_anywhere() {
    let log = Captured::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer({
            let log = log.clone();
            move || log.clone()
        })
        .init();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.db");
    check(&format!("sqlite:{}", file.display()), folder.path(), &log);

    match Postgres::start() {
        Ok(server) => check(&server.database("secrecy").unwrap(), server.data(), &log),
        Err(reason) => eprintln!("not run on PostgreSQL: {reason}"),
    }
}

/// Has requests answered, refused and failed over a database, and looks for what they hide.
fn check(database: &str, files: &Path, log: &Captured) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = ProviderKeys::generate().unwrap();
    let provider = runtime.block_on(Provider::start(
        database,
        keys.clone(),
        |manifest| {
            Fake::new(manifest, Duration::from_millis(20), |_, attempt| match attempt {
                1 => Err(Error::Service {
                    action: "prove",
                    reason: "no luck".to_owned(),
                }),
                _ => Ok(EXPLANATION.to_owned()),
            })
        },
        2,
        ServiceOptions::default(),
    ));
    let (url, traffic) = wiretap(provider.url.trim_start_matches("http://").to_owned());
    let asked = Asked {
        inputs: vec![INPUT.to_vec()],
        expiry: unix_now() + 600,
        evm: None,
        identity: None,
    };
    let request = PendingRequest::new(&provider.manifest, asked).unwrap();
    let client = Client::new(&url, PATIENCE);
    client.submit(&request).unwrap();
    let id = request.header().request_id;
    let answer = client.wait(&id, PATIENCE, |_| Ok(())).unwrap();
    match request.open(&provider.manifest, &answer).unwrap() {
        Outcome::Refusal(refusal) => assert_eq!(refusal.to_string(), EXPLANATION),
        Outcome::Answer(_) => panic!("a fake proves nothing"),
    }
    let stored = content(files);
    runtime.block_on(provider.stop());

    let (log, traffic) = (log.0.lock().unwrap().clone(), traffic.0.lock().unwrap().clone());
    // The search finds what does show.
    let shown = id.to_string().into_bytes();
    for (place, bytes) in [("log", &log), ("traffic", &traffic), ("database", &stored)] {
        assert!(contains(bytes, &shown), "the request's id is not in the {place}");
        for (name, form) in forms(&request, &keys) {
            assert!(!contains(bytes, &form), "{name} in the {place}");
        }
    }
}
