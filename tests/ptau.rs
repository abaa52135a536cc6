//! Import of `.ptau` files that snarkjs made (`scripts/make_ptau.sh`).

use halo2_proofs::SerdeFormat;
use halo2curves::bn256::{G1Affine, G2Affine};
use halo2curves::serde::SerdeObject;
use std::path::{Path, PathBuf};
use zkml::ceremony::{Ceremony, SrsStanding};
use zkml::{Error, Progress, Srs};

const POWER: u32 = 6;
/// Where the powers in G1 start: after the file's header, section 1 and the head of section 2.
const TAU_G1: usize = 12 + (12 + 44) + 12;
/// Where the powers in G2 start.
const TAU_G2: usize = TAU_G1 + ((2 << POWER) - 1) * 64 + 12;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn plain() -> Vec<u8> {
    std::fs::read(fixture("power6.ptau")).unwrap()
}

fn import(bytes: &[u8]) -> Result<Srs, Error> {
    Srs::from_ptau_bytes(bytes, None, &Progress::none())
}

fn raw(srs: &Srs) -> Vec<u8> {
    let mut out = Vec::new();
    srs.params()
        .write_custom(&mut out, SerdeFormat::RawBytes)
        .unwrap();
    out
}

#[test]
fn a_real_file_comes_in_at_every_size() {
    for name in ["power6.ptau", "power6_prepared.ptau"] {
        let full = Srs::import_ptau(&fixture(name), None, &Progress::none()).unwrap();
        assert_eq!((full.k(), full.id().standing()), (POWER, SrsStanding::Unknown));
        for k in 1..=POWER {
            let srs = Srs::import_ptau(&fixture(name), Some(k), &Progress::none()).unwrap();
            assert_eq!((srs.k(), srs.id()), (k, full.id()));
        }
    }
}

#[test]
fn prepared_lagrange_bases_equal_computed_ones() {
    for k in 1..=POWER {
        let import = |name| Srs::import_ptau(&fixture(name), Some(k), &Progress::none()).unwrap();
        assert_eq!(
            raw(&import("power6.ptau")),
            raw(&import("power6_prepared.ptau")),
            "k = {k}"
        );
    }
}

#[test]
fn an_imported_srs_is_a_raw_one_too() {
    let srs = import(&plain()).unwrap();
    let again = Srs::from_raw_bytes(&raw(&srs), &Progress::none()).unwrap();
    assert_eq!(again.id(), srs.id());
    assert_eq!(srs.to_raw_bytes().unwrap(), raw(&srs));
}

