//! The semantics of every operation: one file for each, with its shape rule and its evaluation.
//!
//! Circuits equal these functions bit for bit. They share the index arithmetic with them:
//! [`view_map`] says where each element of a view comes from, [`reduction_map`] which elements
//! a sum or a maximum is taken over, and [`window`] how a kernel slides along an axis.

mod arg_max;
mod broadcast;
pub(crate) mod clip;
mod concat;
mod conv;
mod div;
mod div_const;
mod gather;
mod lin_comb;
pub(crate) mod lut;
mod mat_mul;
mod max;
mod mul;
mod pad;
pub(crate) mod range;
mod reduce_sum;
pub(crate) mod reduction;
mod rescale;
mod reshape;
mod slice;
mod sum_pool;
#[cfg(test)]
mod testing;
mod transpose;
mod view;
pub mod window;

pub use div_const::divisor_at;
pub use reduction::reduction_map;
pub(crate) use reduction::set_size;
pub use rescale::shift_at;
pub use view::{ViewSource, apply_view, view_map};

use crate::{
    error::{Error, Result},
    graph::{Graph, Node, Op, Saturation},
    shape::element_count,
    tensor::IntTensor,
};
use range::{Clamp, Range, RangeFault};

/// The output shape of an operation on inputs of these shapes.
///
/// `declared` is the shape that the node states. It decides the result of [`Op::Reshape`] and
/// [`Op::Broadcast`], and is the result for [`Op::Input`] and [`Op::Param`]; other operations
/// do not read it.
///
/// # Errors
///
/// [`Error::Shape`] if the number of inputs is wrong, if shapes or attributes do not fit
/// together, or if a shape is beyond the limits of [`crate::shape`].
pub fn infer_shape(op: &Op, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
    let name = op.name();
    for shape in inputs {
        check_size(name, shape)?;
    }
    let shape = match op {
        Op::Input { .. } | Op::Param { .. } => {
            arity::<0>(name, inputs)?;
            declared.to_vec()
        }
        Op::Reshape => reshape::shape(one(name, inputs)?, declared)?,
        Op::Transpose { perm } => transpose::shape(perm, one(name, inputs)?)?,
        Op::Slice { starts, steps } => slice::shape(starts, steps, one(name, inputs)?, declared)?,
        Op::Concat { axis } => concat::shape(*axis, inputs)?,
        Op::Pad { before, after, .. } => pad::shape(before, after, one(name, inputs)?)?,
        Op::Broadcast => broadcast::shape(one(name, inputs)?, declared)?,
        Op::Gather { axis, indices } => gather::shape(*axis, indices, one(name, inputs)?)?,
        Op::LinComb { coefficients, .. } => lin_comb::shape(coefficients, inputs)?,
        Op::ReduceSum { axes } => reduce_sum::shape(axes, one(name, inputs)?)?,
        Op::SumPool(window) => sum_pool::shape(window, one(name, inputs)?)?,
        Op::MatMul => mat_mul::shape(arity(name, inputs)?)?,
        Op::Conv { window, groups } => conv::shape(window, *groups, arity(name, inputs)?)?,
        Op::Rescale { shift, .. } => rescale::shape(shift, one(name, inputs)?)?,
        Op::Max { windows, shift, .. } => max::shape(windows, shift, one(name, inputs)?)?,
        Op::Clip { .. } => one(name, inputs)?.to_vec(),
        Op::Mul { shift, .. } => mul::shape(*shift, arity(name, inputs)?)?,
        Op::DivConst { divisor, .. } => div_const::shape(divisor, one(name, inputs)?)?,
        Op::Div { shift, .. } => div::shape(*shift, arity(name, inputs)?)?,
        Op::Lut(table) => lut::shape(table, one(name, inputs)?)?,
        Op::ArgMax { axis, .. } => arg_max::shape(*axis, one(name, inputs)?)?,
    };
    check_size(name, &shape)?;
    Ok(shape)
}

/// Evaluates a node of a validated graph.
///
/// All arithmetic is plain 64-bit: [`crate::bounds`] has shown that no accumulator reaches
/// 62 bits. For a source ([`Op::Input`], [`Op::Param`]), the one input is its own tensor.
pub(crate) fn eval(graph: &Graph, node: &Node, inputs: &[&IntTensor]) -> Result<IntTensor, RangeFault> {
    let out = &node.shape[..];
    let signed = |limbs: u8| Range::signed(u32::from(limbs) * graph.lane_bits);
    let bits = |limbs: u8| u32::from(limbs) * graph.lane_bits;
    match &node.op {
        Op::Input { .. } | Op::Param { .. } => Ok(inputs[0].clone()),
        Op::Reshape
        | Op::Transpose { .. }
        | Op::Slice { .. }
        | Op::Concat { .. }
        | Op::Pad { .. }
        | Op::Broadcast
        | Op::Gather { .. } => Ok(view::eval(&node.op, inputs, out)),
        Op::LinComb {
            coefficients,
            constant,
        } => Ok(lin_comb::eval(coefficients, *constant, inputs, out)),
        Op::ReduceSum { axes } => Ok(reduce_sum::eval(axes, inputs[0], out)),
        Op::SumPool(window) => Ok(sum_pool::eval(window, inputs[0], out)),
        Op::MatMul => Ok(mat_mul::eval(inputs[0], inputs[1], out)),
        Op::Conv { window, groups } => Ok(conv::eval(window, *groups, inputs[0], inputs[1], out)),
        Op::Rescale {
            shift,
            limbs,
            relu,
            saturation,
        } => {
            let clamp = Clamp::new(*limbs, *relu, *saturation, graph.lane_bits);
            rescale::eval(shift, clamp, inputs[0])
        }
        Op::Max {
            windows,
            shift,
            limbs,
            relu,
            saturation,
        } => {
            let clamp = Clamp::new(*limbs, *relu, saturation.map(|s| s.maximum), graph.lane_bits);
            let spread = Range::unsigned(bits(saturation.map_or(*limbs, |s| s.spread)));
            max::eval(windows, shift, clamp, spread, inputs[0], out)
        }
        Op::Clip { lo, hi, limbs } => clip::eval(*lo, *hi, bits(*limbs), inputs[0]),
        Op::Mul {
            shift,
            limbs,
            operand_limbs,
        } => mul::eval(
            *shift,
            operand_limbs.map(signed),
            signed(*limbs),
            inputs[0],
            inputs[1],
        ),
        Op::DivConst { divisor, limbs } => div_const::eval(divisor, signed(*limbs), inputs[0]),
        Op::Div {
            shift,
            limbs,
            operand_limbs,
        } => div::eval(
            *shift,
            operand_limbs.map(bits),
            bits(*limbs),
            inputs[0],
            inputs[1],
        ),
        Op::Lut(table) => lut::eval(table, inputs[0]),
        Op::ArgMax { axis, limbs } => arg_max::eval(*axis, bits(*limbs), inputs[0], out),
    }
}

