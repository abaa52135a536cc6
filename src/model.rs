//! Float models: import, execution, compilation.

use crate::backend::{CircuitOptions, Optimize, ParamVisibility, Visibility};
use crate::compiled::CompiledModel;
use crate::{Error, Progress};
use std::path::Path;
use zkml_core::float::{FloatGraph, FloatPort, FloatTensor};
pub use zkml_core::onnx::ImportOptions;
use zkml_core::quantize::{QuantizeOptions, quantize};

/// A model imported from an ONNX file, in floats.
#[derive(Clone, Debug)]
pub struct Model {
    graph: FloatGraph,
    inputs: Vec<ModelTensor>,
    outputs: Vec<ModelTensor>,
}

/// An input or output of a [`Model`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelTensor {
    /// Name in the ONNX file.
    pub name: String,
    /// Shape; `[]` is a scalar.
    pub shape: Vec<usize>,
}

/// How a model is compiled. The default keeps inputs and parameters private and makes outputs
/// public.
#[derive(Clone, Debug, PartialEq)]
pub struct CompileOptions {
    circuit: CircuitOptions,
    quantize: QuantizeOptions,
}

impl Default for CompileOptions {
    fn default() -> Self {
        let circuit = CircuitOptions {
            inputs: Visibility::Private,
            outputs: Visibility::Public,
            params: ParamVisibility::Private,
            optimize: Optimize::Prover,
            context: 0,
        };
        Self {
            circuit,
            quantize: QuantizeOptions::default(),
        }
    }
}

impl CompileOptions {
    /// Who may see the inputs.
    pub fn inputs(mut self, visibility: Visibility) -> Self {
        self.circuit.inputs = visibility;
        self
    }

    /// Who may see the outputs.
    pub fn outputs(mut self, visibility: Visibility) -> Self {
        self.circuit.outputs = visibility;
        self
    }

    /// Who may see the parameters.
    pub fn params(mut self, visibility: ParamVisibility) -> Self {
        self.circuit.params = visibility;
        self
    }

    /// Number of public values that the circuit says nothing about: each proof is bound to them
    /// ([`crate::ProveOptions::context`]).
    pub fn context(mut self, values: u16) -> Self {
        self.circuit.context = values;
        self
    }

    /// What the circuit's layout is chosen for.
    pub fn optimize(mut self, optimize: Optimize) -> Self {
        self.circuit.optimize = optimize;
        self.quantize.few_gates = optimize == Optimize::Evm;
        self
    }

    /// Largest error of an output on the calibration data, relative to the range of that output.
    pub fn accuracy(mut self, target: f64) -> Self {
        self.quantize.accuracy = target;
        self
    }

    /// Compile to the most accurate model found where [`CompileOptions::accuracy`] is out of
    /// reach, instead of failing.
    pub fn accept_error(mut self, accept: bool) -> Self {
        self.quantize.accept_error = accept;
        self
    }

    /// Clamp values outside the calibrated ranges instead of failing on them.
    pub fn saturate(mut self, saturate: bool) -> Self {
        self.quantize.saturate = saturate;
        self
    }

    /// With [`CompileOptions::saturate`]: the smallest and the largest value that the inputs have, such as 0 and 1 for
    /// pixels. Inputs outside are clamped to them, and the clamping is proven. The less can reach a value, the fewer
    /// cells its own clamp takes.
    pub fn input_range(mut self, smallest: f64, largest: f64) -> Self {
        self.quantize.input_range = Some((smallest, largest));
        self
    }

    /// Width of a limb in bits, 8 to 16; tensors take one limb or several.
    pub fn lane_bits(mut self, bits: u32) -> Self {
        self.quantize.lane_bits = bits;
        self
    }
}

impl Model {
    /// Imports an ONNX file.
    ///
    /// # Errors
    /// [`Error::Model`]: the file cannot be read, is no valid model, has open dimensions that
    /// the options do not give, or operators that are not supported (all of them are listed).
    pub fn load(path: &Path, options: &ImportOptions) -> Result<Self, Error> {
        Ok(Self::new(zkml_core::onnx::from_file(path, options)?))
    }

    /// Imports the bytes of an ONNX file.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_onnx(bytes: &[u8], options: &ImportOptions) -> Result<Self, Error> {
        Ok(Self::new(zkml_core::onnx::from_bytes(bytes, options)?))
    }

    fn new(graph: FloatGraph) -> Self {
        let tensor = |port: &FloatPort| ModelTensor {
            name: port.name.clone(),
            shape: graph.node(port.node).shape.clone(),
        };
        let inputs = graph.inputs.iter().map(tensor).collect();
        let outputs = graph.outputs.iter().map(tensor).collect();
        Self {
            graph,
            inputs,
            outputs,
        }
    }

    /// The inputs.
    pub fn inputs(&self) -> &[ModelTensor] {
        &self.inputs
    }

    /// The outputs.
    pub fn outputs(&self) -> &[ModelTensor] {
        &self.outputs
    }

    /// Class labels by index along the last axis of the outputs; empty if the model has none.
    pub fn labels(&self) -> &[String] {
        &self.graph.labels
    }

    /// Runs the model in floats.
    ///
    /// # Errors
    /// [`Error::Model`] for inputs that do not fit.
    pub fn run_float(&self, inputs: &[FloatTensor]) -> Result<Vec<FloatTensor>, Error> {
        Ok(self.graph.run(inputs)?)
    }

    /// Quantises the model and lays out its circuit. Each element of `calibration` is one set of
    /// inputs; the widths and scales of all tensors are chosen so that these meet the accuracy
    /// target.
    ///
    /// # Errors
    /// [`Error::Model`] for calibration data that do not fit and for an accuracy that is out of
    /// reach, [`Error::Circuit`] for a model that no circuit expresses, [`Error::Cancelled`].
    #[tracing::instrument(level = "debug", name = "compile", skip_all)]
    pub fn compile(
        &self,
        calibration: &[Vec<FloatTensor>],
        options: &CompileOptions,
        progress: &Progress,
    ) -> Result<CompiledModel, Error> {
        let quantized = progress.stage("quantising the model", || {
            Ok(quantize(&self.graph, calibration, &options.quantize)?)
        })?;
        progress.stage("laying out the circuit", || {
            CompiledModel::from_quantized(quantized, options.circuit, options.quantize.saturate)
        })
    }
}
