//! The integer reference executor: the specification of what a proof proves.

use crate::{
    error::{Error, OutOfRange, Result},
    graph::{Graph, Node, Op, ParamSpec, Params},
    ops::{
        Input, Param,
        range::{Of, Range, RangeFault},
    },
    shape::position,
    tensor::IntTensor,
};

/// All values of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The output of each node, in the order of [`Graph::nodes`].
    pub values: Vec<IntTensor>,
}

impl Trace {
    /// The tensors of the graph's outputs, in the model's order.
    pub fn outputs<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = &'a IntTensor> {
        graph.outputs.iter().map(|port| &self.values[port.node.index()])
    }
}

/// A graph with its parameters, both valid: runs any number of inputs.
#[derive(Debug)]
pub struct Executor<'a> {
    graph: &'a Graph,
    params: Vec<IntTensor>,
}

impl<'a> Executor<'a> {
    /// An executor with a copy of the parameters.
    ///
    /// # Errors
    ///
    /// Those of [`Graph::validate`] and [`Params::validate`].
    pub fn new(graph: &'a Graph, params: &Params) -> Result<Self> {
        graph.validate()?;
        params.validate(graph)?;
        let tensor = |(spec, values): (&ParamSpec, &Vec<i64>)| IntTensor::of(&spec.shape, values.clone());
        Ok(Executor {
            graph,
            params: graph.params.iter().zip(&params.tensors).map(tensor).collect(),
        })
    }

    /// An executor of a graph that was validated, with parameters that are known to fit it.
    #[cfg(feature = "import")]
    pub(crate) fn of_valid(graph: &'a Graph, params: Vec<IntTensor>) -> Self {
        Executor { graph, params }
    }

    /// Evaluates the graph on integer inputs, given in the order of [`Graph::inputs`].
    ///
    /// All arithmetic is exact: validation shows that no accumulator reaches 62 bits.
    ///
    /// # Errors
    ///
    /// * [`Error::InputCount`] and [`Error::InputShape`] if the inputs are not the model's;
    /// * [`Error::OutOfRange`] if a value leaves the range that the circuit can prove.
    pub fn run(&self, inputs: &[IntTensor]) -> Result<Trace> {
        let graph = self.graph;
        check_inputs(graph, inputs)?;
        let mut values: Vec<IntTensor> = Vec::with_capacity(graph.nodes.len());
        for (index, node) in graph.nodes.iter().enumerate() {
            let value = match &node.op {
                Op::Input(_) => {
                    // Validation: exactly one port names each input node.
                    let port = graph.inputs.iter().position(|port| port.node.index() == index);
                    port.map_or_else(|| Err(missing(graph, inputs)), |port| Ok(inputs[port].clone()))?
                }
                Op::Param(Param { param }) => self.params[param.index()].clone(),
                _ => {
                    let operands: Vec<&IntTensor> =
                        node.inputs.iter().map(|id| &values[id.index()]).collect();
                    node.op
                        .operation()
                        .eval(graph.lane_bits, &operands, &node.shape)
                        .map_err(|fault| Error::OutOfRange(Box::new(describe(graph, node, fault))))?
                }
            };
            values.push(value);
        }
        Ok(Trace { values })
    }
}

/// Runs a graph once: see [`Executor`].
///
/// # Errors
///
/// Those of [`Executor::new`] and of [`Executor::run`].
#[tracing::instrument(level = "debug", name = "execute", skip_all)]
pub fn execute(graph: &Graph, params: &Params, inputs: &[IntTensor]) -> Result<Trace> {
    Executor::new(graph, params)?.run(inputs)
}

fn missing(graph: &Graph, inputs: &[IntTensor]) -> Error {
    Error::InputCount {
        expected: graph.inputs.len(),
        found: inputs.len(),
    }
}

fn check_inputs(graph: &Graph, inputs: &[IntTensor]) -> Result<()> {
    if inputs.len() != graph.inputs.len() {
        return Err(missing(graph, inputs));
    }
    for (port, input) in graph.inputs.iter().zip(inputs) {
        let node = graph.node(port.node);
        if input.shape() != node.shape {
            return Err(Error::InputShape {
                name: port.name.clone(),
                expected: node.shape.clone(),
                found: input.shape().to_vec(),
            });
        }
        let Op::Input(Input { limbs }) = node.op else {
            continue;
        };
        let range = Range::signed(u32::from(limbs) * graph.lane_bits);
        for (flat, &value) in input.data().iter().enumerate() {
            range.check(value, "input", Of::Output, flat).map_err(|fault| {
                let details = OutOfRange {
                    tensor: port.name.clone(),
                    ..describe(graph, node, fault)
                };
                Error::OutOfRange(Box::new(details))
            })?;
        }
    }
    Ok(())
}

