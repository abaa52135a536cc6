//! What all views have in common as operations: they copy elements.

use super::{
    Op,
    check::mismatch,
    infer_shape,
    operation::prelude::*,
    view::{View, ViewSource},
};

impl<T: View> Operation for T {
    fn name(&self) -> &'static str {
        View::name(self)
    }

    fn kind(&self) -> Kind<'_> {
        Kind::View(self)
    }

    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>> {
        View::shape(self, inputs, declared)
    }

    /// Views have no widths.
    fn check_widths(&self, _: u32) -> Result<()> {
        Ok(())
    }

    fn result(&self) -> Option<ResultRange> {
        None
    }

    fn steps(&self, _: &[&[usize]]) -> usize {
        1
    }

    fn eval(&self, _: u32, inputs: &[&IntTensor], out: &[usize]) -> Result<IntTensor, RangeFault> {
        let shapes: Vec<&[usize]> = inputs.iter().map(|tensor| tensor.shape()).collect();
        let element = |input: usize, index: usize| inputs[input].data()[index];
        Ok(IntTensor::of(
            out,
            apply(self, &shapes, element, out, |value| value),
        ))
    }

    fn bounds(&self, _: u32, inputs: &[Interval], _: &[&[usize]]) -> Result<Interval, Overflow> {
        let elements = inputs.iter().copied().fold(inputs[0], Interval::joined);
        Ok(match self.constant() {
            Some(constant) => elements.joined(constant.into()),
            None => elements,
        })
    }

    fn reach(&self, lane_bits: u32, inputs: &[&Intervals], out: &[usize]) -> Outcome {
        Outcome::of(Intervals::at_ends(
            inputs,
            |ends| self.eval(lane_bits, ends, out),
            out,
        ))
    }
}

/// The source of every output element of a view, in row-major order.
///
/// # Errors
///
/// [`crate::Error::Shape`] if `op` is not a view, or does not make `out_shape` of these inputs.
pub fn view_map(op: &Op, input_shapes: &[&[usize]], out_shape: &[usize]) -> Result<Vec<ViewSource>> {
    let view = checked(op, input_shapes, out_shape)?;
    let mut sources = Vec::with_capacity(out_shape.iter().product());
    view.each_source(input_shapes, out_shape, &mut |source| sources.push(source));
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
    let view = checked(op, &shapes, out_shape)?;
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
    let element = |input: usize, index: usize| inputs[input].1[index].clone();
    Ok(apply(view, &shapes, element, out_shape, constant))
}

fn apply<T>(
    view: &dyn View,
    shapes: &[&[usize]],
    element: impl Fn(usize, usize) -> T,
    out: &[usize],
    constant: impl Fn(i64) -> T,
) -> Vec<T> {
    let mut data = Vec::with_capacity(out.iter().product());
    view.each_source(shapes, out, &mut |source| {
        data.push(match source {
            ViewSource::Element { input, index } => element(input, index),
            ViewSource::Constant(value) => constant(value),
        });
    });
    data
}

fn checked<'a>(op: &'a Op, inputs: &[&[usize]], out: &[usize]) -> Result<&'a dyn View> {
    let Kind::View(view) = op.operation().kind() else {
        return Err(mismatch(
            op.name(),
            "expected a view (reshape, transpose, slice, concat, pad, broadcast, gather)",
        ));
    };
    let inferred = infer_shape(op, inputs, out)?;
    if inferred != out {
        return Err(mismatch(
            op.name(),
            format!("expected the output shape {inferred:?}, found {out:?}"),
        ));
    }
    Ok(view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{MatMul, Pad, Reshape, Transpose};

    #[test]
    fn applies_to_any_element_type() {
        let op = Op::Pad(Pad {
            before: vec![1],
            after: vec![0],
            value: -1,
        });
        let words = ["a".to_string(), "b".to_string()];
        let padded = apply_view(&op, &[(&[2], &words)], &[3], |value| value.to_string()).unwrap();
        assert_eq!(padded, ["-1", "a", "b"]);
        assert!(apply_view(&op, &[(&[2], &words[..1])], &[3], |value| value.to_string()).is_err());
    }

    #[test]
    fn refuses_other_operations_and_shapes() {
        assert!(view_map(&Op::MatMul(MatMul), &[&[1, 1], &[1, 1]], &[1, 1]).is_err());
        assert!(
            view_map(
                &Op::Transpose(Transpose { perm: vec![1, 0] }),
                &[&[2, 3]],
                &[2, 3]
            )
            .is_err()
        );
        assert!(view_map(&Op::Reshape(Reshape), &[&[usize::MAX, 3]], &[3]).is_err());
    }
}
