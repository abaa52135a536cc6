//! What coordinator and registry ask of a verifier when they are deployed.

use super::{Word, deploy_model, init_code};
use crate::data::{Digits, asset};
use crate::foundation::{CALIBRATION, MLP, asset_model};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::Result;
use zkml::{CompileOptions, Optimize, VerifyingKey};
use zkml_evm::{COORDINATOR_CONTEXT, Chain, address_word, call};
use zkml_network::Binding;

/// Arguments after verifier and key, the length of the context that is read, and the contract.
const CONSUMERS: [(&str, usize, &[Word]); 2] = [
    ("AnswerRegistry", Binding::VALUES, &[[7; 32]]),
    ("InferenceCoordinator", COORDINATOR_CONTEXT, &[[0; 32], [0; 32]]),
];

/// Lengths of contexts. With none, the last public inputs are the ten outputs.
const LENGTHS: [usize; 5] = [0, COORDINATOR_CONTEXT, 7, Binding::VALUES, 9];

/// Keys of the MNIST MLP.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let items = vec![
        Item::new(
            "contracts: a key without the context",
            "refused when registry and coordinator are deployed; the right ones are taken",
        ),
        Item::new(
            "contracts: another key than was named",
            "refused when registry and coordinator are deployed",
        ),
    ];
    report.measure_all(items, || measure(workshop));
}

fn measure(workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let mut digits = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
    digits.truncate(CALIBRATION);
    let model = asset_model(MLP.1, 1)?;
    let (mut taken, mut refused) = (0, 0);
    let mut others = [0, 0];
    for length in LENGTHS {
        let options = CompileOptions::default()
            .optimize(Optimize::Evm)
            .context(length as u16);
        let key = workshop.setup(&model, &digits, &options)?.verifying_key;
        let digest = *key.digest().as_bytes();
        for (name, wanted, more) in CONSUMERS {
            let error = deploy(name, &key, digest, more)?;
            match (length == wanted, error) {
                (true, None) => taken += 1,
                (false, Some(error)) if error == selector("WrongContextLength(uint256,uint256)") => {
                    refused += 1;
                }
                _ => {}
            }
            if length == wanted {
                let mut other = digest;
                other[31] ^= 1;
                let error = deploy(name, &key, other, more)?;
                others[0] += usize::from(error == Some(selector("UnexpectedKey(bytes32,bytes32)")));
                others[1] += 1;
            }
        }
    }
    let wrong = LENGTHS.len() * CONSUMERS.len() - CONSUMERS.len();
    Ok(vec![
        Figure::new(
            refused == wrong && taken == CONSUMERS.len(),
            format!(
                "{refused} of {wrong} refused, {taken} of {} taken",
                CONSUMERS.len()
            ),
        ),
        Figure::new(
            others == [CONSUMERS.len(); 2],
            format!("{} of {} refused", others[0], others[1]),
        ),
    ])
}

/// Deploys a consumer on a verifier of this key; the error's selector if it refuses.
fn deploy(name: &str, key: &VerifyingKey, named: Word, more: &[Word]) -> Result<Option<String>> {
    let mut chain = Chain::new();
    let model = deploy_model(&mut chain, &key.contract()?)?;
    let words = [&[address_word(model), named], more].concat();
    let deployed = chain.deploy(&init_code(name)?, &words.concat());
    // A revert shows its data in hex digits, the selector first.
    Ok(deployed.err().map(|error| {
        let text = error.to_string();
        let start = text.find("0x").map_or(0, |at| at + 2);
        text.get(start..start + 8).unwrap_or_default().to_owned()
    }))
}

fn selector(error: &str) -> String {
    hex::encode(call(error, &[]))
}
