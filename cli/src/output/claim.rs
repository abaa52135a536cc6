//! Claims in words.

use super::{shape, table};
use zkml::ceremony::SrsStanding;
use zkml::commitments::HashedTensor;
use zkml::{Claim, Role, TensorValue};

/// How many values of a tensor are shown.
const SHOWN: usize = 16;

/// What a valid proof says.
///
/// What identifies it is the key; which model the key is of is no more than its maker's claim.
pub fn describe_claim(claim: &Claim, srs: SrsStanding) -> String {
    let mut text = table(&[
        ("key", claim.key_digest.to_string()),
        ("claims to be of", format!("the model {}", claim.claimed_model)),
        ("SRS", format!("{} ({srs})", claim.srs)),
        ("transcript", claim.transcript.to_string()),
    ]);
    let tensors = |role| claim.tensors.iter().filter(move |tensor| tensor.role == role);
    let has = |role| tensors(role).next().is_some();
    let hashed = |role| claim.commitments.iter().any(|c| c.tensor.role == role);
    let weights = match claim.committed_model {
        Some(_) => "with the weights of the model commitment",
        None if claim.fixed_params => "with the weights that the key fixes",
        None if has(Role::Param) => "with the weights below",
        None if hashed(Role::Param) => "with the weights that the commitment below is to",
        None => "with weights that the prover chose and keeps private",
    };
    let run = match (has(Role::Input), has(Role::Output)) {
        (true, true) => "was run on these inputs and gave these outputs:",
        (true, false) => "was run on these inputs; its outputs stay private:",
        (false, true) => "was run on inputs that stay private and gave these outputs:",
        (false, false) => "was run on inputs that stay private, as its outputs do.",
    };
    text.push_str(&format!("\nThe model with this digest, {weights},\n{run}\n"));
    for role in [Role::Input, Role::Output, Role::Param] {
        tensors(role).for_each(|tensor| text.push_str(&describe(tensor)));
    }
    for commitment in &claim.commitments {
        text.push_str(&format!(
            "  the {} is the one with the commitment\n    {}\n",
            hashed_name(&commitment.tensor),
            commitment.value
        ));
    }
    if !claim.context.is_empty() {
        text.push_str("  the proof is bound to the values\n");
        claim
            .context
            .iter()
            .for_each(|value| text.push_str(&format!("    {value}\n")));
    }
    if let Some(digest) = &claim.committed_model {
        text.push_str(&format!(
            "  and linked to the model commitment or manifest {digest}\n"
        ));
    }
    text
}

/// What a commitment is to.
pub fn hashed_name(tensor: &HashedTensor) -> String {
    let shapes: Vec<String> = tensor.forms.iter().map(|f| shape(&f.shape)).collect();
    match tensor.role {
        Role::Input => format!("input {} ({})", tensor.name, shapes.join(", ")),
        Role::Output => format!("output {} ({})", tensor.name, shapes.join(", ")),
        Role::Param => format!("list of all {} parameters", tensor.forms.len()),
    }
}

/// What a run gave.
pub fn describe_outputs(outputs: &[TensorValue]) -> String {
    outputs.iter().map(describe).collect()
}

fn describe(tensor: &TensorValue) -> String {
    let role = match tensor.role {
        Role::Input => "input",
        Role::Output => "output",
        Role::Param => "parameter",
    };
    let mut text = format!("  {role} {} ({})", tensor.name, shape(&tensor.shape));
    match &tensor.labels[..] {
        [] => {}
        [label] => text.push_str(&format!(": {label}")),
        labels => text.push_str(&format!(": {}", labels.join(", "))),
    }
    text.push_str("\n   ");
    for value in tensor.values.iter().take(SHOWN) {
        text.push_str(&format!(" {}", number(*value)));
    }
    if tensor.values.len() > SHOWN {
        text.push_str(&format!(
            " ... and {} more (all with --json)",
            tensor.values.len() - SHOWN
        ));
    }
    text.push('\n');
    text
}

/// A number with six digits at most after the point.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 {
        return format!("{value:.3e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [0.0, -0.5, 3.0, 1e-5, 0.1234567].map(number),
            ["0", "-0.5", "3", "1.000e-5", "0.123457"]
        );
    }

    #[test]
    fn a_claim_says_whose_weights_it_is_about() {
        let digest: zkml::Digest = "00".repeat(32).parse().unwrap();
        let mut claim = Claim {
            key_digest: digest,
            claimed_model: digest,
            transcript: zkml::TranscriptKind::Blake2b,
            srs: "00".repeat(16).parse().unwrap(),
            srs_standing: SrsStanding::Unknown,
            fixed_params: false,
            tensors: Vec::new(),
            commitments: Vec::new(),
            context: Vec::new(),
            committed_model: None,
        };
        let text = describe_claim(&claim, SrsStanding::Unknown);
        assert!(
            text.contains("weights that the prover chose") && text.contains("can forge"),
            "{text}"
        );
        claim.fixed_params = true;
        assert!(describe_claim(&claim, SrsStanding::Unknown).contains("weights that the key fixes"));
        claim.committed_model = Some(digest);
        claim.context = vec![7u64.into()];
        let text = describe_claim(&claim, SrsStanding::Unknown);
        assert!(
            text.contains("weights of the model commitment") && text.contains("0007"),
            "{text}"
        );
    }

    #[test]
    fn a_tensor_shows_its_label_and_first_values() {
        let tensor = TensorValue {
            name: "y".to_owned(),
            role: Role::Output,
            shape: vec![1, 20],
            scale: 1,
            integers: vec![1; 20],
            values: vec![0.5; 20],
            labels: vec!["cat".to_owned()],
        };
        let text = describe_outputs(&[tensor]);
        assert!(
            text.starts_with("  output y (1 x 20): cat\n    0.5 0.5"),
            "{text}"
        );
        assert!(text.contains("... and 4 more"), "{text}");
    }
}
