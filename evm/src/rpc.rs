//! A node, asked through its JSON-RPC.

use crate::Error;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const LIMIT: u64 = 1 << 20;

/// A node.
pub struct Rpc {
    agent: ureq::Agent,
    url: String,
}

/// What a call of a contract gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// What it returned.
    Returned(Vec<u8>),
    /// It reverted, with these data as far as the node tells them.
    Reverted(Vec<u8>),
}

impl Rpc {
    /// A node at an address (`http` or `https`).
    pub fn new(url: impl Into<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        Self {
            agent: config.build().into(),
            url: url.into(),
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The result of a method.
    ///
    /// # Errors
    /// [`Error::Unreachable`]; [`Error::Node`] for an answer without a result.
    pub fn result(&self, method: &str, params: Value) -> Result<Value, Error> {
        let mut answer = self.post(method, params)?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => Err(self.node(format!("a result of {method}"), &answer["error"])),
        }
    }

    /// A number that is the result of a method.
    ///
    /// # Errors
    /// As [`Rpc::result`], and for other results.
    pub fn quantity(&self, method: &str, params: Value) -> Result<u128, Error> {
        let result = self.result(method, params)?;
        quantity(&result).ok_or_else(|| self.node(format!("a number from {method}"), &result))
    }

    /// The code of a contract; none of another account.
    ///
    /// # Errors
    /// As [`Rpc::result`], and for other results.
    pub fn code(&self, address: [u8; 20]) -> Result<Vec<u8>, Error> {
        let code = self.result("eth_getCode", json!([prefixed(address), "latest"]))?;
        bytes(&code).ok_or_else(|| self.node("code in hex digits", &code))
    }

    /// Calls a contract, which leaves no trace.
    ///
    /// # Errors
    /// [`Error::Unreachable`]; [`Error::Node`] for an answer that is neither a result nor a revert.
    pub fn call(&self, to: [u8; 20], data: &[u8]) -> Result<Called, Error> {
        let transaction = json!({ "to": prefixed(to), "data": prefixed(data) });
        let answer = self.post("eth_call", json!([transaction, "latest"]))?;
        let error = &answer["error"];
        match answer.get("result") {
            Some(result) => bytes(result)
                .map(Called::Returned)
                .ok_or_else(|| self.node("a result of eth_call in hex digits", result)),
            // Code 3 is a revert; some nodes say it in words alone.
            None if error["code"] == 3 || error["message"].to_string().contains("revert") => {
                Ok(Called::Reverted(bytes(&error["data"]).unwrap_or_default()))
            }
            None => Err(self.node("a result of eth_call", error)),
        }
    }

    fn post(&self, method: &str, params: Value) -> Result<Value, Error> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let text = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(body.to_string())
            .and_then(|mut answer| answer.body_mut().with_config().limit(LIMIT).read_to_string())
            .map_err(|source| Error::Unreachable {
                url: self.url.clone(),
                source: Box::new(source),
            })?;
        serde_json::from_str(&text).map_err(|_| self.node("an answer in JSON", "something else"))
    }

    fn node(&self, expected: impl Into<String>, found: impl ToString) -> Error {
        Error::Node {
            url: self.url.clone(),
            expected: expected.into(),
            found: found.to_string(),
        }
    }
}

/// A number as JSON-RPC writes it: hex digits after `0x`.
pub fn quantity(value: &Value) -> Option<u128> {
    u128::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

/// Bytes as JSON-RPC writes them: pairs of hex digits after `0x`.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?.strip_prefix("0x")?).ok()
}

/// The same, written.
pub fn prefixed(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}
