//! Proofs of the same input beside proofs of different inputs: they cannot be told apart.

use super::site::{Offer, Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use zkml::ParamVisibility;

/// Proofs of each kind.
const PROOFS: usize = 48;
/// A byte that agrees more often than this many standard deviations above what is to be expected.
const DEVIATIONS: f64 = 6.0;

/// Compares proofs byte by byte.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let items = vec![
        Item::new(
            "bytes of a proof that link it to its input",
            format!("none (of {PROOFS} proofs of one input, {PROOFS} of others)"),
        ),
        Item::new("sealed messages of one input", "no common byte beyond chance"),
    ];
    let subject = match Subject::patients() {
        Ok(subject) => subject,
        Err(reason) => return report.not_run(&items, &reason.to_string()),
    };
    report.measure_all(items, || measure(workshop, subject));
}

fn measure(workshop: &mut Workshop, subject: Subject) -> Result<Vec<Figure>> {
    let site = Site::new()?;
    let offer = site.publish(workshop, subject, &bound(ParamVisibility::Committed))?;
    let same = (0..PROOFS)
        .map(|_| public_bytes(&offer, 0))
        .collect::<Result<Vec<_>>>()?;
    let other = (1..=PROOFS)
        .map(|i| public_bytes(&offer, i))
        .collect::<Result<Vec<_>>>()?;
    let proofs = |all: &[Public]| all.iter().map(|p| p.proof.clone()).collect::<Vec<_>>();
    let messages = |all: &[Public]| all.iter().map(|p| p.message.clone()).collect::<Vec<_>>();
    let figure = |same: Vec<Vec<u8>>, other: Vec<Vec<u8>>| {
        let len = same.first().map_or(0, Vec::len);
        let linking = linking(&same, &other);
        let (within, across) = (agreement(&same), agreement(&other));
        Figure::new(
            linking.is_empty() && len > 0,
            format!(
                "{} of {len} (bytes agree in {:.3} % of pairs of one input, {:.3} % of others){}",
                linking.len(),
                100.0 * within,
                100.0 * across,
                linking
                    .iter()
                    .take(5)
                    .map(|at| format!(" {at}"))
                    .collect::<String>()
            ),
        )
    };
    Ok(vec![
        figure(proofs(&same), proofs(&other)),
        figure(messages(&same), messages(&other)),
    ])
}

/// What everyone may see, but for the public values.
struct Public {
    proof: Vec<u8>,
    message: Vec<u8>,
}

fn public_bytes(offer: &Offer, index: usize) -> Result<Public> {
    let (request, answer) = offer.answered(index)?;
    Ok(Public {
        proof: answer.proof.bytes().to_vec(),
        message: request.envelope().ciphertext().to_vec(),
    })
}

/// Positions where messages of one input agree more often than those of other inputs do, beyond what
/// chance explains.
fn linking(same: &[Vec<u8>], other: &[Vec<u8>]) -> Vec<usize> {
    let len = same.iter().chain(other).map(Vec::len).min().unwrap_or(0);
    let count = same.len().min(other.len());
    let pairs = (count * count.saturating_sub(1) / 2) as f64;
    (0..len)
        .filter(|&at| {
            let (a, b) = (equal_pairs(same, at) as f64, equal_pairs(other, at) as f64);
            // Pairs that agree by chance are nearly independent of each other: their number has at most
            // this variance.
            let expected = b.max(pairs / 256.0);
            a > expected + DEVIATIONS * (2.0 * expected).sqrt()
        })
        .collect()
}

fn equal_pairs(messages: &[Vec<u8>], at: usize) -> u64 {
    let mut counts = [0u64; 256];
    for message in messages {
        counts[usize::from(message[at])] += 1;
    }
    counts.iter().map(|c| c * c.saturating_sub(1) / 2).sum()
}

/// The part of the pairs of bytes that agree, over all positions.
fn agreement(messages: &[Vec<u8>]) -> f64 {
    let len = messages.iter().map(Vec::len).min().unwrap_or(0);
    let pairs = (messages.len() * messages.len().saturating_sub(1) / 2) as f64;
    let equal: u64 = (0..len).map(|at| equal_pairs(messages, at)).sum();
    equal as f64 / (pairs * len as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngCore;

    fn random(count: usize) -> Vec<Vec<u8>> {
        let mut rng = rand::thread_rng();
        let message = |_| {
            let mut bytes = vec![0; 64];
            rng.fill_bytes(&mut bytes);
            bytes
        };
        (0..count).map(message).collect()
    }

    #[test]
    fn a_byte_that_depends_on_the_input_is_found() {
        let (mut same, other) = (random(48), random(48));
        assert!(linking(&same, &other).is_empty());
        for message in &mut same {
            message[17] = 5;
            message[18] &= 1;
        }
        assert_eq!(linking(&same, &other), [17, 18]);
    }
}
