//! The compiler: from an integer graph to regions of gadgets and linear constraints.
//!
//! Each node becomes a [`Value`]. Linear operations only say which linear combinations their
//! elements are; materialising operations place a region of gadgets and bind the gadgets' operands
//! to the node's inputs by a linear constraint.

mod bilinear;
mod finish;
mod hashed;
mod linear;
mod materialise;
mod order;
mod public;
mod value;

use crate::gadget::Plain;
use crate::linear_constraint::{Coef, Lin, LinearConstraints};
use crate::mono::Mono;
use crate::options::{CircuitOptions, ParamVisibility};
use crate::program::Program;
use crate::regions::{ArgSource, Aux, ColumnKind, Region, RegionId, Regions, Role};
use crate::{Error, Shape};
use bilinear::Bilinear;
use std::sync::Arc;
use value::Value;
use zkml_core::graph::{Graph, NodeId, Op, Params};
use zkml_core::ops::{Input, Lut, Param};

pub use hashed::{HashedRole, HashedTensors};
pub use public::{PublicRole, PublicTensor};

/// A compiled circuit before it is known whether it is the cheapest.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    pub shape: Shape,
    /// Rows that are in use; the shape has at least as many.
    pub rows: usize,
    /// Lanes that were asked for; the shape may have fewer.
    pub lanes: u16,
    pub program: Program,
    pub regions: Vec<Region>,
    pub aux: Vec<Aux>,
    /// Nodes and lengths of the tensors that the copy column holds.
    pub copied: Vec<(u32, u32)>,
    pub public: Vec<PublicTensor>,
    pub hashed: Vec<HashedTensors>,
}

/// Compiles a graph for a number of lanes.
///
/// # Errors
/// [`Error::Unsupported`] for what cannot be expressed, also when a gadget is wider than the
/// lanes; [`Error::TooLarge`].
pub(crate) fn lower(
    graph: &Graph,
    params: Option<&Params>,
    options: &CircuitOptions,
    lanes: u16,
) -> Result<Lowered, Error> {
    let mut l = Lowering {
        graph,
        params,
        options,
        bounds: zkml_core::bounds::bounds(graph)?,
        regions: Regions::new(graph.lane_bits, lanes, 0),
        linear_constraints: LinearConstraints::default(),
        values: vec![],
        bilinears: vec![],
        aux: vec![],
        tables: vec![],
        placed: vec![None; graph.params.len()],
        readers: order::readers(graph),
    };
    let (public, hashed) = (public::tensors(graph, options), hashed::tensors(&l, options));
    let instances = public::instance_shape(&public, hashed.len());
    l.regions = Regions::new(graph.lane_bits, lanes, instances.rows);
    for (i, node) in graph.nodes.iter().enumerate() {
        let value = l.node(i as u32).map_err(|e| match e {
            Error::Unsupported { reason, .. } => Error::Unsupported {
                node: node.name.clone(),
                op: node.op.name(),
                reason,
            },
            other => other,
        })?;
        l.values.push(value);
    }
    let public = l.bind_public(public, &hashed, &instances)?;
    for (chain, h) in hashed.iter().enumerate() {
        l.bind_hashed(h, chain as u32)?;
    }
    l.finish(public, hashed, &instances)
}

/// Most bits of a form: its coefficients are 64-bit, and it stays far from the field's size.
pub(crate) const MAX_FORM_BITS: u32 = 62;

/// The region of a parameter tensor, and the gadget of each of its elements if they are not in order.
type PlacedParam = (RegionId, Option<Arc<Vec<u32>>>);

/// Function tables that share the table columns, with the row that each starts at.
type PlacedTable = (Lut, u32);

pub(super) struct Lowering<'a> {
    graph: &'a Graph,
    params: Option<&'a Params>,
    options: &'a CircuitOptions,
    bounds: Vec<(i64, i64)>,
    regions: Regions,
    linear_constraints: LinearConstraints,
    values: Vec<Value>,
    bilinears: Vec<Bilinear>,
    aux: Vec<Aux>,
    tables: Vec<PlacedTable>,
    /// The region of each parameter tensor that has one, and the gadget of each of its elements.
    placed: Vec<Option<PlacedParam>>,
    readers: Vec<order::Readers>,
}

/// The operand of a role: gadget `i` reads element `map[i]` of a node's value.
pub(super) struct Operand<'m> {
    role: Role,
    node: NodeId,
    map: &'m dyn Fn(u32) -> u32,
}

