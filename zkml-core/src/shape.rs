//! Shapes: element counts, strides and the limits that no tensor exceeds.

/// Largest number of axes.
pub const MAX_RANK: usize = 8;

/// Largest number of elements of one tensor.
pub const MAX_ELEMENTS: usize = 1 << 28;

/// Number of elements of a tensor, or `None` if the shape is beyond [`MAX_RANK`] or
/// [`MAX_ELEMENTS`] or has an axis of length 0.
pub fn element_count(shape: &[usize]) -> Option<usize> {
    if shape.len() > MAX_RANK {
        return None;
    }
    shape.iter().try_fold(1usize, |count, &length| {
        count
            .checked_mul(length)
            .filter(|product| (1..=MAX_ELEMENTS).contains(product))
    })
}

/// The shape that two shapes broadcast to by NumPy's rules, if there is one.
pub fn broadcast(left: &[usize], right: &[usize]) -> Option<Vec<usize>> {
    let rank = left.len().max(right.len());
    let length =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |i| shape[i]);
    (0..rank)
        .map(|axis| match (length(left, axis), length(right, axis)) {
            (a, b) if a == b => Some(a),
            (1, b) => Some(b),
            (a, 1) => Some(a),
            _ => None,
        })
        .collect()
}

/// Distances in a row-major tensor between neighbours along each axis.
pub fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The multi-index of a flat row-major index.
pub fn position(shape: &[usize], flat: usize) -> Vec<usize> {
    let mut rest = flat;
    let mut position: Vec<usize> = shape
        .iter()
        .rev()
        .map(|&length| {
            let index = rest % length.max(1);
            rest /= length.max(1);
            index
        })
        .collect();
    position.reverse();
    position
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_elements_within_the_limits() {
        assert_eq!(element_count(&[]), Some(1));
        assert_eq!(element_count(&[2, 3, 4]), Some(24));
        assert_eq!(element_count(&[MAX_ELEMENTS]), Some(MAX_ELEMENTS));
        assert_eq!(element_count(&[MAX_ELEMENTS, 2]), None);
        assert_eq!(element_count(&[usize::MAX, usize::MAX]), None);
        assert_eq!(element_count(&[3, 0]), None);
        assert_eq!(element_count(&[1; MAX_RANK + 1]), None);
    }

    #[test]
    fn shapes_broadcast_from_their_last_axes() {
        assert_eq!(broadcast(&[2, 1, 4], &[3, 1]), Some(vec![2, 3, 4]));
        assert_eq!(broadcast(&[], &[5]), Some(vec![5]));
        assert_eq!(broadcast(&[2, 3], &[2]), None);
    }

    #[test]
    fn positions_invert_strides() {
        let shape = [2, 3, 4];
        assert_eq!(strides(&shape), [12, 4, 1]);
        for flat in 0..24 {
            let back: usize = position(&shape, flat)
                .iter()
                .zip(strides(&shape))
                .map(|(i, s)| i * s)
                .sum();
            assert_eq!(back, flat);
        }
    }
}
