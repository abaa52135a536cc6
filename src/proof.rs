//! Proofs and their two forms: binary and JSON.
//!
//! The binary payload: model digest (32 bytes), key digest (32), transcript kind (1), number of
//! public values (8, little-endian), the values (32 each, canonical, little-endian), length of
//! the proof (8), the proof.

use crate::artifact::{self, ArtifactKind, Reader, put_block};
use crate::field::{self, FIELD_LEN};
use crate::transcript::TranscriptKind;
use crate::{Digest, Error};
use halo2curves::bn256::Fr;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A proof with its public values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub(crate) model_digest: Digest,
    pub(crate) key_digest: Digest,
    pub(crate) transcript: TranscriptKind,
    pub(crate) public_values: Vec<Fr>,
    pub(crate) bytes: Vec<u8>,
}

impl Proof {
    /// Digest of the model that the proof says it is about; a verifier compares it with its key's.
    pub fn model_digest(&self) -> &Digest {
        &self.model_digest
    }

    /// Digest of the verifying key that the proof says it is for.
    pub fn key_digest(&self) -> &Digest {
        &self.key_digest
    }

    /// The hash that the challenges come from.
    pub fn transcript(&self) -> TranscriptKind {
        self.transcript
    }

    /// The public values as field elements: public inputs, outputs, parameters, each row-major.
    pub fn public_values(&self) -> &[Fr] {
        &self.public_values
    }

    /// The proof itself, as halo2 has it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content of the file that [`Proof::save`] writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        artifact::seal(ArtifactKind::Proof, &self.payload())
    }

    /// Reads what [`Proof::to_bytes`] made.
    ///
    /// # Errors
    /// Those of a container of another kind, another version or another length.
    /// [`Error::InvalidProof`] for a container whose content was changed: its checksum does not
    /// match, or a public value is not canonical.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let payload = artifact::open(ArtifactKind::Proof, bytes).map_err(|error| match error {
            Error::Checksum { .. } => Error::InvalidProof {
                reason: "its checksum does not match its content".to_owned(),
            },
            other => other,
        })?;
        Self::parse(payload)
    }

    /// Writes a binary file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        artifact::save(path, ArtifactKind::Proof, &self.payload())
    }

    /// Reads a binary file.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Proof::from_bytes`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(&artifact::load(path, ArtifactKind::Proof)?)
    }

    /// The JSON form.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_json(&self) -> Result<String, Error> {
        let json = Json {
            format: FORMAT.to_owned(),
            version: ArtifactKind::Proof.version(),
            model: self.model_digest,
            key: self.key_digest,
            transcript: self.transcript,
            public_values: self.public_values.iter().map(to_hex).collect(),
            proof: hex::encode(&self.bytes),
        };
        serde_json::to_string_pretty(&json).map_err(malformed)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`Error::Malformed`] for other JSON, [`Error::WrongVersion`], and
    /// [`Error::InvalidProof`] for a public value that is not canonical.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let json: Json = serde_json::from_str(text).map_err(malformed)?;
        if json.format != FORMAT {
            return Err(malformed(format!(
                "expected the format {FORMAT:?}, found {:?}",
                json.format
            )));
        }
        let (kind, found) = (ArtifactKind::Proof, json.version);
        if found != kind.version() {
            return Err(Error::WrongVersion {
                kind,
                expected: kind.version(),
                found,
            });
        }
        Ok(Self {
            model_digest: json.model,
            key_digest: json.key,
            transcript: json.transcript,
            public_values: json
                .public_values
                .iter()
                .map(|v| from_hex(v))
                .collect::<Result<_, _>>()?,
            bytes: hex::decode(&json.proof).map_err(malformed)?,
        })
    }

    fn payload(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(self.model_digest.as_bytes());
        out.extend_from_slice(self.key_digest.as_bytes());
        out.push(self.transcript as u8);
        out.extend_from_slice(&(self.public_values.len() as u64).to_le_bytes());
        self.public_values
            .iter()
            .for_each(|v| out.extend_from_slice(&field::to_bytes(v)));
        put_block(&mut out, &self.bytes);
        out
    }

    fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new("this proof", payload);
        let model_digest = reader.array()?.into();
        let key_digest = reader.array()?.into();
        let kind = reader.u8()?;
        let transcript = TranscriptKind::from_byte(kind)
            .ok_or_else(|| malformed(format!("expected the transcript kind 1 or 2, found {kind}")))?;
        let count = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
        let values = reader.take(count.saturating_mul(FIELD_LEN))?;
        let public_values = values
            .chunks_exact(FIELD_LEN)
            .map(|chunk| {
                let mut bytes = [0; FIELD_LEN];
                bytes.copy_from_slice(chunk);
                canonical(bytes)
            })
            .collect::<Result<_, _>>()?;
        let bytes = reader.block()?.to_vec();
        reader.finish()?;
        Ok(Self {
            model_digest,
            key_digest,
            transcript,
            public_values,
            bytes,
        })
    }
}