impl Lowering<'_> {
    fn node(&mut self, id: u32) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        match &node.op {
            Op::Input(Input { limbs }) => {
                let gadget = Plain {
                    limbs: *limbs,
                    signed: true,
                };
                let order = self.order(id);
                let args = vec![order.arg(NodeId(id))];
                let region = self.place_node(id, gadget.into(), &order, &|_| None, args)?;
                Ok(order.value(region))
            }
            Op::Param(Param { param }) => Ok(Value::Param {
                param: param.0,
                map: None,
            }),
            Op::Reshape(_) => Ok(self.values[node.inputs[0].index()].clone()),
            Op::Transpose(_)
            | Op::Slice(_)
            | Op::Concat(_)
            | Op::Pad(_)
            | Op::Broadcast(_)
            | Op::Gather(_) => self.view(id),
            Op::LinComb(op) => self.lin_comb(id, op),
            Op::ReduceSum(op) => self.sum(id, op.sets()),
            Op::SumPool(op) => self.sum(id, op.sets()),
            Op::MatMul(_) => self.mat_mul(id),
            Op::Conv(op) => self.conv(id, op),
            Op::Rescale(op) => self.rescale(id, op),
            Op::Max(op) => self.max(id, op),
            Op::Clip(op) => self.unary(id, (*op).into()),
            Op::Mul(op) => self.binary(id, (*op).into()),
            Op::Div(op) => self.binary(id, (*op).into()),
            Op::DivConst(op) => self.div_const(id, op),
            Op::Lut(op) => self.lut(id, op),
            Op::ArgMax(op) => self.arg_max(id, op),
        }
    }

    /// The elements of a node as linear combinations.
    fn lins(&mut self, id: NodeId) -> Result<Arc<Vec<Lin>>, Error> {
        match self.values[id.index()].clone() {
            Value::Lins(lins) => Ok(lins),
            Value::Region(region) => {
                let count = self.regions.region(region).count;
                Ok(Arc::new((0..count).map(|i| Lin::element(region, i)).collect()))
            }
            Value::Param { param, map } => {
                let lins = self.param_lins(param)?;
                Ok(match map {
                    None => lins,
                    Some(map) => Arc::new(map.iter().map(|&i| lins[i as usize].clone()).collect()),
                })
            }
            Value::Accumulator { .. } => Err(unsupported(
                "an accumulator of MatMul or Conv must be rescaled before this operation",
            )),
        }
    }

    /// The elements of a parameter tensor, placed in order if it has no cells yet.
    fn param_lins(&mut self, param: u32) -> Result<Arc<Vec<Lin>>, Error> {
        if self.placed[param as usize].is_none() {
            let count = self.graph.params[param as usize].len() as u32;
            let identity = Arc::new((0..count).collect());
            let region = self.place_param(param, count, identity)?;
            self.placed[param as usize] = Some((region, None));
        }
        let (region, gadgets) = self.placed[param as usize].clone().expect("just placed");
        let count = self.graph.params[param as usize].len() as u32;
        let gadget = |i: u32| gadgets.as_ref().map_or(i, |u| u[i as usize]);
        Ok(Arc::new(
            (0..count).map(|i| Lin::element(region, gadget(i))).collect(),
        ))
    }

    /// Where parameters stand.
    fn param_column_kind(&self) -> ColumnKind {
        match self.options.params {
            ParamVisibility::Fixed => ColumnKind::Fixed,
            ParamVisibility::Private
            | ParamVisibility::Public
            | ParamVisibility::Hashed
            | ParamVisibility::Committed => ColumnKind::Lanes,
        }
    }

    /// Places the elements `order` of a parameter tensor in runs.
    fn place_param(&mut self, param: u32, run: u32, order: Arc<Vec<u32>>) -> Result<RegionId, Error> {
        let limbs = self.graph.params[param as usize].limbs;
        let kind = Plain { limbs, signed: true }.into();
        let column_kind = self.param_column_kind();
        let per_row = self.per_row(&kind)?;
        let count = order.len() as u32;
        let region = self.regions.place(
            kind,
            column_kind,
            count,
            run.max(1),
            per_row,
            vec![ArgSource::Param(param, order)],
        );
        self.regions.mark_params(region);
        Ok(region)
    }

    /// Binds operands of a region: for each operand and each gadget, the element that it reads
    /// equals the gadget's form times `2^-halves(gadget)`.
    fn bind(
        &mut self,
        region: RegionId,
        operands: &[Operand<'_>],
        halves: &dyn Fn(u32) -> u32,
    ) -> Result<(), Error> {
        // Operands of the same node share a linear constraint, so that an accumulator is stated once.
        let mut nodes: Vec<NodeId> = operands.iter().map(|o| o.node).collect();
        nodes.dedup();
        for node in nodes {
            let of_node: Vec<&Operand<'_>> = operands.iter().filter(|o| o.node == node).collect();
            match self.values[node.index()].clone() {
                Value::Accumulator {
                    bilinear,
                    coefficient,
                    rest,
                } => {
                    self.bind_accumulator(region, node, &of_node, halves, (bilinear, coefficient, rest))?;
                }
                _ => {
                    let lins = self.lins(node)?;
                    let mut linear_constraint = self.linear_constraints.start();
                    let arity = of_node.len();
                    for (j, operand) in of_node.iter().enumerate() {
                        for gadget in 0..self.regions.region(region).count {
                            let (row, slot) = self.regions.region(region).place(gadget);
                            let row = row - self.regions.region(region).first_row;
                            let weight = Mono::w(row as usize).times(Mono::v(slot as usize * arity + j));
                            let scaled = weight.times(Mono::halves(halves(gadget)));
                            let lin = &lins[(operand.map)(gadget) as usize];
                            linear_constraint.add(
                                &self.regions,
                                region,
                                operand.role,
                                gadget,
                                Coef::mono(scaled, -1),
                            );
                            linear_constraint.add_lin(&self.regions, lin, Coef::mono(weight, 1));
                        }
                    }
                    self.linear_constraints
                        .finish(&mut self.regions, linear_constraint)?;
                }
            }
        }
        Ok(())
    }
}

/// An error that the caller completes with the node.
fn unsupported(reason: impl Into<String>) -> Error {
    Error::Unsupported {
        node: String::new(),
        op: "",
        reason: reason.into(),
    }
}
