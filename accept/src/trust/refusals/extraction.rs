//! What an extractor reads: it drives one hidden neuron out of its range, turns single pixels round, and takes the difference of the
//! numbers that it is told for a weight.

use super::{hostile, refusing};
use crate::private_inference::processes::Served;
use crate::private_inference::site::Site;
use crate::report::Figure;
use crate::workshop::Workshop;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use zkml_network::{Engine, InputSchema};

/// Pictures to start from, and pixels of each that are turned round.
const PICTURES: usize = 12;
const PIXELS: usize = 10;

/// What a user asks with the command line, and reads on its streams.
struct User<'a> {
    zkml: &'a Path,
    site: &'a Site,
    url: String,
    schema: &'a InputSchema,
    queries: usize,
    refusals: BTreeSet<String>,
}

pub fn measure(zkml: &Path, workshop: &mut Workshop) -> Result<Figure> {
    let site = Site::new()?;
    let offer = refusing(&site, workshop)?;
    let service = Served::start(zkml, &site, &offer, 1)?;
    let schema = &offer.prover.manifest().body().inputs[0];
    let mut user = User {
        zkml,
        site: &site,
        url: service.url.clone(),
        schema,
        queries: 0,
        refusals: BTreeSet::new(),
    };
    let mut weights = 0;
    for picture in hostile::pictures(schema, PICTURES) {
        let Some(base) = user.told(&picture)? else {
            continue;
        };
        for pixel in (0..PIXELS).map(|i| (i * 71 + 150) % picture.len()) {
            let mut turned = picture.clone();
            turned[pixel] = -turned[pixel] - 1;
            // Both numbers are of one neuron: their difference is its weight.
            weights += usize::from(user.told(&turned)?.is_some_and(|told| told.0 == base.0));
        }
    }
    // An extractor that meets no refusal would show nothing.
    ensure!(!user.refusals.is_empty(), "no picture was refused");
    let quiet = user.refusals.len() == 1 && !user.refusals.iter().any(|text| has_number(text));
    Ok(Figure::new(
        weights == 0 && quiet,
        format!(
            "{weights} weights from {} queries; {} distinct text(s) of refusals",
            user.queries,
            user.refusals.len()
        ),
    ))
}

impl User<'_> {
    /// Asks; the neuron and the value that a refusal tells, if it tells any.
    fn told(&mut self, picture: &[i64]) -> Result<Option<(usize, i64)>> {
        let (lowest, _) = self.schema.real_range();
        let step = lowest / self.schema.range().0 as f64;
        let values: Vec<f64> = picture.iter().map(|q| *q as f64 * step).collect();
        let input = self.site.path().join("picture.json");
        std::fs::write(&input, serde_json::json!({ "input_data": [values] }).to_string())?;
        let output = Command::new(self.zkml)
            .args(["ask", &self.url, "--input"])
            .arg(&input)
            .args(["--pins", "pins.json", "-o", "out.zkproof"])
            .current_dir(self.site.path())
            .output()?;
        self.queries += 1;
        if output.status.success() {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let refusal = text.lines().find(|line| line.starts_with("error: "));
        let refusal = refusal.with_context(|| format!("expected a refusal, found {text}"))?;
        self.refusals.insert(refusal.to_owned());
        Ok(neuron_and_value(refusal))
    }
}

fn has_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// Reads `at [0, NEURON] is VALUE`.
fn neuron_and_value(text: &str) -> Option<(usize, i64)> {
    let (_, place) = text.split_once("at [0, ")?;
    let (neuron, rest) = place.split_once("] is ")?;
    let value = rest.split([' ', '(']).next()?;
    Some((neuron.parse().ok()?, value.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_tells_is_understood() {
        let text = "tensor `/Relu` (Rescale) at [0, 12] is 4715 (stands for 36.8359375), outside [0, 4095]";
        assert_eq!(neuron_and_value(text), Some((12, 4715)));
        assert_eq!(neuron_and_value("the model does not take this input"), None);
    }
}
