//! The container of every artifact.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | `ZKML` |
//! | 1 | kind |
//! | 1 | 0 |
//! | 2 | format version of that kind, little-endian |
//! | 8 | length `n` of the payload, little-endian |
//! | n | payload |
//! | 32 | Blake2b-256 of everything before |
//!
//! The checksum guards against damage, not against people: someone who can change a file can
//! change its checksum.

use super::ArtifactKind;
use super::atomic::write_atomically;
use crate::Error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

const MAGIC: [u8; 4] = *b"ZKML";
const HEADER_LEN: usize = 16;
const CHECKSUM_LEN: usize = 32;

fn header(kind: ArtifactKind, payload_len: usize) -> [u8; HEADER_LEN] {
    let mut out = [0; HEADER_LEN];
    out[..4].copy_from_slice(&MAGIC);
    out[4] = kind as u8;
    out[6..8].copy_from_slice(&kind.version().to_le_bytes());
    out[8..].copy_from_slice(&(payload_len as u64).to_le_bytes());
    out
}

/// Checks a header and returns the length of the payload.
fn parse_header(kind: ArtifactKind, bytes: &[u8]) -> Result<u64, Error> {
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    if bytes.len() < HEADER_LEN && MAGIC.starts_with(magic) {
        return Err(truncated(kind, HEADER_LEN as u64, bytes.len() as u64));
    }
    if magic != MAGIC {
        return Err(Error::NotAnArtifact { expected: kind });
    }
    match ArtifactKind::from_byte(bytes[4]) {
        Some(found) if found == kind => {}
        Some(found) => {
            return Err(Error::WrongKind {
                expected: kind,
                found: format!("a {found}"),
            });
        }
        None => {
            return Err(Error::WrongKind {
                expected: kind,
                found: format!("the unknown kind {}", bytes[4]),
            });
        }
    }
    if bytes[5] != 0 {
        return Err(Error::WrongKind {
            expected: kind,
            found: format!("a {kind} with the reserved byte {}", bytes[5]),
        });
    }
    let version = u16::from_le_bytes([bytes[6], bytes[7]]);
    if version != kind.version() {
        return Err(Error::WrongVersion {
            kind,
            expected: kind.version(),
            found: version,
        });
    }
    let mut len = [0; 8];
    len.copy_from_slice(&bytes[8..HEADER_LEN]);
    let len = u64::from_le_bytes(len);
    if len > kind.limit() {
        return Err(Error::TooLarge {
            what: kind.to_string(),
            limit: kind.limit(),
            found: len,
        });
    }
    Ok(len)
}

fn truncated(kind: ArtifactKind, expected: u64, found: u64) -> Error {
    Error::Truncated {
        what: format!("this {kind}"),
        expected,
        found,
    }
}

fn checksum(parts: [&[u8]; 2]) -> [u8; CHECKSUM_LEN] {
    let mut state = blake2b_simd::Params::new()
        .hash_length(CHECKSUM_LEN)
        .personal(b"zkml-container\0\0")
        .to_state();
    for part in parts {
        state.update(part);
    }
    let mut out = [0; CHECKSUM_LEN];
    out.copy_from_slice(state.finalize().as_bytes());
    out
}

/// Puts a payload into a container: header, payload, checksum.
///
/// Artifacts do this themselves; it is public for tools that make test files.
pub fn seal(kind: ArtifactKind, payload: &[u8]) -> Vec<u8> {
    let header = header(kind, payload.len());
    let mut out = Vec::with_capacity(HEADER_LEN + payload.len() + CHECKSUM_LEN);
    out.extend_from_slice(&header);
    out.extend_from_slice(payload);
    out.extend_from_slice(&checksum([&header, payload]));
    out
}

/// Checks a container and returns its payload.
pub(crate) fn open(kind: ArtifactKind, bytes: &[u8]) -> Result<&[u8], Error> {
    let len = parse_header(kind, bytes)?;
    let (expected, found) = (HEADER_LEN as u64 + len + CHECKSUM_LEN as u64, bytes.len() as u64);
    if found < expected {
        return Err(truncated(kind, expected, found));
    }
    if found > expected {
        return Err(Error::TrailingBytes {
            what: format!("this {kind}"),
            expected,
            found,
        });
    }
    let (content, sum) = bytes.split_at(bytes.len() - CHECKSUM_LEN);
    if checksum([content, &[]]) != sum {
        return Err(Error::Checksum { kind });
    }
    Ok(&content[HEADER_LEN..])
}

