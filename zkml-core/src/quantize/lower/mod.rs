//! From the float graph to the integer graph, for one choice of widths.
//!
//! Each float node becomes a [`Value`]: an integer node with a scale and what is known of it.
//! Linear operations stay exact and unrounded until something needs materialised cells;
//! [`materialise`] then rounds once.

mod activation;
mod affine;
mod function;
mod materialise;
mod pool;
mod product;
mod reduce;
mod root;
mod saturate;
mod softmax;
mod value;
mod view;

use self::{
    saturate::Limits,
    value::{Kind, Value, Width},
};
use super::{
    QuantizeOptions,
    calibrate::Range,
    plan::Plan,
    weights::WeightCache,
    widths::{Costs, Item, Wide},
};
use crate::{
    error::{Error, Result},
    execute::Executor,
    fixed_point::quantize_value,
    float::{FloatGraph, FloatId, FloatOp, FloatTensor},
    graph::{Graph, Node, NodeId, Op, ParamId, ParamSpec, Params, Port},
    ops::{Input, Param, Rescale, Shift, infer_shape},
    tensor::IntTensor,
};
use std::collections::{BTreeMap, BTreeSet};

/// What the file of every lowering uses: the state, and what float nodes become.
mod prelude {
    pub(super) use super::{
        Lowerer,
        value::{Kind, Value, Width},
    };
    pub(super) use crate::{
        error::Result,
        float::FloatId,
        graph::{NodeId, Op},
        quantize::widths::{Item, scale_with_headroom},
    };
}

/// What does not change between choices of widths.
pub(super) struct Setting<'a> {
    pub graph: &'a FloatGraph,
    pub plan: &'a Plan,
    /// Calibrated range of each float node.
    pub ranges: &'a [Range],
    pub options: &'a QuantizeOptions,
    pub weights: WeightCache,
}

/// An integer graph.
pub(super) struct Lowered {
    pub graph: Graph,
    pub tensors: Vec<IntTensor>,
    /// The float node whose value an integer node has.
    pub origins: BTreeMap<NodeId, FloatId>,
    /// What can be wide, with its cost in cells.
    pub costs: Costs,
    /// Whether it was asked for that nothing leaves its range, and something may.
    pub may_refuse: bool,
    /// Results that have a limb more than they need on the calibration data.
    pub widened: BTreeSet<NodeId>,
}

impl Lowered {
    /// Runs the graph.
    pub(super) fn executor(&self) -> Executor<'_> {
        Executor::of_valid(&self.graph, self.tensors.clone())
    }

    /// The parameters.
    pub(super) fn params(&self) -> Params {
        Params {
            tensors: self.tensors.iter().map(|tensor| tensor.data().to_vec()).collect(),
        }
    }
}

/// Lowers a float graph.
///
/// # Errors
///
/// [`Error::AccumulatorOverflow`] if the widths are too large for 64-bit accumulators,
/// [`Error::Quantize`] for what has no integer form.
pub(super) fn lower(setting: &Setting<'_>, wide: &Wide) -> Result<Lowered> {
    let mut lowerer = Lowerer {
        setting,
        wide,
        costs: Costs::new(),
        graph: Graph {
            lane_bits: setting.options.lane_bits,
            nodes: Vec::new(),
            params: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        },
        tensors: Vec::new(),
        values: vec![None; setting.graph.nodes.len()],
        cells: vec![None; setting.graph.nodes.len()],
        origins: BTreeMap::new(),
        widened: BTreeSet::new(),
        limits: setting.options.saturate.then(Limits::default),
        current: FloatId(0),
    };
    lowerer.inputs()?;
    for index in 0..setting.graph.nodes.len() {
        lowerer.node(FloatId(index))?;
    }
    lowerer.outputs()?;
    lowerer.graph.validate()?;
    Ok(Lowered {
        graph: lowerer.graph,
        tensors: lowerer.tensors,
        origins: lowerer.origins,
        costs: lowerer.costs,
        may_refuse: lowerer.limits.is_some_and(|limits| limits.may_refuse),
        widened: lowerer.widened,
    })
}

struct Lowerer<'a> {
    setting: &'a Setting<'a>,
    wide: &'a Wide,
    costs: Costs,
    graph: Graph,
    tensors: Vec<IntTensor>,
    /// The value of each float node that was lowered; constants have none.
    values: Vec<Option<Value>>,
    /// The materialised form of a value that was needed as cells.
    cells: Vec<Option<Value>>,
    origins: BTreeMap<NodeId, FloatId>,
    widened: BTreeSet<NodeId>,
    /// How far values can go, where nothing may leave its range.
    limits: Option<Limits>,
    /// The float node that is being lowered: integer nodes take its name.
    current: FloatId,
}

impl<'a> Lowerer<'a> {
    fn constant(&self, id: FloatId) -> Option<&'a FloatTensor> {
        self.setting.graph.constant_value(id).map(|value| &**value)
    }
}

