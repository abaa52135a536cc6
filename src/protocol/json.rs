//! The JSON of a protocol.

use super::KeyProtocol;
use ff::PrimeField;
use halo2curves::bn256::{Fq, G1Affine, G2Affine};
use serde::{Serialize, Serializer};

/// What the JSON says that it is.
const FORMAT: &str = "zkml protocol";
/// Version of the JSON and of everything that `docs/proof-format.md` says.
const VERSION: u16 = 1;

#[derive(Serialize)]
struct Document<'p> {
    format: &'static str,
    version: u16,
    #[serde(flatten)]
    protocol: &'p KeyProtocol,
}

impl KeyProtocol {
    /// The protocol as one line of JSON, the same for every call.
    ///
    /// # Errors
    /// None in practice: encoding to memory succeeds.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.document())
    }

    /// What [`KeyProtocol::to_json`] writes.
    pub fn document(&self) -> impl Serialize {
        Document {
            format: FORMAT,
            version: VERSION,
            protocol: self,
        }
    }
}

/// `0x` and 64 hex digits, the most significant first.
fn coordinate(value: &Fq) -> String {
    let mut bytes = value.to_repr().as_ref().to_vec();
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}

/// A point of G1: `[x, y]`.
fn pair(point: &G1Affine) -> [String; 2] {
    [coordinate(&point.x), coordinate(&point.y)]
}

/// A point of G1, or none for infinity.
pub(crate) fn point<S: Serializer>(point: &Option<G1Affine>, serializer: S) -> Result<S::Ok, S::Error> {
    point.as_ref().map(pair).serialize(serializer)
}

/// Points of G1.
pub(super) fn points<S: Serializer>(points: &[G1Affine], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(points.iter().map(pair))
}

/// A point of G2: `[[x.c0, x.c1], [y.c0, y.c1]]`.
pub(super) fn g2<S: Serializer>(point: &G2Affine, serializer: S) -> Result<S::Ok, S::Error> {
    let coordinates = [point.x, point.y].map(|c| [coordinate(&c.c0), coordinate(&c.c1)]);
    coordinates.serialize(serializer)
}
