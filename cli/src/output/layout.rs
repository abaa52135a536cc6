//! The size of a circuit in words.

use super::table;
use zkml::report::Layout;

/// How likely a false proof is, by chance.
pub fn describe_error(bits: u32) -> String {
    format!("error at most 2^-{bits}, beside the proof system's assumptions")
}

/// Rows of a table about a circuit.
pub fn describe_layout(layout: &Layout) -> String {
    table(&[
        (
            "rows",
            format!(
                "2^{} = {} (needs an SRS with k = {} or more)",
                layout.k, layout.rows, layout.k
            ),
        ),
        ("lanes", format!("{} of {} bits", layout.lanes, layout.lane_bits)),
        (
            "columns",
            format!(
                "{} advice, {} fixed, {} instance, {} in the permutation",
                layout.advice_columns,
                layout.fixed_columns,
                layout.instance_columns,
                layout.permutation_columns
            ),
        ),
        ("degree", layout.degree.to_string()),
        ("public values", layout.public_values.to_string()),
        ("soundness", describe_error(layout.error_bits)),
    ])
}
