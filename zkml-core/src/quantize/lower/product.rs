//! Matrix products and convolutions.

use super::{prelude::*, saturate::MOST_COARSER, value::Deltas, weight_scale};
use crate::{
    float::FloatOp,
    graph::Node,
    ops::{Conv, MatMul, Window2d, infer_shape},
    quantize::weights::Weights,
};

/// Scales of channels differ by no more bits than this.
const MAX_DELTA: u32 = 10;

/// Where the accumulator of a product ends.
struct Sink {
    /// The node whose value the result is.
    id: FloatId,
    /// Scale of the result with its present width.
    scale: i32,
    limbs: u8,
    /// Whether negative results become 0.
    relu: bool,
    /// Whether the result is a maximum, whose distances need the width too.
    maximum: bool,
}

/// Weights as a parameter.
struct Parameter {
    node: NodeId,
    scale: i32,
    /// More fraction bits of each output channel, if they differ.
    deltas: Option<Vec<u32>>,
}

impl Lowerer<'_> {
    pub(super) fn mat_mul(&mut self, a: FloatId, b: FloatId) -> Result<Value> {
        let id = self.current;
        let rank = self.shape(id).len();
        if let Some(values) = self.constant(b) {
            let x = self.operand(a)?;
            let channels = (values.ndim() == 2).then_some(1);
            let weights = Weights {
                id: b,
                values,
                shape: values.shape(),
                channels,
            };
            let weights = self.weights(&weights, x.scale, None)?;
            return self.product(Op::MatMul(MatMul), x, weights, rank - 1);
        }
        if let Some(values) = self.constant(a) {
            let x = self.operand(b)?;
            let weights = Weights {
                id: a,
                values,
                shape: values.shape(),
                channels: None,
            };
            let weights = self.weights(&weights, x.scale, None)?;
            let node = self.emit(
                Op::MatMul(MatMul),
                &[weights.node, x.node],
                &[],
                x.scale + weights.scale,
            )?;
            return Ok(accumulator(node, x.scale + weights.scale));
        }
        let (x, y) = (self.operand(a)?, self.operand(b)?);
        let scale = x.scale + y.scale;
        let node = self.emit(Op::MatMul(MatMul), &[x.node, y.node], &[], scale)?;
        Ok(accumulator(node, scale))
    }

    pub(super) fn conv(
        &mut self,
        x: FloatId,
        kernel: FloatId,
        window: &Window2d,
        groups: usize,
    ) -> Result<Value> {
        let op = Op::Conv(Conv {
            window: window.clone(),
            groups,
        });
        let x = self.operand(x)?;
        if let Some(values) = self.constant(kernel) {
            let weights = Weights {
                id: kernel,
                values,
                shape: values.shape(),
                channels: Some(0),
            };
            let weights = self.weights(&weights, x.scale, Some((&op, x.node)))?;
            return self.product(op, x, weights, 1);
        }
        let kernel = self.operand(kernel)?;
        let scale = x.scale + kernel.scale;
        let node = self.emit(op, &[x.node, kernel.node], &[], scale)?;
        Ok(accumulator(node, scale))
    }

    /// An image times one factor for each channel: a convolution of each channel with one weight.
    pub(super) fn channel_product(&mut self, x: FloatId, factors: FloatId) -> Result<Value> {
        let values = self
            .constant(factors)
            .ok_or_else(|| self.error("it has no value"))?;
        let channels = values.len();
        let x = self.operand(x)?;
        let weights = Weights {
            id: factors,
            values,
            shape: &[channels, 1, 1, 1],
            channels: Some(0),
        };
        let window = Window2d {
            kernel: [1, 1],
            strides: [1, 1],
            pads_begin: [0, 0],
            pads_end: [0, 0],
            dilations: [1, 1],
        };
        let op = Op::Conv(Conv {
            window,
            groups: channels,
        });
        let weights = self.weights(&weights, x.scale, Some((&op, x.node)))?;
        self.product(op, x, weights, 1)
    }

    fn product(&mut self, op: Op, x: Value, weights: Parameter, channel_axis: usize) -> Result<Value> {
        let scale = x.scale + weights.scale;
        let node = self.emit(op, &[x.node, weights.node], &[], scale)?;
        let mut value = accumulator(node, scale);
        value.deltas = weights.deltas.map(|bits| Deltas {
            axis: channel_axis,
            bits,
        });
        Ok(value)
    }

    /// Weights of the current node as a parameter; `x_scale` is the scale of what they multiply. Those of a `product`
    /// of this operand have no more bits than a remainder of one limb allows.
    fn weights(
        &mut self,
        weights: &Weights<'_>,
        x_scale: i32,
        product: Option<(&Op, NodeId)>,
    ) -> Result<Parameter> {
        let id = self.current;
        let limbs = if self.is_wide(Item::Weights(id), weights.values.len()) {
            2
        } else {
            1
        };
        let bits = self.bits(limbs);
        let sink = self.sink(id);
        // A rescale by one limb has one limb of remainder for each output.
        let mut most = i32::MAX;
        let magnitudes = self.setting.weights.magnitudes(weights);
        if let (Some((op, x)), Some(sink), 1) = (product, &sink, limbs)
            && !self.is_wide(Item::FullWeights(id), self.setting.graph.node(id).len())
        {
            most = self.graph.lane_bits as i32 + sink.scale - x_scale;
            let scale = weight_scale(magnitudes.all, bits);
            if scale > most - MOST_COARSER {
                most -= self.coarser_sink(sink, weights, (op, x), x_scale, scale.min(most))?;
            }
        }
        let scale = weight_scale(magnitudes.all, bits).min(most);
        let delta = |&magnitude: &f64| match magnitude {
            0.0 => 0,
            m => (weight_scale(m, bits).min(most) - scale).clamp(0, MAX_DELTA as i32) as u32,
        };
        let deltas = (weights.channels.is_some() && sink.is_some())
            .then(|| magnitudes.channels.iter().map(delta).collect::<Vec<_>>());
        let deltas = deltas.filter(|deltas| deltas.iter().any(|&bits| bits > 0));
        // Where neighbouring elements belong to different channels, rows of cells have little in common.
        let cost = match weights.channels {
            Some(axis) if axis + 1 == weights.shape.len() => weights.values.len(),
            _ => deltas.as_ref().map_or(0, Vec::len),
        };
        let deltas = deltas.filter(|_| self.is_wide(Item::ChannelScales(id), cost));
        let values = self
            .setting
            .weights
            .quantized(weights, scale, deltas.as_deref().unwrap_or_default())?;
        let node = self.param(&self.constant_name(weights.id), values, scale)?;
        Ok(Parameter { node, scale, deltas })
    }

    /// By how many bits the result of a product has to be coarser than the sink's scale, so that everything that can
    /// reach it fits; 0 where it is clamped instead. Constant terms are left out.
    fn coarser_sink(
        &self,
        sink: &Sink,
        weights: &Weights<'_>,
        (op, x): (&Op, NodeId),
        x_scale: i32,
        scale: i32,
    ) -> Result<i32> {
        if self.wide.contains(&Item::Clamp(sink.id)) {
            return Ok(0);
        }
        let values = self.setting.weights.quantized(weights, scale, &[])?;
        let shapes = [&self.graph.node(x).shape[..], values.shape()];
        let node = Node {
            name: String::new(),
            op: op.clone(),
            inputs: vec![x],
            shape: infer_shape(op, &shapes, &[])?,
            scale: x_scale + scale,
        };
        Ok(self.coarser(&node, &values, sink.scale, sink.limbs, sink.relu, sink.maximum))
    }

    /// Follows the accumulator of a node through constant terms to the operation that rounds
    /// it; `None` if other values join it on the way.
    fn sink(&self, id: FloatId) -> Option<Sink> {
        let (graph, plan) = (self.setting.graph, self.setting.plan);
        let limbs = |id| {
            if self.wide.contains(&Item::Activation(id)) {
                2
            } else {
                1
            }
        };
        let rounded = |id, magnitude, relu: bool| Sink {
            id,
            scale: scale_with_headroom(magnitude, self.bits(limbs(id)) - u32::from(!relu)),
            limbs: limbs(id),
            relu,
            maximum: false,
        };
        let pooled = |pool: FloatId| Sink {
            id: pool,
            scale: self.pool_scale(pool, limbs(pool)),
            limbs: limbs(pool),
            relu: plan.poolings[pool.0].as_ref().is_some_and(|pooling| pooling.relu),
            maximum: true,
        };
        let mut at = id;
        loop {
            let here = || rounded(at, self.range(at).magnitude(), false);
            let Some(reader) = plan.single_reader(at) else {
                return Some(here());
            };
            let node = graph.node(reader);
            match &node.op {
                FloatOp::Add | FloatOp::Sub => {
                    let constant = node.inputs.iter().any(|&input| self.constant(input).is_some());
                    if !constant || node.shape != graph.node(at).shape {
                        return None;
                    }
                    at = reader;
                }
                FloatOp::Relu if !plan.absorbed[reader.0] => {
                    return Some(rounded(reader, self.range(at).magnitude(), true));
                }
                FloatOp::Relu => return Some(pooled(plan.single_reader(reader)?)),
                FloatOp::MaxPool { .. } if plan.poolings[reader.0].is_some() => return Some(pooled(reader)),
                FloatOp::Mul | FloatOp::Neg | FloatOp::Reshape { .. } => return None,
                _ => return Some(here()),
            }
        }
    }
}

/// The accumulator of a product.
fn accumulator(node: NodeId, scale: i32) -> Value {
    Value {
        kind: Kind::Bilinear,
        ..Value::linear(node, scale, false)
    }
}
