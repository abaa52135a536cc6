//! Models that cannot refuse, and what that costs.
//!
//! Both models meet the same accuracy target; one refuses inputs that drive a value out of its range, the other clamps.

use crate::contracts::tools::{Compiler, Tools};
use crate::data::{Digits, asset, random_inputs};
use crate::foundation::{CALIBRATION, LENET5, MLP, asset_model};
use crate::report::{Figure, Item, Report};
use crate::workshop::{Setup, Workshop, turns};
use anyhow::{Result, ensure};
use zkml::{CompileOptions, FloatTensor, Model, Optimize};
use zkml_evm::{Chain, Function, KeyContract};

/// Turns of proofs with one model and the other.
const RUNS: usize = 41;

/// Inputs that are random in the whole range of the model's inputs.
const HOSTILE: usize = 1_000;

/// What a contract may cost more.
const GAS: f64 = 1.05;

/// A model in the repository, and what its proofs may cost more where it cannot refuse.
struct Subject {
    name: &'static str,
    file: &'static str,
    time: f64,
}

const SUBJECTS: [Subject; 2] = [
    Subject {
        name: LENET5.0,
        file: LENET5.1,
        time: 1.25,
    },
    Subject {
        name: MLP.0,
        file: MLP.1,
        time: 1.15,
    },
];

/// Measures LeNet-5 and the MNIST MLP.
pub fn run(workshop: &mut Workshop, report: &mut Report) {
    let tools = Tools::install();
    for subject in &SUBJECTS {
        let name = subject.name;
        let items = vec![
            Item::new(
                format!("{name}: hostile inputs answered"),
                format!("{HOSTILE} of {HOSTILE}, and none can be refused"),
            ),
            Item::new(
                format!("{name}: proving time without refusals"),
                format!("at most {} of that with them", subject.time),
            ),
        ];
        report.measure_all(items, || subject.measure(workshop));
        let gas = [("reusable verifier", None), ("own contract", Some(&tools))];
        for (contract, tools) in gas {
            let item = Item::new(
                format!("{name}: gas without refusals, {contract}"),
                format!("at most {GAS} of that with them"),
            );
            report.measure(item, || subject.gas(workshop, tools));
        }
    }
}

impl Subject {
    fn calibration(&self) -> Result<Vec<Vec<FloatTensor>>> {
        let mut inputs = Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?;
        inputs.truncate(CALIBRATION);
        Ok(inputs)
    }

    /// The model that refuses, and the one that does not.
    fn pair(&self, workshop: &mut Workshop, options: &CompileOptions) -> Result<[Setup; 2]> {
        let model: Model = asset_model(self.file, 1)?;
        let calibration = self.calibration()?;
        let refusing = workshop.setup(&model, &calibration, options)?;
        let total = workshop.setup(&model, &calibration, &options.clone().saturate(true))?;
        let (before, after) = (refusing.model.can_refuse(), total.model.can_refuse());
        ensure!(
            before && !after,
            "expected a model that can refuse and one that cannot, found {before} and {after}"
        );
        Ok([refusing, total])
    }

    fn measure(&self, workshop: &mut Workshop) -> Result<Vec<Figure>> {
        let [refusing, total] = self.pair(workshop, &CompileOptions::default())?;
        let calibration = self.calibration()?;
        let (mut answered, mut refused) = (0, 0);
        // The whole range: twice what the calibration data has, in both directions.
        let like = vec![calibration[0][0].mapv(|x| if x > 0.5 { 2.0 } else { -2.0 })];
        for seed in 0..HOSTILE as u64 {
            let mut input = random_inputs(&like, seed)?;
            if seed % 2 == 1 {
                // Corners of the range drive accumulators farthest.
                input
                    .iter_mut()
                    .for_each(|x| x.mapv_inplace(|x| 2.0 * x.signum()));
            }
            answered += usize::from(total.model.run(&input).is_ok());
            refused += usize::from(refusing.model.run(&input).is_err());
        }
        // One of them is proven, and the proof has the executor's outputs.
        total.prove_and_check(&random_inputs(&like, 0)?)?;
        let input = &calibration[0];
        let times = turns(RUNS, || refusing.prove(input), || total.prove(input))?;
        let [with, without] = times.medians.map(|time| time.as_secs_f64());
        let columns = [&refusing, &total].map(|setup| setup.verifying_key.halo2().cs().num_advice_columns());
        Ok(vec![
            Figure::new(
                answered == HOSTILE,
                format!("{answered} (the refusing model refuses {refused})"),
            ),
            Figure::new(
                times.ratio <= self.time,
                format!(
                    "{:.3} ({with:.3} s and {without:.3} s; {} and {} advice columns)",
                    times.ratio, columns[0], columns[1]
                ),
            ),
        ])
    }

    /// Gas of a transaction that verifies a proof, in the contract that `tools` compile, or in the reusable one.
    fn gas(&self, workshop: &mut Workshop, tools: Option<&Result<Tools>>) -> Result<Figure> {
        let options = CompileOptions::default().optimize(Optimize::Evm);
        let calibration = self.calibration()?;
        let [with, without] = self.pair(workshop, &options)?.map(|setup| -> Result<u64> {
            let verifier = setup.verifying_key.contract()?;
            let proof = setup.prove(&calibration[0])?;
            let mut chain = Chain::new();
            let (address, key) = match tools {
                None => {
                    let (contract, _) = chain.deploy(&verifier.reusable().init_code(), &[])?;
                    let (address, _) = chain.deploy(&verifier.key_init_code()?, &[])?;
                    let code_hash = verifier.key_code_hash()?;
                    (contract, Some(KeyContract { address, code_hash }))
                }
                Some(tools) => {
                    let tools = crate::contracts::usable(tools)?;
                    let source = verifier.contract_source("Verifier")?;
                    let compiled = tools.compile(Compiler::Newest, "Verifier", &source)?;
                    (chain.deploy(&compiled.init, &[])?.0, None)
                }
            };
            let data = proof.calldata(Function::Verify, key.as_ref())?;
            let outcome = chain.transact(Chain::account(1), address, 0, data)?;
            ensure!(
                outcome.is_true(),
                "expected the contract to accept, found {outcome:?}"
            );
            Ok(outcome.gas)
        });
        let (with, without) = (with?, without?);
        let ratio = without as f64 / with as f64;
        Ok(Figure::new(
            ratio <= GAS,
            format!("{ratio:.3} ({with} and {without})"),
        ))
    }
}
