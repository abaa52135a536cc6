//! A real node in a process of its own.

use super::tools::Tools;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long the node may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// Chain of the node.
pub const CHAIN: u64 = 31_337;

/// A node with accounts that have what they need.
pub struct Node {
    process: Child,
    url: String,
    accounts: Vec<String>,
}

impl Drop for Node {
    fn drop(&mut self) {
        // npm's script around the node hands it this signal; killed itself, it would leave the node behind.
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

impl Node {
    /// Starts a node.
    pub fn start(tools: &Tools) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = tools
            .anvil()
            .args(["--port", &port.to_string(), "--silent"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start anvil")?;
        let mut node = Node {
            process,
            url: format!("http://127.0.0.1:{port}"),
            accounts: vec![],
        };
        let start = Instant::now();
        loop {
            match node.request("eth_accounts", json!([])) {
                Ok(accounts) => {
                    let accounts = accounts.as_array().context("expected accounts")?;
                    node.accounts = accounts.iter().map(text).collect::<Result<_>>()?;
                    return Ok(node);
                }
                Err(error) if start.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An account's address.
    pub fn account(&self, index: usize) -> Result<&str> {
        let account = self.accounts.get(index);
        Ok(account.with_context(|| format!("expected an account number {index}"))?)
    }

    /// The result of a method.
    pub fn request(&self, method: &str, params: Value) -> Result<Value> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut answer = ureq::post(&self.url)
            .header("content-type", "application/json")
            .send(body.to_string())?;
        let mut answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        ensure!(
            answer.get("result").is_some(),
            "{method}: expected a result, found {}",
            answer["error"]
        );
        Ok(answer["result"].take())
    }

    /// A transaction from an account; the result is its receipt.
    pub fn send(&self, from: usize, to: Option<&str>, wei: u64, data: &[u8]) -> Result<Value> {
        let mut transaction = json!({
            "from": self.account(from)?,
            "data": hex(data),
            "value": format!("{wei:#x}"),
            "gas": "0xf00000"
        });
        if let Some(to) = to {
            transaction["to"] = to.into();
        }
        let hash = self.request("eth_sendTransaction", json!([transaction]))?;
        let receipt = self.receipt(&hash)?;
        ensure!(receipt["status"] == "0x1", "expected success, found {receipt}");
        Ok(receipt)
    }

    /// The receipt of a transaction, once a block holds it.
    fn receipt(&self, hash: &Value) -> Result<Value> {
        let start = Instant::now();
        loop {
            let receipt = self.request("eth_getTransactionReceipt", json!([hash]))?;
            if !receipt.is_null() {
                return Ok(receipt);
            }
            ensure!(
                start.elapsed() < PATIENCE,
                "expected transaction {hash} in a block within {PATIENCE:?}, found none"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Deploys a contract; the result is its address.
    pub fn deploy(&self, code: &[u8]) -> Result<String> {
        text(&self.send(0, None, 0, code)?["contractAddress"])
    }

    /// What a call returns.
    pub fn call(&self, to: &str, data: &[u8]) -> Result<Vec<u8>> {
        let result = self.request("eth_call", json!([{ "to": to, "data": hex(data) }, "latest"]))?;
        bytes(&result)
    }

    /// Wei of an account.
    pub fn balance(&self, address: &str) -> Result<u128> {
        let balance = text(&self.request("eth_getBalance", json!([address, "latest"]))?)?;
        Ok(u128::from_str_radix(balance.trim_start_matches("0x"), 16)?)
    }

    /// Seconds since the epoch in the latest block.
    pub fn time(&self) -> Result<u64> {
        let block = self.request("eth_getBlockByNumber", json!(["latest", false]))?;
        let time = text(&block["timestamp"])?;
        Ok(u64::from_str_radix(time.trim_start_matches("0x"), 16)?)
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) -> Result<()> {
        self.request("evm_increaseTime", json!([seconds]))?;
        self.request("evm_mine", json!([]))?;
        Ok(())
    }
}

/// Gas of a transaction.
pub fn gas(receipt: &Value) -> Result<u64> {
    let gas = text(&receipt["gasUsed"])?;
    Ok(u64::from_str_radix(gas.trim_start_matches("0x"), 16)?)
}

/// A text in JSON.
pub fn text(value: &Value) -> Result<String> {
    let text = value.as_str();
    Ok(text
        .with_context(|| format!("expected a text, found {value}"))?
        .to_owned())
}

/// Bytes in JSON.
pub fn bytes(value: &Value) -> Result<Vec<u8>> {
    Ok(hex::decode(text(value)?.trim_start_matches("0x"))?)
}

fn hex(data: &[u8]) -> String {
    format!("0x{}", hex::encode(data))
}