impl Lowerer<'_> {
    fn inputs(&mut self) -> Result<()> {
        for port in &self.setting.graph.inputs {
            self.current = port.node;
            let node = self.setting.graph.node(port.node);
            let wide = self.is_wide(Item::Activation(port.node), node.len());
            let limbs = if wide { 2 } else { 1 };
            let magnitude = match self.range(port.node).magnitude() {
                0.0 => 1.0,
                magnitude => magnitude,
            };
            let bits = self.bits(limbs) - 1;
            let scale = super::widths::scale_with_headroom(magnitude, bits);
            let id = self.emit(Op::Input(Input { limbs }), &[], &node.shape, scale)?;
            self.graph.nodes[id.index()].name = port.name.clone();
            self.graph.inputs.push(Port {
                name: port.name.clone(),
                node: id,
                labels: Vec::new(),
            });
            self.origins.insert(id, port.node);
            let width = Width { limbs, signed: true };
            let value = Value::cells(id, scale, width);
            self.values[port.node.0] = Some(self.declared(value)?);
        }
        Ok(())
    }

    fn node(&mut self, id: FloatId) -> Result<()> {
        let plan = self.setting.plan;
        let node = self.setting.graph.node(id);
        if self.values[id.0].is_some() || plan.absorbed[id.0] || plan.uses[id.0] == 0 {
            return Ok(());
        }
        self.current = id;
        let input = |index: usize| node.inputs[index];
        let value = match &node.op {
            FloatOp::Input { .. } | FloatOp::Constant(_) => return Ok(()),
            FloatOp::Reshape { .. } => self.reshape(input(0))?,
            FloatOp::Broadcast { shape } => self.broadcast(input(0), shape)?,
            FloatOp::Transpose { .. }
            | FloatOp::Slice { .. }
            | FloatOp::Gather { .. }
            | FloatOp::Pad { .. } => self.view(&node.op, input(0))?,
            FloatOp::Concat { axis } => self.concat(&node.inputs, *axis)?,
            FloatOp::Add => self.sum(input(0), input(1), 1)?,
            FloatOp::Sub => self.sum(input(0), input(1), -1)?,
            FloatOp::Neg => self.negate(input(0))?,
            FloatOp::Mul => self.multiply(input(0), input(1))?,
            FloatOp::MatMul => self.mat_mul(input(0), input(1))?,
            FloatOp::Conv { window, groups } => self.conv(input(0), input(1), window, *groups)?,
            FloatOp::ReduceSum { axes } => self.reduce_sum(input(0), axes)?,
            FloatOp::ReduceSumSquare { axes } => self.reduce_sum_square(input(0), axes)?,
            FloatOp::ReduceMean { axes } => self.reduce_mean(input(0), axes)?,
            FloatOp::AveragePool { window, divisor } => self.average_pool(input(0), window, divisor)?,
            FloatOp::MaxPool { window } => self.max_pool(input(0), window)?,
            FloatOp::Relu => self.relu(input(0))?,
            FloatOp::LeakyRelu { alpha } => self.leaky_relu(input(0), *alpha)?,
            FloatOp::Clip { lo, hi } => self.clip(input(0), *lo, *hi)?,
            FloatOp::Function(function) => self.function(input(0), function)?,
            FloatOp::Softmax { axis } => self.softmax(input(0), *axis)?,
            FloatOp::ArgMax { axis } => self.arg_max(input(0), *axis)?,
        };
        self.values[id.0] = Some(value);
        Ok(())
    }

    fn outputs(&mut self) -> Result<()> {
        for port in &self.setting.graph.outputs {
            self.current = port.node;
            let mut value = self.cells(port.node)?;
            let node = self.graph.node(value.node);
            let source = matches!(node.op, Op::Input(_) | Op::Param(_));
            if source || node.scale != value.scale {
                let shape = node.shape.clone();
                let op = Op::Rescale(Rescale {
                    shift: Shift::Uniform(0),
                    limbs: value.width.signed_limbs(),
                    relu: false,
                    saturation: None,
                });
                value.node = self.emit(op, &[value.node], &shape, value.scale)?;
                self.origins.insert(value.node, port.node);
            }
            let classes = self.setting.graph.node(port.node).shape.last();
            let labels = &self.setting.graph.labels;
            self.graph.outputs.push(Port {
                name: port.name.clone(),
                node: value.node,
                labels: if classes == Some(&labels.len()) {
                    labels.clone()
                } else {
                    Vec::new()
                },
            });
        }
        Ok(())
    }

    /// The calibrated range of a float node.
    fn range(&self, id: FloatId) -> Range {
        self.setting.ranges[id.0]
    }

    fn shape(&self, id: FloatId) -> Vec<usize> {
        self.setting.graph.node(id).shape.clone()
    }

    fn bits(&self, limbs: u8) -> u32 {
        u32::from(limbs) * self.graph.lane_bits
    }

    /// Whether an item is wide; records what that costs.
    fn is_wide(&mut self, item: Item, cost: usize) -> bool {
        self.costs.insert(item, cost);
        self.wide.contains(&item)
    }

    fn error(&self, reason: impl Into<String>) -> Error {
        let node = self.setting.graph.node(self.current);
        Error::Model {
            node: node.name.clone(),
            op: node.op.name().to_string(),
            reason: reason.into(),
        }
    }

    /// Appends an integer node.
    fn emit(&mut self, op: Op, inputs: &[NodeId], shape: &[usize], scale: i32) -> Result<NodeId> {
        let shapes: Vec<&[usize]> = inputs.iter().map(|&id| &self.graph.node(id).shape[..]).collect();
        let shape = infer_shape(&op, &shapes, shape)?;
        self.graph.nodes.push(Node {
            name: self.setting.graph.node(self.current).name.clone(),
            op,
            inputs: inputs.to_vec(),
            shape,
            scale,
        });
        // The tensor of a parameter is not known here.
        if !matches!(self.graph.nodes.last().map(|node| &node.op), Some(Op::Param(_))) {
            self.limit_last(None)?;
        }
        Ok(NodeId(self.graph.nodes.len() as u32 - 1))
    }

    /// Appends a parameter tensor: the constant at this scale, in as few limbs as hold it.
    fn param(&mut self, name: &str, values: IntTensor, scale: i32) -> Result<NodeId> {
        let largest = values
            .data()
            .iter()
            .map(|&q| if q < 0 { !q } else { q })
            .max()
            .unwrap_or(0);
        let bits = 65 - largest.leading_zeros();
        let limbs = bits.div_ceil(self.graph.lane_bits).max(1) as u8;
        let param = ParamId(self.graph.params.len() as u32);
        self.graph.params.push(ParamSpec {
            name: name.to_string(),
            shape: values.shape().to_vec(),
            limbs,
        });
        let node = self.emit(Op::Param(Param { param }), &[], values.shape(), scale)?;
        self.limit_last(Some(&values))?;
        self.tensors.push(values);
        Ok(node)
    }

    /// Name of the constant that a parameter comes from.
    fn constant_name(&self, id: FloatId) -> String {
        self.setting.graph.node(id).name.clone()
    }

    /// A constant as a materialised tensor at nearly the full range of `limbs` limbs.
    fn constant_cells(&mut self, id: FloatId, limbs: u8) -> Result<Value> {
        let constant = self.constant(id).ok_or_else(|| self.error("it has no value"))?;
        let magnitude = constant.iter().fold(0.0f64, |m, &x| m.max(f64::from(x.abs())));
        let scale = weight_scale(magnitude, self.bits(limbs));
        let values = constant
            .iter()
            .map(|&x| quantize_value(f64::from(x), scale))
            .collect::<Result<_>>()?;
        let shape = constant.shape().to_vec();
        let nonnegative = constant.iter().all(|&x| x >= 0.0);
        let name = self.constant_name(id);
        let node = self.param(&name, IntTensor::new(shape, values)?, scale)?;
        let width = Width { limbs, signed: true };
        Ok(Value {
            kind: Kind::View,
            nonnegative,
            ..Value::cells(node, scale, width)
        })
    }

    /// The value of a node as it is, constants included.
    fn value(&mut self, id: FloatId) -> Result<Value> {
        if self.constant(id).is_some() {
            return self.constant_cells(id, 1);
        }
        self.values[id.0]
            .clone()
            .ok_or_else(|| self.error("it reads a node that has no value"))
    }

    /// A value for a linear combination: without scales per channel, and no accumulator of a
    /// product that something else reads too.
    fn linear(&mut self, id: FloatId) -> Result<Value> {
        let value = self.value(id)?;
        if value.deltas.is_some() {
            return self.cells(id);
        }
        self.sole(id, value)
    }

    /// A value that may be an accumulator of a product, if nothing else reads that.
    fn sole(&mut self, id: FloatId, value: Value) -> Result<Value> {
        if value.kind == Kind::Bilinear && self.setting.plan.uses[id.0] > 1 {
            return self.cells(id);
        }
        Ok(value)
    }

    /// A value for a view or a sum over its elements: no accumulator of a product.
    fn viewable(&mut self, id: FloatId) -> Result<Value> {
        let value = self.linear(id)?;
        if value.kind == Kind::Bilinear {
            return self.cells(id);
        }
        Ok(value)
    }

    /// A value for a product or a function: cells or a view of cells.
    fn operand(&mut self, id: FloatId) -> Result<Value> {
        let value = self.value(id)?;
        match value.kind {
            Kind::Cells | Kind::View => Ok(value),
            Kind::Linear | Kind::Bilinear => self.cells(id),
        }
    }
}

/// The largest scale at which a weight of this magnitude fits `bits` signed bits.
fn weight_scale(magnitude: f64, bits: u32) -> i32 {
    if magnitude == 0.0 {
        return 0;
    }
    let limit = ((1u64 << (bits - 1)) - 1) as f64;
    ((limit / magnitude).log2().floor() as i32).clamp(-48, 48)
}
