//! A compiled model: integer graph, parameters, circuit.
//!
//! The payload of its file: digest (32 bytes), whether inputs saturate (1), lanes that the circuit was
//! laid out for and its fold (2 bytes each, little-endian), then blocks of postcard: graph, circuit
//! options, parameters, report.

use crate::artifact::{Reader, artifact_file, decode, encode, put_block};
use crate::backend::{self, CircuitOptions, CompiledCircuit, Extras, NetworkCircuit, Trace, WitnessColumn};
use crate::circuit::{Circuit, model_digest, published};
use crate::claim::TensorValue;
use crate::hashed::HashedTensor;
use crate::schema::{self, PublicSchema, TensorInfo};
use crate::{Digest, Error, Progress, TranscriptKind};
use halo2_proofs::dev::MockProver;
use halo2curves::bn256::Fr;
use zkml_core::float::FloatTensor;
use zkml_core::graph::{Graph, Params, Port};
use zkml_core::quantize::{Quantized, quantize_inputs};
use zkml_core::reach::Escape;
use zkml_core::report::Report;

const WHAT: &str = "this compiled model";

/// Failures of the mock prover that an error lists.
const LISTED_FAILURES: usize = 5;

/// A model that can be run on integers, set up and proven.
///
/// It holds the parameters: a reader of the file has the weights.
#[derive(Clone, Debug)]
pub struct CompiledModel {
    graph: Graph,
    params: Params,
    options: CircuitOptions,
    pub(crate) circuit: CompiledCircuit,
    saturate: bool,
    report: Option<Report>,
    digest: Digest,
    inputs: Vec<TensorInfo>,
    outputs: Vec<TensorInfo>,
}

/// A run of the integer model.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// The outputs, integers and the real numbers that they represent.
    pub outputs: Vec<TensorValue>,
}

artifact_file! {
    /// Reads what [`Self::to_bytes`] made.
    ///
    /// # Errors
    /// Those of a container; [`Error::Malformed`] for content that no compilation makes, and
    /// those of [`CompiledModel::from_graph`].
    CompiledModel,
    secret = |model: &CompiledModel| model.options.params.is_hidden()
}

impl CompiledModel {
    /// Lays out the circuit of an integer graph.
    ///
    /// # Errors
    /// [`Error::Model`] for a graph or parameters that are not valid, [`Error::Circuit`] for a
    /// graph that no circuit expresses, [`Error::Malformed`] for names or labels of public tensors with
    /// control characters.
    pub fn from_graph(graph: Graph, params: Params, options: CircuitOptions) -> Result<Self, Error> {
        backend::validate(&graph, &params)?;
        let circuit = backend::compile(&graph, &params, &options)?;
        Self::of_circuit(graph, params, options, circuit)
    }

    fn of_circuit(
        graph: Graph,
        params: Params,
        options: CircuitOptions,
        circuit: CompiledCircuit,
    ) -> Result<Self, Error> {
        let digest = model_digest(&published(&graph, options.params), &options, circuit.shape())?;
        schema::public_schema(&graph, &circuit).validate(circuit.shape().public_values as usize)?;
        let (inputs, outputs) = (schema::inputs(&graph), schema::outputs(&graph));
        Ok(Self {
            graph,
            params,
            options,
            circuit,
            saturate: false,
            report: None,
            digest,
            inputs,
            outputs,
        })
    }

    /// Lays out the circuit of a quantised model. With `saturate`, inputs outside their range
    /// become the nearest value inside.
    ///
    /// # Errors
    /// As [`CompiledModel::from_graph`].
    pub fn from_quantized(
        quantized: Quantized,
        options: CircuitOptions,
        saturate: bool,
    ) -> Result<Self, Error> {
        let Quantized {
            graph,
            params,
            report,
        } = quantized;
        let model = Self::from_graph(graph, params, options)?;
        Ok(Self {
            saturate,
            report: Some(report),
            ..model
        })
    }

    /// Digest of the architecture and its circuit: the integer graph without weights and without names of what is
    /// inside, the visibility of its tensors, and the circuit's shape.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What others need to make the keys again: the model without hidden weights. Its transcript is that of the keys.
    ///
    /// # Errors
    /// [`Error::Malformed`] for names or labels with control characters; [`Error::Circuit`] for a graph whose layout takes
    /// more than anyone would wait for.
    pub fn circuit(&self, transcript: TranscriptKind) -> Result<Circuit, Error> {
        Circuit::of_model(&self.graph, &self.params, self.options, &self.circuit, transcript)
    }

