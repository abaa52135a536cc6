//! A proof is taken by one registry on one chain.

use super::{Word, deploy_model, init_code, reverts};
use crate::data::{Digits, asset};
use crate::foundation::{CALIBRATION, LENET5, asset_model};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result};
use std::num::NonZeroU64;
use zkml::commitments::PinnedModel;
use zkml::{CompileOptions, Digest, Optimize, ParamVisibility, Proof, ProveOptions, Visibility};
use zkml_evm::{Chain, Outcome, address_word, proof_call};
use zkml_network::{Binding, EvmAddress, EvmRecipient, RequestHeader};

const NOW: u64 = 1_800_000_000;
const REQUEST: Word = [0x51; 32];
/// Another chain than the one that the registries are on.
const ELSEWHERE: u64 = 31337;

/// LeNet-5 with hashed inputs and committed weights.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let item = Item::new(
        "contracts: a proof for one registry and chain",
        "refused by another registry, on another chain, without a destination, and the second time",
    );
    report.measure(item, || measure(workshop));
}

fn measure(workshop: &mut Workshop) -> Result<Figure> {
    let mut digits = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
    digits.truncate(CALIBRATION);
    let options = CompileOptions::default()
        .optimize(Optimize::Evm)
        .inputs(Visibility::Hashed)
        .params(ParamVisibility::Committed)
        .context(Binding::VALUES as u16);
    let setup = workshop.setup(&asset_model(LENET5.1, 1)?, &digits, &options)?;
    let manifest = Digest::of(b"acceptance", &[b"manifest"]);
    let prover = setup.committed(|commitment| PinnedModel::with_manifest(commitment, manifest))?;
    let pinned = prover.verifier().commitment().context("a commitment")?;
    let prove = |binding: &Binding| -> Result<Proof> {
        let options = ProveOptions::default().context(binding.to_elements().to_vec());
        Ok(prover.prove_with(&digits[0], &options)?.proof)
    };

    let mut chain = Chain::new();
    chain.set_time(NOW);
    let model = deploy_model(&mut chain, &setup.verifying_key.contract_for(pinned)?)?;
    let words = [
        address_word(model),
        *setup.verifying_key.digest().as_bytes(),
        *manifest.as_bytes(),
    ];
    let code = init_code("AnswerRegistry")?;
    let mut deploy = || Ok::<_, anyhow::Error>(chain.deploy(&code, &words.concat())?.0);
    let [first, second] = [deploy()?, deploy()?];
    let account = Chain::account(1);
    let binding = |registry: [u8; 20], id: u64| -> Result<Binding> {
        let header = RequestHeader {
            request_id: REQUEST.into(),
            model: manifest,
            expiry: NOW + 60,
            evm: Some(EvmRecipient {
                account: EvmAddress::from(account),
                chain: NonZeroU64::new(id).context("a chain's id")?,
                registry: registry.into(),
            }),
            identity: None,
        };
        Ok(header.binding(&[9; 32].into()))
    };
    let mut accept = |id: u64, registry, proof: &Proof| -> Result<Outcome> {
        chain.set_id(id);
        let signature = "accept(bytes32,bytes,uint256[])";
        let data = proof_call(signature, &[REQUEST], proof.bytes(), proof.public_values());
        Ok(chain.transact(account, registry, 0, data)?)
    };

    let here = binding(first, Chain::ID)?;
    let proof = prove(&here)?;
    let elsewhere = prove(&binding(first, ELSEWHERE)?)?;
    let nowhere = prove(&Binding {
        destination: None,
        ..here
    })?;
    let wrong = [
        accept(Chain::ID, second, &proof)?,
        accept(ELSEWHERE, first, &proof)?,
        accept(Chain::ID, first, &elsewhere)?,
        accept(Chain::ID, first, &nowhere)?,
    ];
    let refused = wrong
        .iter()
        .filter(|outcome| reverts(outcome, "WrongDestination(uint256)"))
        .count();
    let taken = accept(Chain::ID, first, &proof)?;
    let again = accept(Chain::ID, first, &proof)?;
    Ok(Figure::new(
        refused == wrong.len() && taken.success && reverts(&again, "AlreadyAnswered(bytes32)"),
        format!(
            "{refused} of {} refused elsewhere; taken where it is for: {}, {} gas; again: {}",
            wrong.len(),
            taken.success,
            taken.gas,
            again.success
        ),
    ))
}
