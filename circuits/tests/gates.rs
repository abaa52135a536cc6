//! The gates of docs/soundness.md are those that source files cite.

use std::collections::BTreeSet;
use std::path::Path;

/// Words like `G-RANGE`.
fn ids(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c == '-'))
        .filter(|word| word.starts_with("G-") && word.len() > 2)
        .map(str::to_owned)
        .collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_gate_is_documented_and_cited() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documented = ids(&std::fs::read_to_string(here.join("../docs/soundness.md")).unwrap());
    let mut text = String::new();
    sources(&here.join("src"), &mut text);
    let cited = ids(&text);
    assert!(documented.len() > 10, "{documented:?}");
    assert_eq!(
        documented, cited,
        "gates of docs/soundness.md, and gates that files of circuits/src cite"
    );
    // A gadget with constraints has a gate.
    for entry in std::fs::read_dir(here.join("src/gadget")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let constrains = source.contains("impl GadgetSpec") && source.contains("Constraint");
        assert!(!constrains || !ids(&source).is_empty(), "{source}");
    }
}