const FORMAT: &str = "zkml proof";

/// The JSON form. Field elements are `0x` and 64 hex digits, the most significant first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    format: String,
    version: u16,
    model: Digest,
    key: Digest,
    transcript: TranscriptKind,
    public_values: Vec<String>,
    proof: String,
}

impl Serialize for Proof {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let json = self.to_json().map_err(S::Error::custom)?;
        let value: serde_json::Value = serde_json::from_str(&json).map_err(S::Error::custom)?;
        value.serialize(serializer)
    }
}

fn malformed(reason: impl ToString) -> Error {
    Error::malformed("proof", reason)
}

fn canonical(bytes: [u8; FIELD_LEN]) -> Result<Fr, Error> {
    field::from_bytes(bytes).ok_or_else(|| Error::InvalidProof {
        reason: "expected public values below the group order, found one that is not".to_owned(),
    })
}

fn to_hex(value: &Fr) -> String {
    let mut bytes = field::to_bytes(value);
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}

fn from_hex(text: &str) -> Result<Fr, Error> {
    let mut bytes = [0; FIELD_LEN];
    let digits = text.strip_prefix("0x").unwrap_or_default();
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| malformed("expected public values of 0x and 64 hex digits, found others"))?;
    bytes.reverse();
    canonical(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    fn proof() -> Proof {
        Proof {
            model_digest: Digest::of(b"m", &[]),
            key_digest: Digest::of(b"k", &[]),
            transcript: TranscriptKind::Blake2b,
            public_values: vec![Fr::ZERO, -Fr::ONE, Fr::from(77)],
            bytes: (0..100).collect(),
        }
    }

    #[test]
    fn both_forms_come_back() {
        let proof = proof();
        assert_eq!(Proof::from_bytes(&proof.to_bytes()).unwrap(), proof);
        assert_eq!(Proof::from_json(&proof.to_json().unwrap()).unwrap(), proof);
        assert_eq!(
            Proof::from_json(&serde_json::to_string(&proof).unwrap()).unwrap(),
            proof
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("proof");
        proof.save(&path).unwrap();
        assert_eq!(Proof::load(&path).unwrap(), proof);
    }

    #[test]
    fn changed_content_is_an_invalid_proof() {
        let good = proof().to_bytes();
        for at in 16..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(
                Proof::from_bytes(&bad).unwrap_err().is_invalid_proof(),
                "byte {at}"
            );
        }
        for len in 0..good.len() {
            let error = Proof::from_bytes(&good[..len]).unwrap_err();
            assert!(matches!(error, Error::Truncated { .. }), "length {len}");
        }
    }

    #[test]
    fn payloads_are_bounded_and_canonical() {
        let good = proof().payload();
        let with = |at: usize, bytes: &[u8]| {
            let mut bad = good.clone();
            bad[at..at + bytes.len()].copy_from_slice(bytes);
            Proof::parse(&bad)
        };
        assert!(matches!(with(64, &[3]), Err(Error::Malformed { .. })));
        assert!(matches!(
            with(65, &u64::MAX.to_le_bytes()),
            Err(Error::Truncated { .. })
        ));
        assert!(with(73, &[0xff; 32]).unwrap_err().is_invalid_proof());
        assert!(matches!(
            with(73 + 96, &u64::MAX.to_le_bytes()),
            Err(Error::Truncated { .. })
        ));
        assert!(matches!(
            Proof::parse(&[&good[..], &[0]].concat()),
            Err(Error::TrailingBytes { .. })
        ));
    }

    #[test]
    fn other_json_is_malformed() {
        let good = proof().to_json().unwrap();
        let refused = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            Proof::from_json(&good.replacen(from, to, 1)).unwrap_err()
        };
        assert!(matches!(refused("zkml proof", "other"), Error::Malformed { .. }));
        assert!(matches!(
            refused("\"version\": 1", "\"version\": 9"),
            Error::WrongVersion { .. }
        ));
        assert!(matches!(refused("blake2b", "keccak"), Error::Malformed { .. }));
        assert!(matches!(refused("0x00", "0x0"), Error::Malformed { .. }));
        assert!(matches!(
            refused("\"key\"", "\"extra\": 1, \"key\""),
            Error::Malformed { .. }
        ));
        assert!(refused("0x00", "0xff").is_invalid_proof());
        assert!(Proof::from_json("").is_err());
    }
}
