//! The payload of zkml's own SRS files: halo2's raw parameters.

use super::{Srs, raw};
use crate::Error;

const WHAT: &str = "SRS";

/// The payload for an SRS.
pub(super) fn encode(srs: &Srs) -> Result<Vec<u8>, Error> {
    raw::encode(&srs.params)
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(payload: &[u8]) -> Result<Srs, Error> {
    Ok(Srs::new(raw::parse(WHAT, payload)?))
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
}
