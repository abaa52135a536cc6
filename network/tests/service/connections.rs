//! Clients that hold on to what they get.

use crate::common::engine::Fake;
use crate::common::provider::Provider;
use crate::support::{Database, blocking, pending, post, raw};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use zkml_network::{ProviderKeys, ServiceOptions};

async fn start(database: &Database, options: ServiceOptions) -> Provider {
    let keys = ProviderKeys::generate().unwrap();
    Provider::start(&database.url(), keys, Fake::quick, 0, options).await
}

/// A connection on which `head` was sent.
fn connect(url: &str, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Reads until the other side ends the connection.
async fn ended(mut stream: TcpStream) -> Duration {
    let start = Instant::now();
    blocking(move || stream.read_to_end(&mut Vec::new()))
        .await
        .unwrap();
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_the_connection() {
    let database = Database::new();
    let options = ServiceOptions {
        header_timeout: Duration::from_millis(300),
        ..ServiceOptions::default()
    };
    let provider = start(&database, options).await;
    for head in ["GET /v1/hea", "GET /v1/health HTTP/1.1\r\nHost: x\r\n"] {
        assert!(ended(connect(&provider.url, head)).await < Duration::from_secs(5));
    }
    provider.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_does_not_keep_the_service_from_stopping() {
    let database = Database::new();
    let options = ServiceOptions {
        header_timeout: Duration::from_secs(60),
        grace: Duration::from_millis(300),
        ..ServiceOptions::default()
    };
    let provider = start(&database, options).await;
    let silent = connect(&provider.url, "GET /v1/hea");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let start = Instant::now();
    provider.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(silent);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_do_not_shut_out_others() {
    let database = Database::new();
    let options = ServiceOptions {
        max_connections: 32,
        ..ServiceOptions::default()
    };
    let provider = start(&database, options).await;
    let request = pending(&provider.manifest);
    let body = request.envelope().to_json().unwrap();
    assert_eq!(post(&provider.url, body).await.0, 202);
    let path = format!("/v1/requests/{}?wait=5", request.header().request_id);
    // One client may wait twice in 32 connections; the third time it is answered at once.
    let waiting: Vec<_> = (0..2)
        .map(|_| connect(&provider.url, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")))
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let start = Instant::now();
    for path in [&*path, "/v1/health", "/metrics", "/v1/models"] {
        assert_eq!(
            raw("GET", format!("{}{path}", provider.url), Vec::new()).await.0,
            200
        );
    }
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    drop(waiting);
    provider.stop().await;
}