#[test]
fn a_file_with_a_ceremonys_name_must_have_its_hash() {
    let hermez = Ceremony::named("hermez").unwrap();
    let import = |path: &Path, expected| Srs::import_ceremony(path, None, expected, &Progress::none());
    // Under a name of its own it is what it is.
    let plain = fixture("power6.ptau");
    assert_eq!(
        import(&plain, None).unwrap().id().standing(),
        SrsStanding::Unknown
    );
    let folder = tempfile::tempdir().unwrap();
    let posing = folder.path().join("powersOfTau28_hez_final_08.ptau");
    std::fs::copy(&plain, &posing).unwrap();
    let error = import(&posing, None).unwrap_err();
    assert!(matches!(error, Error::WrongCeremonyFile { .. }), "{error}");
    for word in ["hermez", "Blake2b-512 d6a8fb3a", "download"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    let error = import(&plain, Some(hermez)).unwrap_err();
    assert!(matches!(error, Error::WrongCeremonyFile { .. }), "{error}");
    assert!(error.to_string().contains(&hermez.id().to_string()), "{error}");
}

#[test]
fn more_powers_than_there_are_is_an_error() {
    let error = Srs::from_ptau_bytes(&plain(), Some(7), &Progress::none()).unwrap_err();
    assert!(matches!(error, Error::SrsTooSmall { needed: 7, found: 6 }));
}

#[test]
fn a_ceremony_without_contributions_is_refused() {
    let mut bytes = plain();
    let g1 = G1Affine::generator().to_raw_bytes();
    bytes[TAU_G1..TAU_G2 - 12]
        .chunks_exact_mut(64)
        .for_each(|point| point.copy_from_slice(&g1));
    let g2 = G2Affine::generator().to_raw_bytes();
    bytes[TAU_G2..TAU_G2 + (128 << POWER)]
        .chunks_exact_mut(128)
        .for_each(|p| p.copy_from_slice(&g2));
    let error = import(&bytes).unwrap_err();
    assert!(error.to_string().contains("without contributions"), "{error}");
}

#[test]
fn points_that_are_swapped_or_damaged_are_refused() {
    let good = plain();
    let at = |i: usize| TAU_G1 + 64 * i..TAU_G1 + 64 * (i + 1);
    for (to, from) in [(0, 1), (1, 2), (63, 62), (30, 31)] {
        let mut bad = good.clone();
        bad.copy_within(at(from), at(to).start);
        assert!(
            matches!(import(&bad), Err(Error::InvalidSrs { .. })),
            "point {to}"
        );
    }
    for byte in [TAU_G1, TAU_G1 + 64 * 63, TAU_G2, TAU_G2 + 128] {
        let mut bad = good.clone();
        bad[byte] ^= 1;
        assert!(
            matches!(import(&bad), Err(Error::InvalidSrs { .. })),
            "byte {byte}"
        );
    }
    let mut identity = good.clone();
    identity[at(5)].fill(0);
    assert!(matches!(import(&identity), Err(Error::InvalidSrs { .. })));
}

#[test]
fn damaged_lagrange_bases_are_refused() {
    let good = std::fs::read(fixture("power6_prepared.ptau")).unwrap();
    let plain_len = plain().len();
    // Swap two bases of the largest imported domain: found by their position after the head of
    // section 12, which is the first one after those of the plain file.
    let start = plain_len + 12 + ((1 << POWER) - 1) * 64;
    let mut bad = good.clone();
    let (left, right) = bad[start..].split_at_mut(64);
    left.swap_with_slice(&mut right[..64]);
    assert!(matches!(import(&bad), Err(Error::InvalidSrs { .. })));
    import(&good).unwrap();
}

#[test]
fn headers_are_checked_before_anything_is_allocated() {
    let good = plain();
    let with = |at: usize, bytes: &[u8]| {
        let mut bad = good.clone();
        bad[at..at + bytes.len()].copy_from_slice(bytes);
        import(&bad)
    };
    assert!(matches!(with(0, b"ptaU"), Err(Error::Malformed { .. })), "magic");
    assert!(
        matches!(with(4, &2u32.to_le_bytes()), Err(Error::Malformed { .. })),
        "version"
    );
    assert!(
        matches!(with(8, &u32::MAX.to_le_bytes()), Err(Error::Malformed { .. })),
        "sections"
    );
    assert!(
        matches!(with(8, &1u32.to_le_bytes()), Err(Error::TrailingBytes { .. })),
        "fewer sections"
    );
    assert!(
        matches!(with(12, &2u32.to_le_bytes()), Err(Error::Malformed { .. })),
        "no header"
    );
    assert!(
        matches!(with(16, &u64::MAX.to_le_bytes()), Err(Error::Truncated { .. })),
        "section length"
    );
    assert!(
        matches!(with(24, &48u32.to_le_bytes()), Err(Error::Malformed { .. })),
        "coordinate length"
    );
    assert!(matches!(with(28, &[0]), Err(Error::Malformed { .. })), "modulus");
    for power in [0, 5, 7, 29, u32::MAX] {
        assert!(
            matches!(with(60, &power.to_le_bytes()), Err(Error::Malformed { .. })),
            "power {power}"
        );
    }
    assert!(matches!(
        with(60, &28u32.to_le_bytes()),
        Err(Error::SizeOutOfRange { found: 28, .. })
    ));
}

#[test]
fn a_truncated_or_lengthened_file_is_an_error() {
    let good = plain();
    for len in (0..good.len())
        .step_by(997)
        .chain([0, 3, 11, 23, 67, good.len() - 1])
    {
        assert!(
            matches!(import(&good[..len]), Err(Error::Truncated { .. })),
            "length {len}"
        );
    }
    let longer = [&good[..], &[0]].concat();
    assert!(matches!(import(&longer), Err(Error::TrailingBytes { .. })));
    assert!(matches!(
        Srs::import_ptau(Path::new("no such file"), None, &Progress::none()),
        Err(Error::Io { action: "read", .. })
    ));
}
