//! Slices with constant bounds, negative indices and steps.

use super::prelude::*;
use ndarray::Axis;

pub(super) const OPERATORS: &[Operator] = &[Operator::one("Slice", import, "Slice")
    .and_shapes()
    .limits("starts, ends, axes and steps are constant")];

/// Bounds are attributes before operator set 10 and inputs since.
fn import(node: &mut Node<'_>) -> Result<Value> {
    let value = node.value(0)?;
    let shape = node.shape_of(&value);
    let (starts, ends) = match (node.attributes.ints("starts")?, node.attributes.ints("ends")?) {
        (Some(starts), Some(ends)) => (starts.to_vec(), ends.to_vec()),
        _ => (node.int_list(1)?, node.int_list(2)?),
    };
    let axes = match node.axes_option(3)? {
        Some(axes) => axes,
        None => (0..starts.len() as i64).collect(),
    };
    let steps = if node.has(4) {
        node.int_list(4)?
    } else {
        vec![1; starts.len()]
    };
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(node.error("starts, ends, axes and steps differ in length"));
    }
    node.axes(&axes, shape.len())?;
    let mut first = vec![0usize; shape.len()];
    let mut step = vec![1i64; shape.len()];
    let mut result = shape.clone();
    for index in 0..starts.len() {
        let axis = node.axis(axes[index], shape.len())?;
        let (start, count) = range(shape[axis], starts[index], ends[index], steps[index])
            .ok_or_else(|| node.error("a step is 0"))?;
        (first[axis], step[axis], result[axis]) = (start, steps[index], count);
    }
    match value {
        Value::Ints(mut ints) => {
            for axis in 0..shape.len() {
                let indices: Vec<usize> = (0..result[axis])
                    .map(|i| (first[axis] as i64 + i as i64 * step[axis]) as usize)
                    .collect();
                ints = ints.select(Axis(axis), &indices);
            }
            node.ints_value(ints)
        }
        Value::Node(id) if result == shape && step.iter().all(|&step| step == 1) => Ok(Value::Node(id)),
        Value::Node(id) => node
            .push(
                FloatOp::Slice {
                    starts: first,
                    steps: step,
                    shape: result,
                },
                &[id],
            )
            .map(Value::Node),
    }
}

/// First index and number of elements of a slice along an axis; `None` for a step of 0.
fn range(length: usize, start: i64, end: i64, step: i64) -> Option<(usize, usize)> {
    if length == 0 {
        return (step != 0).then_some((0, 0));
    }
    let length = length as i128;
    let absolute = |index: i64| {
        let index = i128::from(index);
        if index < 0 { index + length } else { index }
    };
    let (start, end, step) = (absolute(start), absolute(end), i128::from(step));
    let (start, span) = match step {
        0 => return None,
        1.. => {
            let start = start.clamp(0, length);
            (start, end.clamp(0, length) - start)
        }
        _ => {
            let start = start.clamp(0, length - 1);
            (start, start - end.clamp(-1, length - 1))
        }
    };
    let count = (span.max(0) + step.abs() - 1) / step.abs();
    Some((start as usize, count as usize))
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_follow_numpy() {
        assert_eq!(range(5, 1, 4, 1), Some((1, 3)));
        assert_eq!(range(5, -3, i64::MAX, 2), Some((2, 2)));
        assert_eq!(range(5, -1, i64::MIN, -2), Some((4, 3)));
        assert_eq!(range(5, 3, 0, -1), Some((3, 3)));
        assert_eq!(range(5, 4, 2, 1), Some((4, 0)));
        assert_eq!(range(5, 0, 5, i64::MIN), Some((0, 0)));
        assert_eq!(range(5, 0, 5, 0), None);
    }
}
