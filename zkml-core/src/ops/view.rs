//! Views: operations whose output elements are copies of input elements, or constants.
//!
//! All but concatenation and reshaping are *separable*: the flat index of the source is a sum
//! of one contribution for each output axis. Such an operation is a table for each axis.

use super::{broadcast, concat, gather, infer_shape, mismatch, pad, reshape, slice, transpose};
use crate::{error::Result, graph::Op, tensor::IntTensor};
use std::convert::Infallible;

/// Where an element of a view comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewSource {
    /// Element with the flat index `index` of the operation's input number `input`.
    Element {
        /// Position in the node's inputs.
        input: usize,
        /// Flat row-major index.
        index: usize,
    },
    /// A constant (padding).
    Constant(i64),
}

/// The source of every output element of a view, in row-major order.
///
/// # Errors
///
/// [`crate::Error::Shape`] if `op` is not a view, or does not make `out_shape` of these inputs.
pub fn view_map(op: &Op, input_shapes: &[&[usize]], out_shape: &[usize]) -> Result<Vec<ViewSource>> {
    check(op, input_shapes, out_shape)?;
    let mut sources = Vec::with_capacity(out_shape.iter().product());
    each_source(op, input_shapes, out_shape, &mut |source| sources.push(source));
    Ok(sources)
}

/// Applies a view to tensors of any elements, given as shape and row-major data.
/// `constant` makes an element of a padding constant.
///
/// # Errors
///
/// [`crate::Error::Shape`] if `op` is not a view, does not make `out_shape` of these inputs, or if an
/// input has fewer elements than its shape.
pub fn apply_view<T: Clone>(
    op: &Op,
    inputs: &[(&[usize], &[T])],
    out_shape: &[usize],
    constant: impl Fn(i64) -> T,
) -> Result<Vec<T>> {
    let shapes: Vec<&[usize]> = inputs.iter().map(|&(shape, _)| shape).collect();
    check(op, &shapes, out_shape)?;
    if let Some((shape, data)) = inputs
        .iter()
        .find(|(shape, data)| shape.iter().product::<usize>() != data.len())
    {
        let reason = format!(
            "expected as many elements as the shape {shape:?} has, found {}",
            data.len()
        );
        return Err(mismatch(op.name(), reason));
    }
    Ok(apply(
        op,
        &shapes,
        |input, index| inputs[input].1[index].clone(),
        out_shape,
        constant,
    ))
}

/// Evaluates a view of a validated graph.
pub(super) fn eval(op: &Op, inputs: &[&IntTensor], out: &[usize]) -> IntTensor {
    let shapes: Vec<&[usize]> = inputs.iter().map(|tensor| tensor.shape()).collect();
    IntTensor::of(
        out,
        apply(
            op,
            &shapes,
            |input, index| inputs[input].data()[index],
            out,
            |value| value,
        ),
    )
}

fn apply<T>(
    op: &Op,
    shapes: &[&[usize]],
    element: impl Fn(usize, usize) -> T,
    out: &[usize],
    constant: impl Fn(i64) -> T,
) -> Vec<T> {
    let mut data = Vec::with_capacity(out.iter().product());
    each_source(op, shapes, out, &mut |source| {
        data.push(match source {
            ViewSource::Element { input, index } => element(input, index),
            ViewSource::Constant(value) => constant(value),
        });
    });
    data
}

fn check(op: &Op, inputs: &[&[usize]], out: &[usize]) -> Result<()> {
    if !is_view(op) {
        return Err(mismatch(
            op.name(),
            "expected a view (reshape, transpose, slice, concat, pad, broadcast, gather)",
        ));
    }
    let inferred = infer_shape(op, inputs, out)?;
    if inferred != out {
        return Err(mismatch(
            op.name(),
            format!("expected the output shape {inferred:?}, found {out:?}"),
        ));
    }
    Ok(())
}

fn is_view(op: &Op) -> bool {
    matches!(
        op,
        Op::Reshape
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Concat { .. }
            | Op::Pad { .. }
            | Op::Broadcast
            | Op::Gather { .. }
    )
}

/// Visits the sources in the output's row-major order; nothing if `op` is not a view.
fn each_source(op: &Op, inputs: &[&[usize]], out: &[usize], emit: &mut impl FnMut(ViewSource)) {
    let (tables, fill) = match op {
        Op::Reshape => return reshape::each_source(out, emit),
        Op::Concat { axis } => return concat::each_source(*axis, inputs, emit),
        Op::Transpose { perm } => (transpose::tables(perm, inputs[0]), 0),
        Op::Slice { starts, steps } => (slice::tables(starts, steps, inputs[0], out), 0),
        Op::Pad { before, after, value } => (pad::tables(before, after, inputs[0]), *value),
        Op::Broadcast => (broadcast::tables(inputs[0], out), 0),
        Op::Gather { axis, indices } => (gather::tables(*axis, indices, inputs[0]), 0),
        _ => return,
    };
    let visited: Result<(), Infallible> = separable(&tables, &mut |source| {
        emit(
            source.map_or(ViewSource::Constant(fill), |index| ViewSource::Element {
                input: 0,
                index,
            }),
        );
        Ok(())
    });
    let Ok(()) = visited;
}

/// For each output axis and each index along it, what it adds to the flat index of the source,
/// or `None` where the output is padding.
pub(super) type Tables = Vec<Vec<Option<usize>>>;

/// Visits the flat source index of every output element in row-major order.
pub(super) fn separable<E>(
    tables: &[Vec<Option<usize>>],
    emit: &mut impl FnMut(Option<usize>) -> Result<(), E>,
) -> Result<(), E> {
    fn descend<E>(
        tables: &[Vec<Option<usize>>],
        base: Option<usize>,
        emit: &mut impl FnMut(Option<usize>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((first, rest)) = tables.split_first() else {
            return emit(base);
        };
        for entry in first {
            let next = base.zip(*entry).map(|(base, step)| base + step);
            if rest.is_empty() {
                emit(next)?;
            } else {
                descend(rest, next, emit)?;
            }
        }
        Ok(())
    }
    descend(tables, Some(0), emit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applies_to_any_element_type() {
        let op = Op::Pad {
            before: vec![1],
            after: vec![0],
            value: -1,
        };
        let words = ["a".to_string(), "b".to_string()];
        let padded = apply_view(&op, &[(&[2], &words)], &[3], |value| value.to_string()).unwrap();
        assert_eq!(padded, ["-1", "a", "b"]);
        assert!(apply_view(&op, &[(&[2], &words[..1])], &[3], |value| value.to_string()).is_err());
    }

    #[test]
    fn refuses_other_operations_and_shapes() {
        assert!(view_map(&Op::MatMul, &[&[1, 1], &[1, 1]], &[1, 1]).is_err());
        assert!(view_map(&Op::Transpose { perm: vec![1, 0] }, &[&[2, 3]], &[2, 3]).is_err());
        assert!(view_map(&Op::Reshape, &[&[usize::MAX, 3]], &[3]).is_err());
    }
}
