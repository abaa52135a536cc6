//! A wiretap: passes connections on and keeps what goes both ways.

use anyhow::Result;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A port that leads to another one, and all bytes that went through it.
pub struct Wiretap {
    /// The port.
    pub port: u16,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Wiretap {
    /// Listens, and passes everything on to a port of this machine.
    pub fn new(to: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let tap = Self {
            port: listener.local_addr()?.port(),
            bytes: Arc::default(),
        };
        let bytes = tap.bytes.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else {
                    continue;
                };
                let (Ok(client_end), Ok(server_end)) = (client.try_clone(), server.try_clone()) else {
                    continue;
                };
                for (from, into) in [(client_end, server_end), (server, client)] {
                    let bytes = bytes.clone();
                    thread::spawn(move || copy(from, into, &bytes));
                }
            }
        });
        Ok(tap)
    }

    /// What went through.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().map(|bytes| bytes.clone()).unwrap_or_default()
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, bytes: &Mutex<Vec<u8>>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if let Ok(mut bytes) = bytes.lock() {
            bytes.extend_from_slice(&buffer[..count]);
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
