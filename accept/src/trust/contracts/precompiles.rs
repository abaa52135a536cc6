//! Chains whose precompiled contracts are missing, fail, or return another size.

use super::reverts;
use crate::contracts::{Kind, Subject};
use crate::foundation::MLP;
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use halo2curves::bn256::Fr;
use zkml::ParamVisibility;
use zkml_evm::{Chain, Function, Precompile, calldata};

/// The precompiled contracts that verification needs, and the bytes that they return.
const NEEDED: [(u8, usize); 4] = [(0x05, 32), (0x06, 64), (0x07, 64), (0x08, 32)];

/// The MNIST MLP with private and with committed weights.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    for (name, params) in [
        ("private weights", ParamVisibility::Private),
        ("committed weights", ParamVisibility::Committed),
    ] {
        let item = Item::new(
            format!("contracts: precompiles, {name}"),
            "missing, reverting, shorter or longer: the verifier reverts, whatever the proof",
        );
        report.measure(item, || measure(workshop, params));
    }
}

fn measure(workshop: &mut Workshop, params: ParamVisibility) -> Result<Figure> {
    let kind = Kind {
        name: MLP.0,
        file: MLP.1,
        contract: "MlpVerifier",
        params,
        gas: None,
    };
    let subject = Subject::new(workshop, kind)?;
    let (proof, good) = (&subject.proof, subject.proof.public_values());
    let mut changed = good.to_vec();
    changed[0] += Fr::from(1);
    let (mut calls, mut reverted) = (0, 0);
    for (address, size) in NEEDED {
        let lengths = [0, size - 32, size - 1, size + 1].map(Precompile::Returning);
        let odd = [Precompile::Missing, Precompile::Reverting]
            .into_iter()
            .chain(lengths);
        for precompile in odd {
            let error = match precompile {
                Precompile::Reverting => "TooLittleGas()",
                _ => "NoPrecompile()",
            };
            let mut chain = Chain::new();
            let (to, _) = chain.deploy(&subject.verifier.reusable().init_code(), &[])?;
            let key = chain.deploy_key(&subject.verifier)?;
            let ask = |chain: &mut Chain, public: &[Fr]| {
                let data = calldata(Function::Verify, Some(&key), proof.bytes(), public);
                chain.call(to, data)
            };
            ensure!(
                ask(&mut chain, good)?.is_true() && !ask(&mut chain, &changed)?.is_true(),
                "expected the verifier to tell a valid proof from an invalid one, found that it does not"
            );
            chain.set_precompile(address, precompile);
            for public in [good, &changed] {
                calls += 1;
                reverted += usize::from(reverts(&ask(&mut chain, public)?, error));
            }
        }
    }
    Ok(Figure::new(
        reverted == calls,
        format!("{reverted} of {calls} calls revert"),
    ))
}
