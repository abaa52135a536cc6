//! A contract that leaves a check of a link out accepts a false link: the cheat is real, and the check stops it.

use crate::circuit::{LINKED_COLUMNS, MARKS, marked_row};
use crate::compile::Source;
use crate::link::{Commitment, Part};
use crate::linked::ask_with;
use crate::proven::Proven;
use crate::prover::{Added, Plan};
use ff::Field;
use halo2curves::bn256::Fr;
use std::fmt::Write;
use zkml_evm::{Chain, Function, Verifier, calldata};

/// A check that is left out of the source of a model's own contract.
type Weaken = fn(&str, &Verifier) -> String;

/// What stands between a contract's arithmetic and its sum of points.
const SUM: &str = "            // Adds scalar * point: ";

/// Replaces what stands once in a source.
fn replaced(source: &str, from: &str, to: &str) -> String {
    assert_eq!(source.matches(from).count(), 1, "{from}");
    source.replace(from, to)
}

/// Makes changes to the scalars of the points.
fn rescaled(source: &str, statements: &str) -> String {
    replaced(
        source,
        SUM,
        &format!("            {{\n{statements}            }}\n{SUM}"),
    )
}

/// Address of a point's scalar.
fn scalar(index: usize) -> String {
    format!("add(SCALARS, {:#x})", 32 * index)
}

/// `S` is not opened: neither its point is part of the sum, nor its value.
fn without_marks(source: &str, verifier: &Verifier) -> String {
    let [proof, key] = verifier.commitments();
    let marks = scalar(proof + LINKED_COLUMNS.len() + MARKS);
    let generator = scalar(proof + key);
    let value = "mload(EVALUATIONS)";
    rescaled(
        source,
        &format!(
            "let term := mulmod(mload({marks}), {value}, R)\n\
             mstore({generator}, addmod(mload({generator}), term, R))\n\
             mstore({marks}, 0)\n"
        ),
    )
}

/// Nothing is taken out of the quotient: the published points are not part of the sum, and the columns have their own scalars.
fn without_difference(source: &str, verifier: &Verifier) -> String {
    let [proof, _] = verifier.commitments();
    let mut statements = String::new();
    for (i, column) in LINKED_COLUMNS.enumerate() {
        let (column, published) = (scalar(column), scalar(proof + i));
        let _ = writeln!(
            statements,
            "mstore({column}, addmod(mload({column}), mload({published}), R))\nmstore({published}, 0)"
        );
    }
    rescaled(source, &statements)
}

/// The published points are not absorbed before `gamma`. They are the last words of what is.
fn without_published(source: &str, _: &Verifier) -> String {
    replaced(source, "lt(at, STATEMENT_END)", "lt(at, KEY_POINTS)")
}

/// The manifest is not absorbed: two words after the tag.
fn without_manifest(source: &str, _: &Verifier) -> String {
    let next = "lt(at, STATEMENT_END) { at := add(at, 0x20) }";
    let skipping = "lt(at, STATEMENT_END) { at := add(at, add(0x20, mul(0x40, eq(at, STATEMENT)))) }";
    replaced(source, next, skipping)
}

/// The link's round as a challenge more of the round before, so that nothing is absorbed of what the link is about.
fn without_statement(source: &str) -> String {
    let name = "uint256 private constant ROUNDS = 0x";
    let start = source.find(name).unwrap() + name.len();
    let end = start + source[start..].find(';').unwrap();
    // Six digits of bytes and two of challenges for each of eight. The first one has leading zeros.
    let digits = format!("{:0>64}", &source[start..end]);
    let mut rounds: Vec<String> = (0..8).map(|i| digits[8 * i..8 * i + 8].to_owned()).collect();
    let link = rounds.iter().position(|round| round == "00000001").unwrap();
    rounds.remove(link);
    rounds.push("0".repeat(8));
    assert!(rounds[link - 1].ends_with("01"));
    rounds[link - 1].replace_range(6.., "02");
    [&source[..start], &rounds.concat(), &source[end..]].concat()
}

/// `v` is absorbed after the challenges of the openings, before the first of their points, and not with the other evaluations.
fn late_value(source: &str, _: &Verifier) -> String {
    let copy = "calldatacopy(end, source, length)\n";
    let evaluations = "add(proof, POINT_BYTES)";
    let late = format!(
        "if eq(source, add({evaluations}, EVALUATION_BYTES)) {{\n\
             calldatacopy(end, {evaluations}, 0x20)\n\
             end := add(end, 0x20)\n\
         }}\n\
         calldatacopy(end, source, length)\n\
         if eq(source, {evaluations}) {{\n\
             calldatacopy(end, add(source, 0x20), sub(length, 0x20))\n\
             end := sub(end, 0x20)\n\
         }}\n"
    );
    replaced(source, copy, &late)
}

/// `v` may be any word. It is the first evaluation.
fn any_word(source: &str, _: &Verifier) -> String {
    replaced(
        source,
        "let at := EVALUATIONS } lt(at, SUMS)",
        "let at := add(EVALUATIONS, 0x20) } lt(at, SUMS)",
    )
}

/// Proofs by provers with these plans.
fn proofs(proven: &Proven, commitment: &Commitment, plans: &[Plan]) -> Vec<Vec<u8>> {
    let prove = |plan: &Plan| proven.link_to(commitment, *plan).0;
    plans.iter().map(prove).collect()
}

