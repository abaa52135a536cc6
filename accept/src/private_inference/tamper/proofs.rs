//! Proofs, as a validator receives them.

use super::json::{flipped, with};
use super::matrix::Matrix;
use super::scene::{Scene, answered};
use crate::report::Figure;
use anyhow::{Result, ensure};
use serde_json::Value;
use zkml::{Proof, VerifyingKey};
use zkml_network::{Error, unix_now};

/// Validates them all.
pub fn figure(scene: &Scene) -> Result<Figure> {
    let (model, now) = (scene.model(), unix_now());
    let proof = &scene.answer.proof;
    ensure!(model.validate(proof, now).is_ok(), "the good proof is refused");
    let good: Value = serde_json::from_str(&proof.to_json()?)?;
    let read = |body: &[u8]| -> Result<(), Error> {
        let text = String::from_utf8_lossy(body);
        model.validate(&Proof::from_json(&text)?, now).map(|_| ())
    };
    let mut matrix = Matrix::default();
    for field in ["format", "version", "transcript"] {
        matrix.add(field, &["proof-system"], read(&with(&good, field, "x")));
    }
    for field in ["model", "key"] {
        let body = with(&good, field, flipped(&good[field]));
        matrix.add(field, &["proof-system"], read(&body));
    }
    let count = good["public_values"].as_array().map_or(0, Vec::len);
    for at in 0..count {
        let mut json = good.clone();
        json["public_values"][at] = flipped(&good["public_values"][at]).into();
        let name = format!("public value {at}");
        matrix.add(name, &["invalid-proof"], read(json.to_string().as_bytes()));
    }
    // Every 32 bytes of a proof are a point or a number.
    let text = good["proof"].as_str().unwrap_or_default();
    for at in (0..text.len()).step_by(64) {
        let mut changed = text.to_owned();
        let other = if changed[at..].starts_with('0') { "1" } else { "0" };
        changed.replace_range(at..=at, other);
        let body = with(&good, "proof", changed);
        matrix.add(
            format!("byte {} of the proof", at / 2),
            &["invalid-proof"],
            read(&body),
        );
    }
    let cut = with(&good, "proof", &text[..text.len() - 2]);
    matrix.add("cut short", &["invalid-proof"], read(&cut));
    let longer = with(&good, "proof", format!("{text}00"));
    matrix.add("longer", &["invalid-proof"], read(&longer));
    matrix.add(
        "expired",
        &["expired"],
        model.validate(proof, scene.request.header().expiry),
    );

    // What one proof's link is in, moved to another: the quotient's first piece, and the scalar before the evaluations.
    let (second, _) = answered(&scene.offer, &scene.second, &scene.site.keys)?;
    let other_text: Value = serde_json::from_str(&second.proof.to_json()?)?;
    let link = other_text["proof"].as_str().unwrap_or_default();
    const WORD: usize = 64;
    let places = link_places(scene.offer.published().key()).map(|place| place * WORD..(place + 1) * WORD);
    let [piece, scalar] = places.clone();
    for (name, places) in [
        ("the value of another proof's link", &[scalar][..]),
        ("the quotient of another proof's link", &[piece]),
        ("another proof's link", &places),
    ] {
        let mut moved = text.to_owned();
        for place in places {
            let other = link.get(place.clone()).unwrap_or_default();
            ensure!(text.get(place.clone()) != Some(other), "the links are alike");
            moved.replace_range(place.clone(), other);
        }
        matrix.add(name, &["invalid-proof"], read(&with(&good, "proof", moved)));
    }
    // Under another manifest of the same weights' circuit.
    let other = scene.other.published();
    matrix.add(
        "under another manifest",
        &["invalid-proof", "proof-system", "wrong-binding"],
        other.validate(proof, now),
    );
    Ok(matrix.figure())
}

/// Where a proof of 32-byte words has what its link is in.
fn link_places(key: &VerifyingKey) -> [usize; 2] {
    let cs = key.halo2().cs();
    let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
    let (random, pieces) = (1, cs.degree() - 1);
    let first = cs.num_advice_columns() + products + random;
    [first, first + pieces]
}
