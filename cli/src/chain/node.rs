//! A contract on a chain, asked through a node's JSON-RPC.

use super::Answer;
use anyhow::{Result, bail, ensure};
use serde_json::json;
use zkml::{Proof, VerifyingKey};
use zkml_evm::rpc::{Called, Rpc};
use zkml_evm::{Function, KeyContract, Verifier, address_word, call, number_word};
use zkml_network::EvmAddress;

/// A verifier on a chain.
pub struct Contract {
    /// Its address.
    pub address: EvmAddress,
    /// The key contract, if it is the reusable one.
    pub key: Option<EvmAddress>,
}

/// Fails if the node is on another chain.
pub fn check_chain(node: &Rpc, expected: u64) -> Result<()> {
    let found = node.quantity("eth_chainId", json!([]))?;
    ensure!(
        found == expected.into(),
        "{}: expected a node on the chain {expected}, found one on {found}",
        node.url()
    );
    Ok(())
}

/// Asks a contract about a proof.
///
/// Fails if there is no contract, or one of another key.
pub fn ask(
    node: &Rpc,
    contract: &Contract,
    key: &VerifyingKey,
    verifier: &Verifier,
    proof: &Proof,
) -> Result<Answer> {
    let to = contract.address;
    ensure!(
        !node.code(*to.as_bytes())?.is_empty(),
        "{to}: expected a contract, found an account without code; is the node on the right chain?"
    );
    let (arguments, key_contract) = match contract.key {
        None => ("()", None),
        Some(address) => {
            let code_hash = verifier.key_code_hash()?;
            ensure!(
                node.code(*address.as_bytes())? == verifier.key_code()?,
                "{address}: expected the contract of the key {}, found another",
                key.digest()
            );
            let key_contract = KeyContract {
                address: *address.as_bytes(),
                code_hash,
            };
            ("(address)", Some(key_contract))
        }
    };
    let key_address = contract.key.map(|address| address_word(*address.as_bytes()));
    let words: Vec<[u8; 32]> = key_address.into_iter().collect();
    let mut expected = vec![("keyId", "of the key", *key.digest().as_bytes())];
    let linked = |manifest| ("manifest", "of proofs linked under", manifest);
    expected.extend(verifier.manifest().map(linked));
    for (function, what, expected) in expected {
        match node.call(*to.as_bytes(), &call(&format!("{function}{arguments}"), &words))? {
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
    let valid = match node.call(*to.as_bytes(), &data)? {
        Called::Returned(word) if word == number_word(1) => true,
        Called::Returned(word) if word == [0; 32] => false,
        Called::Returned(_) => bail!("{to}: expected true or false, found something else"),
        Called::Reverted(data) if data == call("TooLittleGas()", &[]) => bail!(
            "{}: expected a node that gives calls enough gas, found that the contract has too little; \
             raise the node's limit for eth_call",
            node.url()
        ),
        Called::Reverted(data) if data == call("NoPrecompile()", &[]) => bail!(
            "{}: expected a chain with Ethereum's precompiled contracts 0x05 to 0x08, found that it lacks one: no \
             contract can verify there; ask a node of another chain",
            node.url()
        ),
        // What calldata gets that is not the encoding of any proof for this key.
        Called::Reverted(_) => false,
    };
    Ok(Answer { valid, gas: None })
}
