//! The log of a proof's stages.

use crate::folder::Folder;

const PROVE: [&str; 4] = ["prove", "model.zkml", "--input", "input.json"];

#[test]
fn a_proof_is_logged_as_a_tree_of_stages_with_times() {
    let folder = Folder::new();
    folder.set_up();
    let run = folder.run_logged(&PROVE, "zkml=debug").expect(0);
    let stages = [
        "prepare",
        "prove",
        "execute",
        "witness",
        "commit",
        "products",
        "polynomials",
        "quotient",
        "evaluations",
        "opening",
        "verify",
    ];
    for stage in stages {
        let named = format!("{stage} [ ");
        let line = run.stderr.lines().find(|line| line.contains(&named));
        let line = line.unwrap_or_else(|| panic!("no stage {stage} in {run:?}"));
        assert!(
            line.contains("s |") && line.contains('%'),
            "no time and share in {line:?}"
        );
    }
    // The stages of the engine are inside the proof, and both phases are committed to.
    let depth = |stage: &str| {
        let line = run
            .stderr
            .lines()
            .find(|line| line.contains(&format!("{stage} [ ")))
            .unwrap();
        line.chars().position(|c| c == '━').unwrap_or(0)
    };
    assert!(depth("quotient") > depth("prove"), "{run:?}");
    for phase in ["phase: 1", "phase: 2"] {
        assert!(run.stderr.contains(phase), "no {phase} in {run:?}");
    }
}

#[test]
fn without_a_filter_no_stage_is_logged() {
    let folder = Folder::new();
    folder.set_up();
    let run = folder.run(&PROVE).expect(0);
    assert!(!run.stderr.contains("quotient"), "{run:?}");
}