    /// log2 of the number of rows of the circuit: the SRS needs as many powers.
    pub fn k(&self) -> u32 {
        self.circuit.shape().k
    }

    /// Whether inputs outside their range become the nearest value inside; otherwise they are refused.
    pub fn saturates(&self) -> bool {
        self.saturate
    }

    /// The values that some input in range may drive out of their range, so that the model refuses it; none if it has
    /// an output for every input in range. Interval arithmetic with the model's own parameters: what is listed need
    /// not happen, what is not listed cannot.
    ///
    /// # Errors
    /// None in practice: graph and parameters of a compiled model are valid.
    pub fn escapes(&self) -> Result<Vec<Escape>, Error> {
        Ok(zkml_core::reach::escapes(&self.graph, &self.params)?)
    }

    /// Whether there may be inputs in range that the model refuses. A refusal tells its reader about the parameters.
    pub fn can_refuse(&self) -> bool {
        self.escapes().map_or(true, |escapes| !escapes.is_empty())
    }

    /// Who may see which tensors.
    pub fn options(&self) -> &CircuitOptions {
        &self.options
    }

    /// Ranges and errors of the quantisation; none for a model made from an integer graph.
    pub fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The integer graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The inputs.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.inputs
    }

    /// The outputs.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.outputs
    }

    /// Runs the integer model: its outputs are those that a proof is about.
    ///
    /// # Errors
    /// [`Error::Model`] for inputs of another number or shape and for values out of range,
    /// [`Error::Input`] for NaN and infinities.
    pub fn run(&self, inputs: &[FloatTensor]) -> Result<Inference, Error> {
        Ok(self.inference(&self.trace(inputs)?))
    }

    fn inference(&self, trace: &Trace) -> Inference {
        let output = |(info, port): (&TensorInfo, &Port)| {
            TensorValue::new(info, trace.values[port.node.index()].data().to_vec())
        };
        Inference {
            outputs: self.outputs.iter().zip(&self.graph.outputs).map(output).collect(),
        }
    }

    /// Checks every constraint on these inputs without proving anything.
    ///
    /// # Errors
    /// [`Error::Unsatisfied`] if constraints fail; those of [`CompiledModel::run`];
    /// [`Error::Cancelled`].
    pub fn mock(&self, inputs: &[FloatTensor], progress: &Progress) -> Result<Inference, Error> {
        let trace = progress.stage("running the model", || self.trace(inputs))?;
        let inference = self.inference(&trace);
        let circuit = self.unsalted(&trace)?;
        let columns = circuit.instances();
        let prover = progress.stage("filling the circuit", || {
            MockProver::run(self.k(), &circuit, columns).map_err(|e| Error::backend("filling the circuit", e))
        })?;
        progress.stage("checking the constraints", || {
            prover.verify().map_err(|failures| Error::Unsatisfied {
                count: failures.len(),
                failures: failures
                    .iter()
                    .take(LISTED_FAILURES)
                    .map(ToString::to_string)
                    .collect(),
            })
        })?;
        Ok(inference)
    }

    /// The halo2 circuit filled with a run on these inputs, for programs that use halo2 directly.
    /// [`NetworkCircuit::instances`] are its public values; salts and context are 0.
    ///
    /// # Errors
    /// Those of [`CompiledModel::run`].
    pub fn halo2_circuit(&self, inputs: &[FloatTensor]) -> Result<NetworkCircuit, Error> {
        self.unsalted(&self.trace(inputs)?)
    }

    /// The circuit filled with a run, with salts and a context of 0: they do not decide whether the
    /// constraints hold.
    fn unsalted(&self, trace: &Trace) -> Result<NetworkCircuit, Error> {
        let salts = vec![Fr::zero(); self.circuit.hashed_tensors().len()];
        let context = vec![Fr::zero(); self.context_len()];
        let extras = Extras {
            salts: &salts,
            context: &context,
        };
        self.witness(trace, &extras)
    }

    /// Quantises the inputs and runs the integer model.
    pub(crate) fn trace(&self, inputs: &[FloatTensor]) -> Result<Trace, Error> {
        // Clamping would take an infinity for a large number.
        for (info, tensor) in self.inputs.iter().zip(inputs) {
            if let Some((position, value)) = tensor.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                return Err(Error::Input {
                    name: info.name.clone(),
                    expected: "finite numbers".to_owned(),
                    found: format!("{value} at position {position}"),
                });
            }
        }
        let inputs = quantize_inputs(&self.graph, inputs, self.saturate)?;
        backend::execute(&self.graph, &self.params, &inputs)
    }

    /// The circuit filled with a run.
    pub(crate) fn witness(&self, trace: &Trace, extras: &Extras<'_>) -> Result<NetworkCircuit, Error> {
        backend::witness(&self.circuit, &self.graph, &self.params, trace, extras)
    }

    /// What the commitments of a proof are to, in the order of its public values.
    pub fn hashed_tensors(&self) -> Vec<HashedTensor> {
        schema::hashed_tensors(&self.graph, &self.circuit)
    }

    /// Length of the context of a proof.
    pub fn context_len(&self) -> usize {
        self.circuit.shape().context.into()
    }

    /// The integers of a hashed tensor in a run on these inputs, one list for each of its forms: what
    /// the commitment in a proof of the run opens to.
    ///
    /// # Errors
    /// Those of [`CompiledModel::run`]; [`Error::Input`] for a tensor that this model does not hash.
    pub fn hashed_values(
        &self,
        tensor: &HashedTensor,
        inputs: &[FloatTensor],
    ) -> Result<Vec<Vec<i64>>, Error> {
        let trace = self.trace(inputs)?;
        let all = self.hashed_tensors();
        let known = all.iter().position(|t| t == tensor);
        let values = known.and_then(|i| self.circuit.hashed_values(&self.graph, &self.params, &trace, i));
        values.ok_or_else(|| Error::Input {
            name: tensor.name.clone(),
            expected: "a tensor that this model hashes".to_owned(),
            found: "another".to_owned(),
        })
    }

    /// The columns of committed parameters.
    pub(crate) fn weight_columns(&self) -> Result<Vec<WitnessColumn>, Error> {
        Ok(self.circuit.weight_columns(&self.graph, &self.params)?)
    }

    /// The public values of a run.
    pub(crate) fn public_values(&self, trace: &Trace) -> Vec<Fr> {
        backend::public_values(&self.graph, &self.params, &self.circuit, trace)
    }

    /// The public tensors of the model.
    pub(crate) fn schema(&self) -> PublicSchema {
        schema::public_schema(&self.graph, &self.circuit)
    }

    fn payload(&self) -> Result<Vec<u8>, Error> {
        let mut out = self.digest.as_bytes().to_vec();
        out.push(self.saturate.into());
        let (lanes, fold) = self.circuit.layout();
        out.extend(lanes.to_le_bytes());
        out.extend(fold.to_le_bytes());
        put_block(&mut out, &encode(WHAT, &self.graph)?);
        put_block(&mut out, &encode(WHAT, &self.options)?);
        put_block(&mut out, &encode(WHAT, &self.params)?);
        put_block(&mut out, &encode(WHAT, &self.report)?);
        Ok(out)
    }

    fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(WHAT, payload);
        let malformed = |reason| Error::malformed("compiled model", reason);
        let digest = Digest::from(reader.array()?);
        let saturate = match reader.u8()? {
            0 => false,
            1 => true,
            other => {
                return Err(malformed(format!(
                    "expected 0 or 1 after the digest, found {other}"
                )));
            }
        };
        let layout = (
            u16::from_le_bytes(reader.array()?),
            u16::from_le_bytes(reader.array()?),
        );
        let graph = decode(WHAT, reader.block()?)?;
        let options = decode(WHAT, reader.block()?)?;
        let params = decode(WHAT, reader.block()?)?;
        let report = decode(WHAT, reader.block()?)?;
        reader.finish()?;
        backend::validate(&graph, &params)?;
        let circuit = backend::compile_again(&graph, Some(&params), &options, layout)?;
        let model = Self::of_circuit(graph, params, options, circuit)?;
        if model.digest != digest {
            return Err(malformed(format!(
                "expected the digest {digest}, found {}: another version of zkml lays out this circuit differently",
                model.digest
            )));
        }
        Ok(Self {
            saturate,
            report,
            ..model
        })
    }
}
