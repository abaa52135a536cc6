//! Addresses of contracts.

use std::fmt;
use std::str::FromStr;

/// An address: `0x` and 40 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub [u8; 20]);

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").unwrap_or_default();
        let mut bytes = [0; 20];
        hex::decode_to_slice(digits, &mut bytes)
            .map_err(|_| format!("expected an address of 0x and 40 hex digits, found {text:?}"))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_and_others_do_not() {
        let text = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
        assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        for bad in ["", "0x", "5fbdb2315678afecb367f032d93f642f64180aa3", "0xzz"] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }
}
