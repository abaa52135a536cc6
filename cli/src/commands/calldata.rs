//! `zkml calldata`.

use super::load_proof;
use crate::args::CalldataArgs;
use crate::config::{Pinned, contract_of};
use crate::output::{Session, Verdict};
use anyhow::{Context, Result};
use serde::Serialize;
use zkml::VerifyingKey;
use zkml_evm::{Function, KeyContract};

#[derive(Serialize)]
struct Call {
    calldata: String,
}

/// Prints calldata.
pub fn run(args: CalldataArgs, session: &Session) -> Result<Verdict> {
    let proof = load_proof(&args.proof)?
        .with_context(|| format!("cannot use {} as a proof", args.proof.display()))?;
    let function = match args.decode {
        true => Function::VerifyAndDecode,
        false => Function::Verify,
    };
    let model = Pinned::load(&args.model)?;
    let key = match (&args.vk, args.key_contract) {
        (Some(path), Some(address)) => {
            let key = VerifyingKey::load(path)
                .with_context(|| format!("cannot use {} as a verifying key", path.display()))?;
            Some(KeyContract {
                address: address.0,
                code_hash: contract_of(&key, model.as_ref())?.key_code_hash()?,
            })
        }
        _ => None,
    };
    let data = proof.calldata(function, key.as_ref())?;
    let call = Call {
        calldata: format!("0x{}", hex::encode(data)),
    };
    session.result(&call, || call.calldata.clone())?;
    Ok(Verdict::Good)
}
