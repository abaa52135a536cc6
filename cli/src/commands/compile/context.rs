//! How many values proofs are bound to.

use std::str::FromStr;
use zkml_evm::COORDINATOR_CONTEXT;
use zkml_network::Binding;

/// A number of values, or the name of what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextLength(pub u16);

impl FromStr for ContextLength {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "request" => Ok(Self(Binding::VALUES as u16)),
            "coordinator" => Ok(Self(COORDINATOR_CONTEXT as u16)),
            _ => text.parse().map(Self).map_err(|_| {
                format!("expected request, coordinator, or a number from 0 to 65535, found {text:?}")
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_lengths() {
        for (text, length) in [("request", 8), ("coordinator", 4), ("0", 0), ("65535", 65535)] {
            assert_eq!(text.parse(), Ok(ContextLength(length)));
        }
        for bad in ["", "Request", "-1", "65536", "8 "] {
            assert!(bad.parse::<ContextLength>().is_err(), "{bad}");
        }
    }
}
