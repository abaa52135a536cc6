//! ONNX models.

use super::Description;
use crate::input::read_bounded;
use crate::output::{shape, table};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;
use zkml::report::{OnnxSummary, SummaryOperator, SummaryTensor};
use zkml::{ImportOptions, Model};

/// The largest model that is read.
const LIMIT: u64 = 4 << 30;

/// How many nodes of an unsupported operator are named.
const NAMED: usize = 5;

pub fn describe(path: &Path) -> Result<Description> {
    let bytes = read_bounded(path, LIMIT)?;
    let summary = zkml::report::onnx_summary(&bytes)
        .context("expected an ONNX model or a file that zkml wrote, found something else")?;
    // Only importing tells whether attributes and shapes are supported too.
    let obstacle = Model::from_onnx(&bytes, &ImportOptions::default())
        .err()
        .map(|e| e.to_string());
    Ok(Description {
        json: to_json(&summary, obstacle.as_deref()),
        text: to_text(&summary, obstacle.as_deref()),
    })
}

fn to_json(summary: &OnnxSummary, obstacle: Option<&str>) -> Value {
    let tensors = |tensors: &[SummaryTensor]| {
        tensors
            .iter()
            .map(|t| json!({ "name": t.name, "shape": t.shape }))
            .collect::<Vec<_>>()
    };
    let operator =
        |o: &SummaryOperator| json!({ "name": o.name, "nodes": o.nodes, "supported": o.supported });
    json!({
        "kind": "ONNX model",
        "producer": summary.producer,
        "opset": summary.opset,
        "parameters": summary.parameters,
        "inputs": tensors(&summary.inputs),
        "outputs": tensors(&summary.outputs),
        "operators": summary.operators.iter().map(operator).collect::<Vec<_>>(),
        "compiles": obstacle.is_none(),
        "obstacle": obstacle,
    })
}

fn to_text(summary: &OnnxSummary, obstacle: Option<&str>) -> String {
    let opset = summary
        .opset
        .map_or_else(|| "not stated".to_owned(), |opset| opset.to_string());
    let mut text = format!(
        "ONNX model\n{}",
        table(&[
            ("producer", summary.producer.clone()),
            ("operator set", opset),
            ("parameters", summary.parameters.to_string()),
        ])
    );
    for (role, tensors) in [("input", &summary.inputs), ("output", &summary.outputs)] {
        for tensor in tensors {
            let axes = tensor
                .shape
                .as_deref()
                .map_or_else(|| "shape not stated".to_owned(), shape);
            text.push_str(&format!("  {role} {}: {axes}\n", tensor.name));
        }
    }
    text.push_str("\nOperators\n");
    let width = summary.operators.iter().map(|o| o.name.len()).max().unwrap_or(0);
    for operator in &summary.operators {
        text.push_str(&format!(
            "  {:width$}  {:>4}",
            operator.name,
            operator.nodes.len()
        ));
        if !operator.supported {
            let named = operator
                .nodes
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let more = if operator.nodes.len() > NAMED { ", ..." } else { "" };
            text.push_str(&format!("  NOT SUPPORTED: {named}{more}"));
        }
        text.push('\n');
    }
    match obstacle {
        None => text.push_str("\nThe model can be compiled.\n"),
        Some(obstacle) => text.push_str(&format!("\nThe model does not compile as it is: {obstacle}\n")),
    }
    text
}
