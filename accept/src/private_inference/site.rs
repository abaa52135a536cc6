//! A provider's folder: keys and published models.

use crate::data::{Digits, array, asset, folders, tensor};
use crate::workshop::{Setup, Workshop};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use zkml::commitments::ModelSecret;
use zkml::{CompileOptions, FloatTensor, ImportOptions, Model, ParamVisibility, Progress, Srs, Visibility};
use zkml_network::{
    Answer, Asked, Binding, Engine, InputSchema, OpenRequest, Outcome, PendingRequest, ProverFiles,
    ProviderKeys, ProvingEngine, PublishedModel, unix_now,
};

/// Digits and patients that models are calibrated with.
const CALIBRATION: usize = 100;
const FEATURES: usize = 30;

/// A model with real data.
pub struct Subject {
    /// Name for people.
    pub name: &'static str,
    /// The float model's file.
    pub onnx: PathBuf,
    /// The float model.
    pub model: Model,
    /// Inputs.
    pub inputs: Vec<Vec<FloatTensor>>,
}

impl Subject {
    /// LeNet-5 and handwritten digits, which the repository has.
    pub fn digits() -> Result<Self> {
        let onnx = asset("mnist_lenet5.onnx");
        Ok(Self {
            name: "lenet5",
            model: load(&onnx)?,
            inputs: Digits::load(&asset("mnist_digits.npz"))?.inputs(1)?,
            onnx,
        })
    }

    /// The MNIST MLP and handwritten digits, which the repository has.
    pub fn mlp() -> Result<Self> {
        let onnx = asset("mnist_mlp.onnx");
        Ok(Self {
            name: "mlp",
            model: load(&onnx)?,
            ..Self::digits()?
        })
    }

    /// The breast-cancer classifier and its patients, from the folder of larger models.
    ///
    /// Fails with the reason why they cannot be had.
    pub fn patients() -> Result<Self> {
        let (models, data) = folders().map_err(anyhow::Error::msg)?;
        let onnx = models.join("breast_cancer_mlp.onnx");
        let features: Vec<f32> = array(&data.join("breast_cancer_test.npz"), "features")?;
        let patient = |row: &[f32]| Ok(vec![tensor(&[1, FEATURES], row.to_vec())?]);
        Ok(Self {
            name: "tumour",
            model: load(&onnx)?,
            inputs: features
                .chunks_exact(FEATURES)
                .map(patient)
                .collect::<Result<_>>()?,
            onnx,
        })
    }

    /// Those to calibrate with.
    pub fn calibration(&self) -> &[Vec<FloatTensor>] {
        &self.inputs[..CALIBRATION.min(self.inputs.len())]
    }
}

fn load(onnx: &Path) -> Result<Model> {
    let options = ImportOptions {
        batch: Some(1),
        ..ImportOptions::default()
    };
    Ok(Model::load(onnx, &options)?)
}

/// How a model is compiled for the protocol: hashed inputs, public outputs, room for a binding. One with hidden weights
/// takes every input.
pub fn bound(params: ParamVisibility) -> CompileOptions {
    CompileOptions::default()
        .saturate(params.is_hidden())
        .inputs(Visibility::Hashed)
        .params(params)
        .context(Binding::VALUES as u16)
}

/// The folder of a provider.
pub struct Site {
    folder: TempDir,
    /// Its keys.
    pub keys: ProviderKeys,
}

/// A published model with everything around it.
pub struct Offer {
    /// Its prover, in this process.
    pub prover: ProvingEngine,
    /// The manifest's file, with the prover's files beside it.
    pub manifest: PathBuf,
    /// Inputs.
    pub inputs: Vec<Vec<FloatTensor>>,
}

impl Site {
    /// A folder with fresh keys.
    pub fn new() -> Result<Self> {
        Self::of(ProviderKeys::generate()?)
    }

    /// A folder of the provider with these keys.
    pub fn of(keys: ProviderKeys) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        keys.save(&folder.path().join("provider.keys"))?;
        Ok(Self { folder, keys })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Compiles and publishes a model, as the command line does.
    pub fn publish(
        &self,
        workshop: &mut Workshop,
        subject: Subject,
        options: &CompileOptions,
    ) -> Result<Offer> {
        let setup = workshop.setup(&subject.model, subject.calibration(), options)?;
        self.offer(subject.name, setup, subject.inputs, false)
    }

    /// Publishes a model; `allow_refusals` as [`ProvingEngine::publish`] has it.
    pub fn offer(
        &self,
        name: &str,
        setup: Setup,
        inputs: Vec<Vec<FloatTensor>>,
        allow_refusals: bool,
    ) -> Result<Offer> {
        let file = |extension: &str| self.path().join(format!("{name}.{extension}"));
        setup.model.save(&file("zkml"))?;
        setup.proving_key.save(&file("pk"))?;
        setup.verifying_key.save(&file("vk"))?;
        setup.srs().save(&self.srs())?;
        let secret = match setup.verifying_key.commits_params() {
            false => None,
            true => {
                let secret = ModelSecret::random();
                secret.save(&file("secret"))?;
                Some(secret)
            }
        };
        let srs = Srs::clone(setup.srs());
        let files = ProverFiles {
            model: Arc::unwrap_or_clone(setup.model),
            key: Arc::unwrap_or_clone(setup.proving_key),
            srs,
            secret,
            device: zkml::Device::default(),
        };
        let prover = ProvingEngine::publish(name, files, allow_refusals, &self.keys, &Progress::none())?;
        let manifest = file("manifest.json");
        prover.manifest().save(&manifest)?;
        Ok(Offer {
            prover,
            manifest,
            inputs,
        })
    }

    /// The SRS that all keys of this folder are made with.
    pub fn srs(&self) -> PathBuf {
        self.path().join("srs")
    }
}

impl Offer {
    /// What users and validators have.
    pub fn published(&self) -> &PublishedModel {
        self.prover.published()
    }

    /// A request about the input with this number, counted round, for an hour.
    pub fn asked(&self, index: usize) -> Result<Asked> {
        let inputs = &self.inputs[index % self.inputs.len()];
        let schemas = &self.prover.manifest().body().inputs;
        let quantize = |(schema, tensor): (&InputSchema, &FloatTensor)| -> Result<Vec<i64>> {
            let values: Vec<f32> = tensor.iter().copied().collect();
            schema
                .quantize(&values)
                .context("the input does not fit the model")
        };
        Ok(Asked {
            inputs: schemas.iter().zip(inputs).map(quantize).collect::<Result<_>>()?,
            expiry: unix_now() + 3600,
            evm: None,
            identity: None,
        })
    }

    /// As [`Offer::asked`], for the first input from there on that is in range: a model refuses
    /// inputs beyond what it was calibrated with.
    pub fn asked_in_range(&self, index: usize) -> Result<Asked> {
        let tries = (index..index + self.inputs.len()).map(|i| self.asked(i));
        tries
            .into_iter()
            .find_map(Result::ok)
            .context("no input is in the model's range")
    }

    /// A request about [`Offer::asked_in_range`], and the answer that is made on the spot.
    pub fn answered(&self, index: usize) -> Result<(PendingRequest, Answer)> {
        let request = PendingRequest::new(self.prover.manifest(), self.asked_in_range(index)?)?;
        let open = OpenRequest::from(&request);
        match self.prover.answer(&request.binding(), &open, &Progress::none())? {
            Outcome::Answer(answer) => Ok((request, answer)),
            Outcome::Refusal(reason) => bail!("refused: {reason}"),
        }
    }
}
