//! The payload of zkml's own SRS files: one byte of origin, three zeros, then halo2's raw parameters.

use super::{Srs, SrsOrigin, raw};
use crate::Error;
use crate::artifact::Reader;
use halo2_proofs::SerdeFormat;

const WHAT: &str = "SRS";

/// The payload for an SRS.
pub(super) fn encode(srs: &Srs) -> Result<Vec<u8>, Error> {
    let mut out = vec![srs.origin as u8, 0, 0, 0];
    srs.params
        .write_custom(&mut out, SerdeFormat::RawBytes)
        .map_err(|e| Error::Malformed {
            what: WHAT.to_owned(),
            reason: format!("it cannot be encoded: {e}"),
        })?;
    Ok(out)
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(payload: &[u8]) -> Result<Srs, Error> {
    let mut reader = Reader::new(WHAT, payload);
    let malformed = |reason: String| Error::Malformed {
        what: WHAT.to_owned(),
        reason,
    };
    let byte = reader.u8()?;
    let origin = SrsOrigin::from_byte(byte)
        .ok_or_else(|| malformed(format!("expected an origin of 1, 2 or 3, found {byte}")))?;
    if reader.array::<3>()? != [0; 3] {
        return Err(malformed(
            "expected three zero bytes after the origin, found others".to_owned(),
        ));
    }
    Ok(Srs::new(raw::parse(WHAT, &payload[4..])?, origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Progress;

    #[test]
    fn a_file_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("srs");
        let srs = Srs::development(4, &Progress::none()).unwrap();
        srs.save(&path).unwrap();
        let loaded = Srs::load(&path).unwrap();
        assert_eq!(loaded.origin(), srs.origin());
        assert_eq!(loaded.to_bytes().unwrap(), srs.to_bytes().unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), srs.to_bytes().unwrap());
    }

    #[test]
    fn every_damage_is_an_error() {
        let good = Srs::development(1, &Progress::none())
            .unwrap()
            .to_bytes()
            .unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Srs::from_bytes(&bad).is_err(), "byte {at}");
            assert!(Srs::from_bytes(&good[..at]).is_err(), "length {at}");
        }
    }

    #[test]
    fn an_unknown_origin_is_an_error() {
        let srs = Srs::development(1, &Progress::none()).unwrap();
        let mut payload = encode(&srs).unwrap();
        payload[0] = 9;
        assert!(matches!(decode(&payload), Err(Error::Malformed { .. })));
        payload[0] = 1;
        payload[3] = 1;
        assert!(matches!(decode(&payload), Err(Error::Malformed { .. })));
    }
}
