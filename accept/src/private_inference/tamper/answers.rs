//! Sealed answers, as a user receives them.

use super::json::{flipped, with};
use super::matrix::Matrix;
use super::scene::{Scene, answered};
use crate::report::Figure;
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use zkml::Progress;
use zkml_network::{
    Answer, Engine, Error, OpenRequest, Outcome, PendingRequest, ProviderKeys, Refusal, SealedAnswer,
    SignedManifest, unix_now,
};

/// Opens and checks them all.
pub fn figure(scene: &Scene) -> Result<Figure> {
    let (request, manifest) = (&scene.request, scene.offer.prover.manifest());
    let good: Value = serde_json::from_slice(&scene.sealed.to_json()?)?;
    let open = |request: &PendingRequest, manifest: &SignedManifest, body: &[u8]| -> Result<Outcome, Error> {
        request.open(manifest, &SealedAnswer::from_json(body)?)
    };
    let mut matrix = Matrix::default();
    let mut case = |name: &str, expected: &[&'static str], body: Vec<u8>| {
        matrix.add(name, expected, open(request, manifest, &body));
    };
    case("version", &["version"], with(&good, "version", 1));
    case(
        "request id",
        &["wrong-binding"],
        with(&good, "request_id", flipped(&good["request_id"])),
    );
    case(
        "encapsulated key",
        &["cannot-open"],
        with(&good, "encapsulated_key", flipped(&good["encapsulated_key"])),
    );
    case(
        "ciphertext",
        &["cannot-open"],
        with(&good, "ciphertext", flipped(&good["ciphertext"])),
    );
    case("an unknown field", &["malformed"], with(&good, "more", 1));
    case(
        "cut short",
        &["malformed"],
        good.to_string().into_bytes()[..200].to_vec(),
    );

    let own = good.to_string().into_bytes();
    let second = &scene.second;
    matrix.add(
        "to another request",
        &["wrong-binding"],
        open(second, manifest, &own),
    );
    let id = second.header().request_id.to_string();
    let renamed = with(&good, "request_id", id);
    matrix.add(
        "to another request, renamed",
        &["cannot-open"],
        open(second, manifest, &renamed),
    );
    let other_user = PendingRequest::unchecked(
        manifest,
        scene.offer.asked_in_range(0)?,
        request.salts().to_vec(),
        request.header().request_id,
    )?;
    matrix.add(
        "to another user",
        &["cannot-open"],
        open(&other_user, manifest, &own),
    );
    let other_model = scene.other.prover.manifest();
    matrix.add(
        "to another model",
        &["wrong-model"],
        open(request, other_model, &own),
    );

    // Sealed by someone who is not the provider.
    let stranger = ProviderKeys::generate()?;
    let outcome = Outcome::Refusal(Refusal::Request("forged".to_owned()));
    let reply_key = request.reply_key();
    let forged = SealedAnswer::seal(request.envelope(), &reply_key, stranger.sealing(), &outcome)?;
    matrix.add(
        "of another provider",
        &["cannot-open"],
        request.open(manifest, &forged),
    );

    // Sealed as it should be, with a content that is not: what the proof is about decides.
    let model = scene.model();
    let now = unix_now();
    let check = |request: &PendingRequest, answer: &Answer, now| model.check_answer(request, answer, now);
    matrix.add(
        "another request's proof",
        &["wrong-binding"],
        check(second, &scene.answer, now),
    );
    let (of_second, _) = answered(&scene.offer, second, &scene.site.keys)?;
    matrix.add(
        "a proof for another request",
        &["wrong-binding"],
        check(request, &of_second, now),
    );
    matrix.add(
        "a proof about another input",
        &["wrong-input"],
        check(request, &forged_input(scene)?, now),
    );
    matrix.add(
        "expired",
        &["expired"],
        check(request, &scene.answer, request.header().expiry),
    );
    let (of_other, _) = answered(
        &scene.other,
        &PendingRequest::new(other_model, scene.other.asked_in_range(0)?)?,
        &scene.site.keys,
    )?;
    matrix.add(
        "another model's proof",
        &["invalid-proof", "wrong-binding", "proof-system"],
        check(request, &of_other, now),
    );
    Ok(matrix.figure())
}

/// An answer that is bound to the scene's request, of a provider that ran another input.
fn forged_input(scene: &Scene) -> Result<Answer> {
    let swapped = OpenRequest {
        reply_key: scene.request.reply_key(),
        salts: scene.request.salts().to_vec(),
        inputs: scene.second.inputs().to_vec(),
    };
    ensure!(
        swapped.inputs != scene.request.inputs(),
        "the scene's two requests have one input"
    );
    let outcome = scene
        .offer
        .prover
        .answer(&scene.request.binding(), &swapped, &Progress::none())?;
    match outcome {
        Outcome::Answer(answer) => Ok(answer),
        Outcome::Refusal(reason) => bail!("refused: {reason}"),
    }
}
