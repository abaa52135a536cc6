//! Calldata, as the ABI of Solidity encodes it. The functions that are called take words, and at the end a proof and its public
//! inputs, so that no encoder of other types is needed.

use crate::word::{Bytes32, number, selector, word};
use halo2curves::bn256::Fr;

/// The functions of the verifier contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `verify`: whether a proof is valid.
    Verify,
    /// `verifyAndDecode`: that, and the outputs.
    VerifyAndDecode,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::VerifyAndDecode => "verifyAndDecode",
        }
    }
}

/// A key contract of the reusable verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyContract {
    /// Its address.
    pub address: [u8; 20],
    /// The hash of its code.
    pub code_hash: [u8; 32],
}

/// A call of a model's own contract, or with a key of the reusable one.
pub fn calldata(function: Function, key: Option<&KeyContract>, proof: &[u8], public: &[Fr]) -> Vec<u8> {
    let words: Vec<Bytes32> = public.iter().map(word).collect();
    calldata_of_words(function, key, proof, &words)
}

/// A call with public inputs that need not be field elements.
pub fn calldata_of_words(
    function: Function,
    key: Option<&KeyContract>,
    proof: &[u8],
    public: &[Bytes32],
) -> Vec<u8> {
    let name = function.name();
    match key {
        None => proof_call_of_words(&format!("{name}(bytes,uint256[])"), &[], proof, public),
        Some(key) => {
            let signature = format!("{name}(address,bytes32,bytes,uint256[])");
            proof_call_of_words(
                &signature,
                &[address_word(key.address), key.code_hash],
                proof,
                public,
            )
        }
    }
}

/// A call of a function whose last two arguments are a proof and its public inputs, with words before them, such as
/// `answer(uint256,bytes,uint256[])`.
pub fn proof_call(signature: &str, words: &[[u8; 32]], proof: &[u8], public: &[Fr]) -> Vec<u8> {
    let public: Vec<Bytes32> = public.iter().map(word).collect();
    proof_call_of_words(signature, words, proof, &public)
}

fn proof_call_of_words(signature: &str, words: &[Bytes32], proof: &[u8], public: &[Bytes32]) -> Vec<u8> {
    let mut out = call(signature, words);
    let head = 32 * (words.len() + 2);
    let padding = proof.len().next_multiple_of(32) - proof.len();
    let second = head + 32 + proof.len() + padding;
    for length in [head, second, proof.len()] {
        out.extend(number(length));
    }
    out.extend(proof);
    out.extend(vec![0; padding]);
    out.extend(number(public.len()));
    public.iter().for_each(|v| out.extend(v));
    out
}

/// Number of values that a proof for `InferenceCoordinator` is bound to: the request, the requester, the node, the key.
pub const COORDINATOR_CONTEXT: usize = 4;

/// A call of a function with words as arguments, such as `keyId()`.
pub fn call(signature: &str, arguments: &[[u8; 32]]) -> Vec<u8> {
    let mut out = selector(signature).to_vec();
    arguments.iter().for_each(|a| out.extend(a));
    out
}

/// An address as a word.
pub fn address_word(address: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&address);
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_encoded_as_the_abi_says() {
        let data = calldata(Function::Verify, None, &[7; 64], &[Fr::from(5), Fr::from(6)]);
        assert_eq!(data.len(), 4 + 32 * (2 + 1 + 2 + 1 + 2));
        assert_eq!(data[..4], selector("verify(bytes,uint256[])"));
        assert_eq!(selector("transfer(address,uint256)"), [0xa9, 0x05, 0x9c, 0xbb]);
        let word = |i: usize| &data[4 + 32 * i..36 + 32 * i];
        assert_eq!(word(0), number(0x40));
        assert_eq!(word(1), number(0x40 + 0x60));
        assert_eq!(word(2), number(64));
        assert_eq!(word(5), number(2));
        assert_eq!(word(7), number(6));
        let key = KeyContract {
            address: [0xaa; 20],
            code_hash: [0xbb; 32],
        };
        let data = calldata(Function::VerifyAndDecode, Some(&key), &[7; 33], &[]);
        assert_eq!(data.len(), 4 + 32 * (4 + 1 + 2 + 1));
        assert_eq!(data[4 + 12..4 + 32], [0xaa; 20]);
        assert_eq!(data[36..68], [0xbb; 32]);
        assert_eq!(call("keyId()", &[]), selector("keyId()"));
    }
}
