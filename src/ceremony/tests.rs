use super::*;
use crate::Error;
use ff::PrimeField;
use halo2curves::CurveAffine;
use halo2curves::bn256::{Fq, Fq2, G2Affine};
use std::collections::HashSet;

/// The sources of the ceremony's secret, as they print it.
const SECRET: &str = include_str!("hermez_secret.tsv");

fn coordinate(text: &str) -> Fq {
    match text.strip_prefix("0x") {
        None => Fq::from_str_vartime(text).unwrap(),
        Some(digits) => {
            let mut bytes = [0; 32];
            hex::decode_to_slice(digits, &mut bytes).unwrap();
            bytes.reverse();
            Fq::from_repr(bytes).unwrap()
        }
    }
}

fn point(line: &str) -> G2Affine {
    let fields: Vec<&str> = line.split('\t').collect();
    let [sign, c @ ..] = &fields[..] else {
        panic!("{line}")
    };
    let c: Vec<Fq> = c.iter().map(|text| coordinate(text)).collect();
    let point = G2Affine {
        x: Fq2 { c0: c[0], c1: c[1] },
        y: Fq2 { c0: c[2], c1: c[3] },
    };
    match *sign {
        "1" => point,
        "-1" => -point,
        other => panic!("expected a sign, found {other}"),
    }
}

#[test]
fn the_identity_is_that_of_two_independent_sources() {
    let lines = SECRET.lines().filter(|line| !line.starts_with('#'));
    let points: Vec<G2Affine> = lines.map(point).collect();
    assert_eq!(points.len(), 2);
    assert_eq!(points[0], points[1]);
    assert!(bool::from(points[0].is_on_curve()));
    let ceremony = Ceremony::named("hermez").unwrap();
    assert_eq!(SrsId::of(&points[0]), ceremony.id());
    assert_eq!(ceremony.id().standing(), SrsStanding::Ceremony(ceremony));
}

#[test]
fn the_table_has_each_file_once() {
    let ceremony = Ceremony::named("hermez").unwrap();
    let files: Vec<_> = ceremony.files().collect();
    let names: Vec<String> = (8..28)
        .map(|power| format!("powersOfTau28_hez_final_{power:02}.ptau"))
        .chain(["powersOfTau28_hez_final.ptau".to_owned()])
        .collect();
    assert_eq!(files.iter().map(|f| f.0).collect::<Vec<_>>(), names);
    let hashes: HashSet<&str> = files.iter().map(|f| f.1).collect();
    assert_eq!(hashes.len(), names.len());
    for (name, hash) in &files {
        assert_eq!(hex::decode(hash).unwrap().len(), 64, "{name}");
        assert_eq!(Ceremony::of_file(name), Some((ceremony, *hash)));
    }
    assert_eq!(Ceremony::of_file("pot14_final.ptau"), None);
}

#[test]
fn requirements_are_read_and_checked() {
    let hermez = Ceremony::named("hermez").unwrap();
    let stranger = SrsId::from_bytes([7; 16]);
    for text in ["ceremony", "hermez", &hermez.id().to_string()] {
        let required: RequiredSrs = text.parse().unwrap();
        required.check(hermez.id()).unwrap();
        let error = required.check(stranger).unwrap_err();
        assert!(matches!(error, Error::UntrustedSrs { .. }), "{error}");
        assert!(error.to_string().contains("can forge"), "{error}");
    }
    let own: RequiredSrs = stranger.to_string().parse().unwrap();
    own.check(stranger).unwrap();
    assert!(own.check(hermez.id()).is_err());
    for text in [
        "",
        "Hermez",
        "development",
        "12",
        &"g".repeat(32),
        &"0".repeat(34),
    ] {
        assert!(text.parse::<RequiredSrs>().is_err(), "{text}");
    }
}
