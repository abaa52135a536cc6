//! Answers without a proof.

use std::fmt;
use zkml::advanced::plain;

/// What a user reads where the model does not take an input, whatever the reason: everything that happens inside the
/// model depends on weights that may be hidden.
const BY_MODEL: &str = "the model does not take this input; which value left its range is not told, because that \
                        depends on the weights. Ask with an input that is closer to those that the model is for";

/// Why a provider answers a request without a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request does not fit the manifest. The text is a function of these two alone, and found before the model
    /// runs.
    Request(String),
    /// The run of the model ends without a result. Its message is a single code: there is no room in it for anything
    /// that depends on weights.
    Model,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A provider wrote it, and it will be shown on a terminal.
            Self::Request(text) => f.write_str(&plain(text)),
            Self::Model => f.write_str(BY_MODEL),
        }
    }
}