/// Checks the attributes whose limits depend on the width of a limb.
pub(crate) fn check_widths(op: &Op, lane_bits: u32) -> Result<()> {
    let limbs: &[u8] = match op {
        Op::Input { limbs }
        | Op::Rescale { limbs, .. }
        | Op::Max { limbs, .. }
        | Op::Clip { limbs, .. }
        | Op::DivConst { limbs, .. }
        | Op::ArgMax { limbs, .. } => &[*limbs],
        Op::Mul {
            limbs,
            operand_limbs: [left, right],
            ..
        }
        | Op::Div {
            limbs,
            operand_limbs: [left, right],
            ..
        } => &[*limbs, *left, *right],
        Op::Lut(table) => &[table.limbs],
        _ => &[],
    };
    if let Some(limbs) = limbs.iter().find(|&&limbs| !range::valid_limbs(limbs, lane_bits)) {
        return Err(mismatch(op.name(), range::invalid_limbs(*limbs, lane_bits)));
    }
    let excess = |Saturation { below, above }: Saturation| {
        let wrong = |limbs: &u8| !range::valid_excess(*limbs, lane_bits);
        match [below, above].into_iter().find(wrong) {
            Some(limbs) => Err(mismatch(op.name(), range::invalid_limbs(limbs, lane_bits))),
            None => Ok(()),
        }
    };
    match op {
        Op::Rescale {
            saturation: Some(s), ..
        } => excess(*s),
        Op::Max {
            saturation: Some(s), ..
        } if range::valid_limbs(s.spread, lane_bits) => excess(s.maximum),
        Op::Max {
            saturation: Some(s), ..
        } => Err(mismatch(op.name(), range::invalid_limbs(s.spread, lane_bits))),
        Op::Clip { lo, hi, limbs } => clip::check(*lo, *hi, u32::from(*limbs) * lane_bits),
        Op::Lut(table) => lut::check(table, lane_bits),
        _ => Ok(()),
    }
}

/// An error of the shape rules.
fn mismatch(op: &'static str, reason: impl Into<String>) -> Error {
    Error::Shape {
        op,
        reason: reason.into(),
    }
}

/// Exactly `N` inputs.
fn arity<'a, 'b, const N: usize>(
    op: &'static str,
    inputs: &'b [&'a [usize]],
) -> Result<&'b [&'a [usize]; N]> {
    inputs
        .try_into()
        .map_err(|_| mismatch(op, format!("expected {N} input(s), found {}", inputs.len())))
}

/// Exactly one input.
fn one<'a>(op: &'static str, inputs: &[&'a [usize]]) -> Result<&'a [usize]> {
    arity::<1>(op, inputs).map(|inputs| inputs[0])
}

/// Two inputs of the same shape.
fn same(op: &'static str, [left, right]: &[&[usize]; 2]) -> Result<Vec<usize>> {
    if left == right {
        Ok(left.to_vec())
    } else {
        Err(mismatch(
            op,
            format!("expected operands of one shape, found {left:?} and {right:?}"),
        ))
    }
}

/// An axis of a shape.
fn check_axis(op: &'static str, axis: usize, shape: &[usize]) -> Result<()> {
    if axis < shape.len() {
        Ok(())
    } else {
        Err(mismatch(
            op,
            format!("expected an axis below the rank {}, found {axis}", shape.len()),
        ))
    }
}

/// The largest shift of any operation.
pub(crate) const MAX_SHIFT: u32 = 62;

/// A shift of at most [`MAX_SHIFT`].
fn check_shift(op: &'static str, shift: u32) -> Result<()> {
    if shift <= MAX_SHIFT {
        Ok(())
    } else {
        Err(mismatch(
            op,
            format!("expected a shift of at most {MAX_SHIFT}, found {shift}"),
        ))
    }
}

/// A shape within the limits of every tensor.
fn check_size(op: &'static str, shape: &[usize]) -> Result<()> {
    element_count(shape).map(drop).ok_or_else(|| {
        mismatch(
            op,
            format!(
                "expected at most {} axes, none of length 0, and at most {} elements, found shape {shape:?}",
                crate::shape::MAX_RANK,
                crate::shape::MAX_ELEMENTS
            ),
        )
    })
}
