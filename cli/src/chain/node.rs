//! A contract on a chain, asked through a node's JSON-RPC.

use super::{Address, Answer};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use zkml::{Proof, VerifyingKey};
use zkml_evm::{Function, KeyContract, Verifier, call};

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const LIMIT: u64 = 1 << 20;

/// A node.
pub struct Node {
    agent: ureq::Agent,
    url: String,
}

/// A verifier on a chain.
pub struct Contract {
    /// Its address.
    pub address: Address,
    /// The key contract, if it is the reusable one.
    pub key: Option<Address>,
}

/// What a call gave.
enum Called {
    Returned(Vec<u8>),
    /// With what data, as far as the node tells.
    Reverted(Vec<u8>),
}

impl Node {
    /// A node at an address.
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        Self {
            agent: config.build().into(),
            url: url.to_owned(),
        }
    }

    /// Fails if the node is on another chain.
    pub fn check_chain(&self, expected: u64) -> Result<()> {
        let found = self.quantity("eth_chainId", json!([]))?;
        ensure!(
            found == expected,
            "{}: expected a node on the chain {expected}, found one on {found}",
            self.url
        );
        Ok(())
    }

    /// Asks a contract about a proof.
    ///
    /// Fails if there is no contract, or one of another key.
    pub fn ask(
        &self,
        contract: &Contract,
        key: &VerifyingKey,
        verifier: &Verifier,
        proof: &Proof,
    ) -> Result<Answer> {
        let to = contract.address;
        ensure!(
            !self.code(to)?.is_empty(),
            "{to}: expected a contract, found an account without code; is the node on the right chain?"
        );
        let (arguments, key_contract) = match contract.key {
            None => ("()", None),
            Some(address) => {
                let code_hash = verifier.key_code_hash()?;
                ensure!(
                    self.code(address)? == verifier.key_code()?,
                    "{address}: expected the contract of the key {}, found another",
                    key.digest()
                );
                let key_contract = KeyContract {
                    address: address.0,
                    code_hash,
                };
                ("(address)", Some(key_contract))
            }
        };
        let word = |a: Address| {
            let mut word = [0; 32];
            word[12..].copy_from_slice(&a.0);
            word
        };
        let words: Vec<[u8; 32]> = contract.key.into_iter().map(word).collect();
        let mut expected = vec![("keyId", "of the key", *key.digest().as_bytes())];
        let linked = |manifest| ("manifest", "of proofs linked under", manifest);
        expected.extend(verifier.manifest().map(linked));
        for (function, what, expected) in expected {
            match self.call(to, &call(&format!("{function}{arguments}"), &words))? {
                Called::Returned(id) if id == expected => {}
                Called::Returned(id) => bail!(
                    "{to}: expected a verifier {what} {}, found one {what} {}",
                    hex::encode(expected),
                    hex::encode(id)
                ),
                Called::Reverted(_) => bail!("{to}: expected a verifier of zkml, found another contract"),
            }
        }
        let data = proof.calldata(Function::Verify, key_contract.as_ref())?;
        let valid = match self.call(to, &data)? {
            Called::Returned(word) if word == one() => true,
            Called::Returned(word) if word == [0; 32] => false,
            Called::Returned(_) => bail!("{to}: expected true or false, found something else"),
            Called::Reverted(data) if data == call("TooLittleGas()", &[]) => bail!(
                "{}: expected a node that gives calls enough gas, found that the contract has too little; \
                 raise the node's limit for eth_call",
                self.url
            ),
            Called::Reverted(data) if data == call("NoPrecompile()", &[]) => bail!(
                "{}: expected a chain with Ethereum's precompiled contracts 0x05 to 0x08, found that it lacks one: no \
                 contract can verify there; ask a node of another chain",
                self.url
            ),
            // What calldata gets that is not the encoding of any proof for this key.
            Called::Reverted(_) => false,
        };
        Ok(Answer { valid, gas: None })
    }

    fn code(&self, address: Address) -> Result<Vec<u8>> {
        let code = self.result("eth_getCode", json!([address.to_string(), "latest"]))?;
        bytes(&code).with_context(|| format!("{}: the code of {address}", self.url))
    }

    fn call(&self, to: Address, data: &[u8]) -> Result<Called> {
        let data = format!("0x{}", hex::encode(data));
        let transaction = json!({ "to": to.to_string(), "data": data });
        let answer = self.post("eth_call", json!([transaction, "latest"]))?;
        match (answer.get("result"), answer.get("error")) {
            (Some(result), _) => Ok(Called::Returned(bytes(result)?)),
            // Code 3 is a revert; some nodes say it in words alone.
            (None, Some(error)) if error["code"] == 3 || error["message"].to_string().contains("revert") => {
                Ok(Called::Reverted(bytes(&error["data"]).unwrap_or_default()))
            }
            (None, error) => bail!("{}: expected a result of eth_call, found {error:?}", self.url),
        }
    }

    fn quantity(&self, method: &str, params: Value) -> Result<u64> {
        let result = self.result(method, params)?;
        let digits = result.as_str().and_then(|text| text.strip_prefix("0x"));
        digits
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .with_context(|| format!("{}: expected a number from {method}, found {result}", self.url))
    }

    fn result(&self, method: &str, params: Value) -> Result<Value> {
        let mut answer = self.post(method, params)?;
        ensure!(
            answer.get("result").is_some(),
            "{}: expected a result of {method}, found {}",
            self.url,
            answer["error"]
        );
        Ok(answer["result"].take())
    }

    fn post(&self, method: &str, params: Value) -> Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let text = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(body.to_string())
            .and_then(|mut answer| answer.body_mut().with_config().limit(LIMIT).read_to_string())
            .with_context(|| format!("cannot reach a node at {}", self.url))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{}: expected an answer in JSON, found something else", self.url))
    }
}

fn one() -> [u8; 32] {
    let mut word = [0; 32];
    word[31] = 1;
    word
}

fn bytes(value: &Value) -> Result<Vec<u8>> {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
    let digits = digits.with_context(|| format!("expected hex digits, found {value}"))?;
    hex::decode(digits).with_context(|| format!("expected hex digits, found {value}"))
}