/// Both forms of contract and the verifier in Rust reject these proofs; a contract without the check accepts the first.
fn stopped_by(
    name: &'static str,
    weaken: Weaken,
    proven: &Proven,
    commitment: &Commitment,
    proofs: &[Vec<u8>],
) {
    let verifier = proven.verifier_with(Some(commitment.link.clone())).unwrap();
    for (i, proof) in proofs.iter().enumerate() {
        assert!(!ask_with(&verifier, proof, &proven.public), "proof {i}");
        let link = Some(&commitment.link);
        assert!(
            !proven.rust_accepts_with(link, proof, &proven.public),
            "proof {i}"
        );
    }
    let source = verifier.contract_source(name).unwrap();
    let weak = weaken(&source, &verifier);
    let [strong, weak] = [source, weak].map(|text| Source::generated(name, text).compile(&[]));
    let (Some(strong), Some(weak)) = (strong, weak) else {
        println!("no node: nothing was compiled");
        return;
    };
    let mut chain = Chain::new();
    let [(strong, _), (weak, _)] = [strong, weak].map(|c| chain.deploy(&c.init, &[]).unwrap());
    let mut asks = |to, proof: &[u8]| {
        let data = calldata(Function::Verify, None, proof, &proven.public);
        chain.call(to, data).unwrap().is_true()
    };
    for (i, proof) in proofs.iter().enumerate() {
        assert!(!asks(strong, proof), "proof {i}");
    }
    assert!(asks(weak, &proofs[0]));
}

/// Other parameters than those of the proof.
fn other_parameters(proven: &Proven) -> Commitment {
    proven.commitment_to(|columns| columns[0][marked_row(1)] += Fr::ONE)
}

#[test]
fn a_contract_takes_the_difference_out_of_the_quotient() {
    let proven = Proven::linked();
    let nothing = Plan {
        added: Added::Nothing,
        takes_difference: false,
        ..Plan::default()
    };
    let taken = Plan {
        takes_difference: true,
        ..nothing
    };
    // Another model's parameters: a link that leaves the quotient as it is, or takes part of what is due.
    let others = other_parameters(&proven);
    let made = proofs(&proven, &others, &[nothing, taken, Plan::default()]);
    stopped_by("OfOthers", without_difference, &proven, &others, &made);
}

#[test]
fn a_contract_opens_the_marks() {
    let proven = Proven::linked();
    let others = other_parameters(&proven);
    let plan = Plan {
        added: Added::One,
        fitting_value: true,
        opens_marks: false,
        ..Plan::default()
    };
    let opened = Plan {
        opens_marks: true,
        ..plan
    };
    // A value of 0 takes nothing out.
    let nothing = Plan {
        added: Added::Nothing,
        ..plan
    };
    let made = proofs(&proven, &others, &[plan, opened, nothing]);
    stopped_by("FreeValue", without_marks, &proven, &others, &made);
}

#[test]
fn the_published_points_are_absorbed_before_gamma() {
    let proven = Proven::linked();
    let plan = Plan {
        without: Some(Part::Published),
        ..Plan::default()
    };
    // Published after a proof was made: differences of two columns that cancel out for its gamma.
    let (proof, gamma) = proven.link_to(proven.commitment.as_ref().unwrap(), plan);
    let cancelling = proven.commitment_to(|columns| {
        let row = marked_row(1);
        columns[0][row] += gamma;
        columns[1][row] -= Fr::ONE;
    });
    let honest_steps = proven.link_to(&cancelling, Plan::default()).0;
    stopped_by(
        "AnyPublished",
        without_published,
        &proven,
        &cancelling,
        &[proof, honest_steps],
    );
}

#[test]
fn the_value_is_absorbed_before_the_openings() {
    let proven = Proven::linked();
    let others = other_parameters(&proven);
    let plan = Plan {
        late_value: true,
        ..Plan::default()
    };
    let made = proofs(&proven, &others, &[plan, Plan::default()]);
    stopped_by("LateValue", late_value, &proven, &others, &made);
}

/// The link is a good one: it would have a second encoding.
#[test]
fn the_value_is_below_the_group_order() {
    let proven = Proven::linked();
    let plan = Plan {
        unreduced_value: true,
        ..Plan::default()
    };
    let same = proven.commitment.as_ref().unwrap();
    let made = proofs(&proven, same, &[plan]);
    stopped_by("AnyWord", any_word, &proven, same, &made);
}

#[test]
fn the_manifest_is_absorbed() {
    let proven = Proven::linked();
    let mut other = proven.commitment.clone().unwrap();
    other.link.manifest = [0x5b; 32];
    let plan = Plan {
        without: Some(Part::Manifest),
        ..Plan::default()
    };
    let made = proofs(&proven, &other, &[plan]);
    stopped_by("AnyManifest", without_manifest, &proven, &other, &made);
}

/// Not even where a key has no round for it.
#[test]
fn a_contract_without_the_round_of_a_link_accepts_nothing() {
    let proven = Proven::linked();
    let plan = Plan {
        without: Some(Part::All),
        ..Plan::default()
    };
    let same = proven.commitment.as_ref().unwrap();
    let proof = proven.link_to(same, plan).0;
    let source = proven.verifier().contract_source("NoRound").unwrap();
    let strong = without_statement(&source);
    let weak = replaced(&strong, "valid := and(valid, linked)", "");
    let [strong, weak] = [strong, weak].map(|text| Source::generated("NoRound", text).compile(&[]));
    let (Some(strong), Some(weak)) = (strong, weak) else {
        println!("no node: nothing was compiled");
        return;
    };
    for (contract, accepts) in [(strong, false), (weak, true)] {
        let mut chain = Chain::new();
        let (to, _) = chain.deploy(&contract.init, &[]).unwrap();
        let data = calldata(Function::Verify, None, &proof, &proven.public);
        assert_eq!(chain.call(to, data).unwrap().is_true(), accepts);
    }
}