/// Writes a payload to a file, atomically.
pub(crate) fn save(path: &Path, kind: ArtifactKind, payload: &[u8]) -> Result<(), Error> {
    write_atomically(path, |w| write(w, kind, payload))
}

/// Writes a payload to a file that only its owner may read, atomically.
#[cfg(feature = "prover")]
pub(crate) fn save_secret(path: &Path, kind: ArtifactKind, payload: &[u8]) -> Result<(), Error> {
    super::atomic::write_secret(path, |w| write(w, kind, payload))
}

fn write(out: &mut dyn Write, kind: ArtifactKind, payload: &[u8]) -> io::Result<()> {
    let header = header(kind, payload.len());
    out.write_all(&header)?;
    out.write_all(payload)?;
    out.write_all(&checksum([&header, payload]))
}

/// Reads a file whole, as far as its header says it goes: the bytes are a container that
/// [`open`] accepts or that has bytes after its end.
pub(crate) fn load(path: &Path, kind: ArtifactKind) -> Result<Vec<u8>, Error> {
    let fail = Error::io("read", path);
    let file = File::open(path).map_err(fail)?;
    let stated_size = file.metadata().map_err(fail)?.len();
    let mut bytes = Vec::new();
    (&file)
        .take(HEADER_LEN as u64)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    let rest = parse_header(kind, &bytes)? + CHECKSUM_LEN as u64;
    // A pipe has no size; for a file the size bounds what is reserved ahead.
    bytes.reserve_exact(
        usize::try_from(rest.min(stated_size))
            .unwrap_or(0)
            .saturating_add(1),
    );
    // One byte more than expected, so that trailing bytes show.
    (&file).take(rest + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: ArtifactKind = ArtifactKind::Proof;

    #[test]
    fn a_payload_comes_back() {
        for payload in [&b""[..], b"payload"] {
            assert_eq!(open(KIND, &seal(KIND, payload)).unwrap(), payload);
        }
    }

    #[test]
    fn a_file_holds_what_seal_makes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("proof");
        save(&path, KIND, b"payload").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), seal(KIND, b"payload"));
        assert_eq!(load(&path, KIND).unwrap(), seal(KIND, b"payload"));
        assert!(matches!(
            load(&path, ArtifactKind::Srs),
            Err(Error::WrongKind {
                expected: ArtifactKind::Srs,
                ..
            })
        ));
        let longer = [seal(KIND, b"payload"), vec![0; 10]].concat();
        std::fs::write(&path, &longer).unwrap();
        let bytes = load(&path, KIND).unwrap();
        assert!(matches!(open(KIND, &bytes), Err(Error::TrailingBytes { .. })));
        assert!(matches!(
            load(&dir.path().join("none"), KIND),
            Err(Error::Io { action: "read", .. })
        ));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = seal(KIND, b"payload");
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(KIND, &bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_truncation_is_named_as_one() {
        let good = seal(KIND, b"payload");
        for len in 0..good.len() {
            assert!(
                matches!(open(KIND, &good[..len]), Err(Error::Truncated { .. })),
                "length {len}"
            );
        }
    }

    #[test]
    fn errors_tell_what_was_found() {
        let mut bytes = seal(KIND, b"payload");
        bytes[6] = 9;
        assert!(matches!(
            open(KIND, &bytes),
            Err(Error::WrongVersion {
                expected: 1,
                found: 9,
                ..
            })
        ));
        bytes[5] = 1;
        assert!(matches!(open(KIND, &bytes), Err(Error::WrongKind { .. })));
        bytes[4] = 77;
        assert!(matches!(open(KIND, &bytes), Err(Error::WrongKind { .. })));
        assert!(matches!(
            open(KIND, b"\x08\x07 an ONNX file"),
            Err(Error::NotAnArtifact { .. })
        ));
        let mut bytes = seal(KIND, b"payload");
        bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(open(KIND, &bytes), Err(Error::TooLarge { .. })));
        let mut bytes = seal(KIND, b"payload");
        bytes[18] ^= 1;
        assert!(matches!(open(KIND, &bytes), Err(Error::Checksum { .. })));
    }
}
