//! A real node in a process of its own.

use super::tools::Tools;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zkml_evm::rpc::{Called, Rpc, prefixed, quantity};
use zkml_network::EvmAddress;

/// How long the node may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// Chain of the node.
pub const CHAIN: u64 = 31_337;

/// A node with accounts that have what they need.
pub struct Node {
    process: Child,
    rpc: Rpc,
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
            rpc: Rpc::new(format!("http://127.0.0.1:{port}")),
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
        self.rpc.url()
    }

    /// An account's address.
    pub fn account(&self, index: usize) -> Result<&str> {
        let account = self.accounts.get(index);
        Ok(account.with_context(|| format!("expected an account number {index}"))?)
    }

    /// The result of a method.
    pub fn request(&self, method: &str, params: Value) -> Result<Value> {
        Ok(self.rpc.result(method, params)?)
    }

    /// A transaction from an account; the result is its receipt.
    pub fn send(&self, from: usize, to: Option<&str>, wei: u64, data: &[u8]) -> Result<Value> {
        let mut transaction = json!({
            "from": self.account(from)?,
            "data": prefixed(data),
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
        match self.rpc.call(
            *to.parse::<EvmAddress>().map_err(anyhow::Error::msg)?.as_bytes(),
            data,
        )? {
            Called::Returned(bytes) => Ok(bytes),
            Called::Reverted(data) => bail!("expected a result of {to}, found a revert with {data:?}"),
        }
    }

    /// Wei of an account.
    pub fn balance(&self, address: &str) -> Result<u128> {
        Ok(self.rpc.quantity("eth_getBalance", json!([address, "latest"]))?)
    }

    /// Seconds since the epoch in the latest block.
    pub fn time(&self) -> Result<u64> {
        let block = self.request("eth_getBlockByNumber", json!(["latest", false]))?;
        number(&block["timestamp"])
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
    number(&receipt["gasUsed"])
}

fn number(value: &Value) -> Result<u64> {
    let number = quantity(value).with_context(|| format!("expected a number, found {value}"))?;
    Ok(number.try_into()?)
}

/// A text in JSON.
pub fn text(value: &Value) -> Result<String> {
    let text = value.as_str();
    Ok(text
        .with_context(|| format!("expected a text, found {value}"))?
        .to_owned())
}
