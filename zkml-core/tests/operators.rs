//! The registry of ONNX operators against the small models and the documentation.

mod common;

use common::workspace;
use std::{collections::BTreeSet, fmt::Write, fs};
use zkml_core::onnx::{self, Operator, operators};

/// The operators of the nodes of all small models.
fn modelled() -> BTreeSet<String> {
    let folders = fs::read_dir(workspace().join("tests/models")).unwrap();
    let models = folders.map(|folder| folder.unwrap().path().join("network.onnx"));
    let summaries = models.map(|model| onnx::summary(&fs::read(model).unwrap()).unwrap());
    summaries
        .flat_map(|summary| summary.operators)
        .map(|operator| operator.name)
        .collect()
}

#[test]
fn every_operator_has_a_model() {
    let modelled = modelled();
    let missing: Vec<&str> = operators()
        .iter()
        .map(|operator| operator.name)
        .filter(|name| !modelled.contains(*name))
        .collect();
    assert!(
        missing.is_empty(),
        "no model in tests/models has a node of {missing:?}: add one to scripts/make_op_models.py, and run `just models`"
    );
}

/// A cell of a table.
fn cell(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn table(operators: &[&Operator]) -> String {
    let mut table = String::from(
        "| operator | operator sets | inputs | limits | integer operations |\n|---|---|---|---|---|\n",
    );
    for operator in operators {
        writeln!(
            table,
            "| {} | {} and newer | {} | {} | {} |",
            operator.name,
            operator.since,
            operator.types,
            cell(operator.limits),
            operator.proof,
        )
        .unwrap();
    }
    table
}

/// Compares the part of a file that begins after `start`, as `find` delimits it, with what it should be.
fn check(file: &str, start: &str, expected: &str, find: impl Fn(&str) -> usize) {
    let path = workspace().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("{file} has no `{start}`"));
    let (found, after) = rest.split_at(find(rest));
    if found == expected {
        return;
    }
    if std::env::var_os("ZKML_WRITE").is_some_and(|value| value == "1") {
        fs::write(path, [before, start, expected, after].concat()).unwrap();
        return;
    }
    panic!(
        "{file} does not list the operators of the registry; write it again with `ZKML_WRITE=1 cargo test -p zkml-core \
         --test operators`.\nfound:\n{found}\nexpected:\n{expected}"
    );
}

#[test]
fn the_documentation_lists_the_operators() {
    let operators = operators();
    check(
        "docs/operators.md",
        "\n## All operators\n\n",
        &table(&operators),
        str::len,
    );
    let names: Vec<&str> = operators.iter().map(|operator| operator.name).collect();
    let end_of_sentence = |text: &str| text.find(".\n").unwrap_or(text.len());
    check("README.md", "ONNX operators: ", &wrapped(&names), end_of_sentence);
}

/// Names with commas between them, in lines of at most 110 characters.
fn wrapped(names: &[&str]) -> String {
    let mut text = String::new();
    let mut width = "ONNX operators: ".len();
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        let gap = match index {
            0 => "",
            _ if width + name.len() + 2 > 110 => "\n",
            _ => " ",
        };
        width = if gap == "\n" { 0 } else { width + gap.len() } + name.len() + comma.len();
        write!(text, "{gap}{name}{comma}").unwrap();
    }
    text
}
