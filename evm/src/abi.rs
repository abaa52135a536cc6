//! Calldata.

use crate::source::selector;
use crate::transcript::word;
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
    let words: Vec<[u8; 32]> = public.iter().map(word).collect();
    calldata_of_words(function, key, proof, &words)
}

/// A call with public inputs that need not be field elements.
pub(crate) fn calldata_of_words(
    function: Function,
    key: Option<&KeyContract>,
    proof: &[u8],
    public: &[[u8; 32]],
) -> Vec<u8> {
    let arguments = match key {
        None => "(bytes,uint256[])",
        Some(_) => "(address,bytes32,bytes,uint256[])",
    };
    let mut out = selector_bytes(&format!("{}{arguments}", function.name()));
    let mut head: usize = 0x40;
    if let Some(key) = key {
        head = 0x80;
        out.extend([0; 12]);
        out.extend(key.address);
        out.extend(key.code_hash);
    }
    let padding = proof.len().next_multiple_of(32) - proof.len();
    let second = head + 32 + proof.len() + padding;
    for number in [head, second, proof.len()] {
        out.extend(crate::key::number(number));
    }
    out.extend(proof);
    out.extend(vec![0; padding]);
    out.extend(crate::key::number(public.len()));
    public.iter().for_each(|v| out.extend(v));
    out
}

/// A call of a function with words as arguments, such as `modelId()`.
pub fn call(signature: &str, arguments: &[[u8; 32]]) -> Vec<u8> {
    let mut out = selector_bytes(signature);
    arguments.iter().for_each(|a| out.extend(a));
    out
}

fn selector_bytes(signature: &str) -> Vec<u8> {
    // Four bytes, which hex digits always decode to.
    hex::decode(selector(signature)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_encoded_as_the_abi_says() {
        let data = calldata(Function::Verify, None, &[7; 64], &[Fr::from(5), Fr::from(6)]);
        assert_eq!(data.len(), 4 + 32 * (2 + 1 + 2 + 1 + 2));
        assert_eq!(hex::encode(&data[..4]), selector("verify(bytes,uint256[])"));
        assert_eq!(selector("transfer(address,uint256)"), "a9059cbb");
        let word = |i: usize| &data[4 + 32 * i..36 + 32 * i];
        assert_eq!(word(0), crate::key::number(0x40));
        assert_eq!(word(1), crate::key::number(0x40 + 0x60));
        assert_eq!(word(2), crate::key::number(64));
        assert_eq!(word(5), crate::key::number(2));
        assert_eq!(word(7), crate::key::number(6));
        let key = KeyContract {
            address: [0xaa; 20],
            code_hash: [0xbb; 32],
        };
        let data = calldata(Function::VerifyAndDecode, Some(&key), &[7; 33], &[]);
        assert_eq!(data.len(), 4 + 32 * (4 + 1 + 2 + 1));
        assert_eq!(data[4 + 12..4 + 32], [0xaa; 20]);
        assert_eq!(data[36..68], [0xbb; 32]);
        assert_eq!(
            call("modelId()", &[]),
            hex::decode(selector("modelId()")).unwrap()
        );
    }
}
