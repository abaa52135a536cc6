//! halo2's raw parameters: what `ParamsKZG::write` makes.
//!
//! `k` (four bytes, little-endian), `2^k` powers of G1, as many Lagrange bases, the generator
//! of G2 and its multiple by the secret.

use super::{MAX_K, check_k};
use crate::Error;
use crate::artifact::Reader;
use crate::kzg::{self, G1_LEN, G2_LEN};
use halo2_proofs::SerdeFormat;
use halo2_proofs::poly::commitment::Params;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use halo2curves::bn256::{Bn256, G1Affine};
use rayon::prelude::*;
use std::io::Read;
use std::path::Path;

/// Length of the parameters for `2^k` powers.
fn byte_len(k: u32) -> usize {
    4 + (2 << k) * G1_LEN + 2 * G2_LEN
}

/// Reads a file, as far as its header says it goes and one byte more, so that trailing bytes show.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let fail = Error::io("read", path);
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    (&file).take(4).read_to_end(&mut bytes).map_err(fail)?;
    let k = check_k(Reader::new("raw KZG parameters", &bytes).u32()?.into())?;
    (&file)
        .take(byte_len(k) as u64 - 3)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    Ok(bytes)
}

/// The bytes of parameters.
pub(super) fn encode(params: &ParamsKZG<Bn256>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(byte_len(params.k()));
    params
        .write_custom(&mut out, SerdeFormat::RawBytes)
        .map_err(|e| Error::malformed("SRS", format!("it cannot be encoded: {e}")))?;
    Ok(out)
}

/// Divides an SRS file's payload into the parameters and what follows them: nothing, or one point of G1.
pub(super) fn split(payload: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let k = check_k(Reader::new("SRS", payload).u32()?.into())?;
    let parts = payload.split_at_checked(byte_len(k)).unwrap_or((payload, &[]));
    match parts.1.len() {
        0 | G1_LEN => Ok(parts),
        found => Err(Error::TrailingBytes {
            what: "SRS".to_owned(),
            expected: (byte_len(k) + G1_LEN) as u64,
            found: (byte_len(k) + found) as u64,
        }),
    }
}

/// Parses and checks each point; how the points relate is for [`super::check`].
pub(super) fn parse(what: &str, bytes: &[u8]) -> Result<ParamsKZG<Bn256>, Error> {
    let mut reader = Reader::new(what, bytes);
    let k = check_k(reader.u32()?.into())?;
    // `check_k` has bounded the header; nothing is allocated before the bytes are there.
    let (expected, found) = (byte_len(k) as u64, bytes.len() as u64);
    if found < expected {
        return Err(Error::Truncated {
            what: what.to_owned(),
            expected,
            found,
        });
    }
    let g = g1_points("power", reader.take(G1_LEN << k)?)?;
    let g_lagrange = g1_points("Lagrange base", reader.take(G1_LEN << k)?)?;
    let g2 = g2_point("the generator of G2", reader.take(G2_LEN)?)?;
    let s_g2 = g2_point("the secret in G2", reader.take(G2_LEN)?)?;
    reader.finish()?;
    debug_assert!(k <= MAX_K);
    Ok(kzg::assemble(k, g, g_lagrange, g2, s_g2))
}

/// Points of G1 one after the other.
pub(super) fn g1_points(name: &str, bytes: &[u8]) -> Result<Vec<G1Affine>, Error> {
    bytes
        .par_chunks_exact(G1_LEN)
        .enumerate()
        .map(|(i, bytes)| {
            kzg::g1_from_bytes(bytes).ok_or_else(|| Error::InvalidSrs {
                reason: format!("expected a point of G1 other than infinity as {name} {i}, found none"),
            })
        })
        .collect()
}

/// A point of G2.
pub(super) fn g2_point(name: &str, bytes: &[u8]) -> Result<halo2curves::bn256::G2Affine, Error> {
    kzg::g2_from_bytes(bytes).ok_or_else(|| Error::InvalidSrs {
        reason: format!("expected a point of the prime-order subgroup of G2 as {name}, found none"),
    })
}

#[cfg(test)]
mod tests {
    use crate::srs::Srs;
    use crate::{Error, Progress};
    use halo2_proofs::poly::commitment::Params;
    use halo2_proofs::poly::kzg::commitment::ParamsKZG;
    use halo2curves::bn256::Bn256;
    use rand_core::OsRng;

    const K: u32 = 3;

    fn raw() -> Vec<u8> {
        let mut bytes = Vec::new();
        ParamsKZG::<Bn256>::setup(K, OsRng).write(&mut bytes).unwrap();
        bytes
    }

    fn import(bytes: &[u8]) -> Result<Srs, Error> {
        Srs::from_raw_bytes(bytes, &Progress::none())
    }

    #[test]
    fn what_halo2_writes_comes_in_unchanged() {
        let bytes = raw();
        let srs = import(&bytes).unwrap();
        assert_eq!(srs.k(), K);
        assert_eq!(srs.to_raw_bytes().unwrap(), bytes);
    }

    #[test]
    fn a_file_reads_like_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("raw");
        let bytes = raw();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(Srs::import_raw(&path, &Progress::none()).unwrap().k(), K);
        std::fs::write(&path, [&bytes[..], &[0]].concat()).unwrap();
        assert!(matches!(
            Srs::import_raw(&path, &Progress::none()),
            Err(Error::TrailingBytes { .. })
        ));
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(matches!(
            Srs::import_raw(&path, &Progress::none()),
            Err(Error::Truncated { .. })
        ));
    }

    #[test]
    fn every_part_is_checked() {
        let good = raw();
        let other = raw();
        // The generator, a power, a Lagrange base, the generator of G2, the secret in G2: each
        // replaced by a valid point of other parameters.
        let g = |i: usize| 4 + 64 * i..4 + 64 * (i + 1);
        let end = good.len();
        for (range, from) in [
            (g(0), g(1)),
            (g(3), g(3)),
            (g(7), g(7)),
            (g(8), g(8)),
            (g(15), g(15)),
            (end - 256..end - 128, end - 128..end),
            (end - 128..end, end - 128..end),
        ] {
            let mut bad = good.clone();
            bad[range.clone()].copy_from_slice(&other[from]);
            assert!(
                matches!(import(&bad), Err(Error::InvalidSrs { .. })),
                "bytes {range:?}"
            );
        }
        for at in (4..end).step_by(61) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(matches!(import(&bad), Err(Error::InvalidSrs { .. })), "byte {at}");
        }
    }

    #[test]
    fn headers_are_bounded_before_anything_is_allocated() {
        for k in [0, 25, 31, 32, 64, u32::MAX] {
            let bytes = [&k.to_le_bytes()[..], &[0; 1000]].concat();
            assert!(
                matches!(import(&bytes), Err(Error::SizeOutOfRange { .. })),
                "k = {k}"
            );
        }
        let bytes = [&24u32.to_le_bytes()[..], &[0; 1000]].concat();
        assert!(matches!(import(&bytes), Err(Error::Truncated { .. })));
        assert!(matches!(import(&[]), Err(Error::Truncated { .. })));
    }
}
