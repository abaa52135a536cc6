//! Keys that anyone can make again.

mod dishonest;
mod service;

use super::cli::Cli;
use crate::data::{Digits, asset};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Workshop, median};
use anyhow::{Context, Result, ensure};
use dishonest::{Dishonest, with_each_column_emptied};
use service::Service;
use std::path::Path;
use std::time::Duration;
use zkml::{
    Circuit, CompileOptions, Error, ImportOptions, Model, Optimize, ParamVisibility, Progress, Visibility,
};
use zkml_network::Binding;

const CALIBRATION: usize = 100;
/// Longest time that the check of LeNet-5's key may take, in a release build.
const CHECK_TIME: Duration = Duration::from_secs(1);
const VISIBILITIES: [ParamVisibility; 5] = [
    ParamVisibility::Private,
    ParamVisibility::Public,
    ParamVisibility::Fixed,
    ParamVisibility::Hashed,
    ParamVisibility::Committed,
];

pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    report.measure(
        Item::new("keys: honest ones of all kinds pass", "10 of 10"),
        || honest(workshop),
    );
    let items = [
        ("keys: check of LeNet-5 (committed)", "at most 1 s (release)"),
        ("keys: one column emptied, each in turn", "all rejected"),
    ];
    let items = items.map(|(name, bar)| Item::new(name, bar)).to_vec();
    report.measure_all(items, || lenet(workshop));
    let items = [
        (
            "keys: a dishonest one proves a false output",
            "verifies, honest digest",
        ),
        ("keys: the dishonest one in the library", "rejected"),
        ("keys: the dishonest one in `key check`", "exit code 2"),
        ("keys: the dishonest one in `ask`", "exit code 2, nothing sent"),
        ("keys: the dishonest one in `validate`", "exit code 2"),
        ("keys: --no-key-check", "says so"),
    ];
    let items = items.map(|(name, bar)| Item::new(name, bar)).to_vec();
    report.measure_all(items, || attack(zkml?));
}

/// LeNet-5 and its calibration.
fn digits() -> Result<(Model, Vec<Vec<zkml::FloatTensor>>)> {
    let options = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    let model = Model::load(&asset("mnist_lenet5.onnx"), &options)?;
    let inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
    Ok((model, inputs))
}

/// Keys of every visibility of weights, for provers and for contracts.
fn honest(workshop: &mut Workshop) -> Result<Figure> {
    let (model, inputs) = digits()?;
    let mut passed = 0;
    for params in VISIBILITIES {
        for optimize in [Optimize::Prover, Optimize::Evm] {
            let options = CompileOptions::default()
                .inputs(Visibility::Hashed)
                .params(params)
                .context(Binding::VALUES as u16)
                .optimize(optimize);
            let setup = workshop.setup(&model, &inputs[..CALIBRATION], &options)?;
            let key = &setup.verifying_key;
            let circuit = setup.model.circuit(key.transcript())?;
            let circuit = Circuit::from_bytes(&circuit.to_bytes()?)?;
            circuit
                .check_key(key, setup.srs(), &Progress::none())
                .with_context(|| format!("{params:?}, {optimize:?}"))?;
            passed += 1;
        }
    }
    Ok(Figure::new(passed == 10, format!("{passed} of 10")))
}

/// The time of a check from the file on, and keys with a column that has constraints nowhere but on one row.
fn lenet(workshop: &mut Workshop) -> Result<Vec<Figure>> {
    let (model, inputs) = digits()?;
    let options = CompileOptions::default()
        .inputs(Visibility::Hashed)
        .params(ParamVisibility::Committed)
        .context(Binding::VALUES as u16);
    let setup = workshop.setup(&model, &inputs[..CALIBRATION], &options)?;
    let key = &setup.verifying_key;
    let bytes = setup.model.circuit(key.transcript())?.to_bytes()?;
    let check = |key| Circuit::from_bytes(&bytes)?.check_key(key, setup.srs(), &Progress::none());
    let took = median(5, || Ok(check(key)?))?;
    let time = format!(
        "{:.2} s, a circuit file of {} bytes",
        took.as_secs_f64(),
        bytes.len()
    );

    let keys = with_each_column_emptied(key, setup.srs())?;
    let mut rejected = 0;
    for key in &keys {
        match check(key) {
            Err(Error::DishonestKey { .. }) => rejected += 1,
            other => ensure!(false, "expected a dishonest key, found {other:?}"),
        }
    }
    let all = !keys.is_empty() && rejected == keys.len();
    Ok(vec![
        Figure::new(took <= CHECK_TIME, time),
        Figure::new(all, format!("{rejected} of {}", keys.len())),
    ])
}

/// What each command says of the dishonest key.
fn attack(zkml: &Path) -> Result<Vec<Figure>> {
    const SAID: [&str; 1] = ["false outputs verify"];
    let (model, inputs) = digits()?;
    let attack = Dishonest::new(&model, &inputs[..CALIBRATION])?;
    let proven = attack.proves_a_false_output(&inputs[0])?;
    let library = match attack.check() {
        Err(Error::DishonestKey { .. }) => Figure::new(true, "DishonestKey"),
        other => Figure::new(false, format!("{other:?}")),
    };
    let cli = Cli::new(zkml)?;
    attack.save(cli.folder(), &inputs[0])?;
    let srs = ["--srs", "bad.srs"];
    let check = ["key", "check", "--vk", "bad.vk", "--circuit", "bad.circuit"];
    let check = cli.refused(&[&check[..], &srs].concat(), &SAID)?;
    let validate = [
        "validate",
        "bad.zkproof",
        "--manifest",
        "bad.manifest.json",
        "--vk",
        "bad.vk",
    ];
    let validate = [&validate[..], &srs].concat();
    let validated = cli.refused(&validate, &SAID)?;
    let service = Service::start(&attack)?;
    let digits = asset("mnist_digits.npz");
    let input = format!("{}:images[0]", digits.display());
    let ask = [
        "ask",
        &service.url,
        "--input",
        &input,
        "--pixel-scale",
        "1/255",
        "--pins",
        "pins.json",
    ];
    let asked = cli
        .refused(&ask, &SAID)?
        .and(service.requests()? == 0, "no request arrived");
    let skipped = cli.run(&[&validate[..], &["--no-key-check", "--json"]].concat())?;
    let says = skipped.stdout.contains("\"key_check\":\"skipped\"") && skipped.stderr.contains("not checked");
    Ok(vec![
        proven,
        library,
        check,
        asked,
        validated,
        Figure::new(says, "key_check: skipped, and a warning"),
    ])
}