/// Adds names, position and scale to a range fault.
fn describe(graph: &Graph, node: &Node, fault: RangeFault) -> OutOfRange {
    let tensor = match fault.of {
        Of::Output => node,
        Of::Input(input) => graph.node(node.inputs[input]),
    };
    OutOfRange {
        tensor: node.name.clone(),
        op: node.op.name(),
        quantity: fault.quantity,
        position: position(&tensor.shape, fault.element),
        value: fault.value,
        lo: fault.range.lo,
        hi: fault.range.hi,
        scale: tensor.scale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ops::{ArgMax, MatMul, Rescale, Shift},
        testing::GraphBuilder,
    };

    /// `relu((x w) >> 4)` with the arg-max of it.
    fn classifier() -> (Graph, Params) {
        let mut builder = GraphBuilder::new(8);
        let x = builder.input(&[1, 2], 1);
        let w = builder.param(&[2, 3], 1);
        let product = builder.node(Op::MatMul(MatMul), &[x, w], &[1, 3]);
        let relu = builder.node(
            Op::Rescale(Rescale {
                shift: Shift::Uniform(4),
                limbs: 1,
                relu: true,
                saturation: None,
            }),
            &[product],
            &[1, 3],
        );
        builder.graph.nodes[relu.index()].name = "dense".into();
        builder.graph.nodes[relu.index()].scale = 3;
        let class = builder.node(Op::ArgMax(ArgMax { axis: 1, limbs: 1 }), &[relu], &[1, 1]);
        builder.output(relu);
        builder.output(class);
        (
            builder.graph,
            Params {
                tensors: vec![vec![16, 32, -16, 8, 8, 8]],
            },
        )
    }

    fn row(data: &[i64]) -> IntTensor {
        IntTensor::new(vec![1, data.len()], data.to_vec()).unwrap()
    }

    #[test]
    fn computes_every_node() {
        let (graph, params) = classifier();
        let trace = execute(&graph, &params, &[row(&[10, 5])]).unwrap();
        assert_eq!(trace.values.len(), graph.nodes.len());
        assert_eq!(trace.values[2].data(), [200, 360, -120]);
        let outputs: Vec<&[i64]> = trace.outputs(&graph).map(IntTensor::data).collect();
        assert_eq!(outputs, [&[13, 23, 0][..], &[1]]);
    }

    #[test]
    fn checks_inputs() {
        let (graph, params) = classifier();
        assert!(matches!(
            execute(&graph, &params, &[]),
            Err(Error::InputCount {
                expected: 1,
                found: 0
            })
        ));
        assert!(matches!(
            execute(&graph, &params, &[row(&[1, 2, 3])]),
            Err(Error::InputShape { .. })
        ));
        let Err(Error::OutOfRange(details)) = execute(&graph, &params, &[row(&[1, 128])]) else {
            panic!("an input beyond 8 bits was accepted")
        };
        assert_eq!(
            (details.tensor.as_str(), details.value, details.hi),
            ("input 0", 128, 127)
        );
        assert_eq!(details.position, [0, 1]);
    }

    #[test]
    fn checks_params() {
        let (graph, mut params) = classifier();
        params.tensors[0][0] = 128;
        assert!(matches!(
            execute(&graph, &params, &[row(&[1, 2])]),
            Err(Error::InvalidParams { .. })
        ));
    }

    #[test]
    fn range_errors_name_tensor_value_and_range() {
        let (graph, mut params) = classifier();
        params.tensors[0][1] = 127;
        let error = execute(&graph, &params, &[row(&[120, 5])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tensor `dense` (Rescale): the rescaled value at [0, 1] is 955 (stands for 119.375), outside \
             [-255, 255] (stands for [-31.875, 31.875]): calibrate with data that covers it, or compile with \
             --saturate"
        );
    }
}
