//! Validators: many proofs at once.

use super::site::{Offer, Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, turns};
use anyhow::{Result, ensure};
use zkml::{ParamVisibility, Proof};
use zkml_network::unix_now;

const PROOFS: usize = 64;
const PART: f64 = 0.25;
const RUNS: usize = 15;
/// Different proofs; they are checked several times, which costs the same.
const MADE: usize = 8;

/// Validates proofs of LeNet-5.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let items = vec![
        Item::new(
            format!("{PROOFS} proofs validated at once"),
            format!("at most {PART} of {PROOFS} single ones"),
        ),
        Item::new("one bad proof among them", "is named, and no other"),
    ];
    report.measure_all(items, || measure(workshop));
}

fn measure(workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let site = Site::new()?;
    let offer = site.publish(workshop, Subject::digits()?, &bound(ParamVisibility::Committed))?;
    let made = (0..MADE).map(|i| prove(&offer, i)).collect::<Result<Vec<_>>>()?;
    let mut proofs: Vec<Proof> = made.iter().cycle().take(PROOFS).cloned().collect();
    let (model, now) = (offer.published(), unix_now());
    let times = turns(
        RUNS,
        || {
            for proof in &proofs {
                model.validate(proof, now)?;
            }
            Ok(())
        },
        || {
            let results = model.validate_all(&proofs, now);
            ensure!(results.iter().all(Result::is_ok), "a good proof is called bad");
            Ok(())
        },
    )?;
    let ([single, batch], part) = (times.medians, times.ratio);

    const BAD: usize = 37;
    let good = proofs[BAD].clone();
    proofs[BAD] = changed(&good)?;
    let results = model.validate_all(&proofs, now);
    let found: Vec<usize> = (0..PROOFS).filter(|&i| results[i].is_err()).collect();
    let per = |time: std::time::Duration| 1e3 * time.as_secs_f64() / PROOFS as f64;
    Ok(vec![
        Figure::new(
            part <= PART,
            format!(
                "{part:.3} ({:.2} ms a proof, {:.2} ms single, medians of {RUNS})",
                per(batch),
                per(single)
            ),
        ),
        Figure::new(found == [BAD], format!("number {BAD} is bad; found {found:?}")),
    ])
}

fn prove(offer: &Offer, index: usize) -> Result<Proof> {
    Ok(offer.answered(index)?.1.proof.clone())
}

/// The same proof with another public value: everything in it is well-formed.
fn changed(proof: &Proof) -> Result<Proof> {
    let mut json: serde_json::Value = serde_json::from_str(&proof.to_json()?)?;
    let value = json["public_values"][0].as_str().unwrap_or_default();
    let last = if value.ends_with('0') { '1' } else { '0' };
    json["public_values"][0] = format!("{}{last}", &value[..value.len().saturating_sub(1)]).into();
    Ok(Proof::from_json(&json.to_string())?)
}
