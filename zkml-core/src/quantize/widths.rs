//! The choices that trade accuracy for cost, and scales.

use crate::float::FloatId;
use std::collections::{BTreeMap, BTreeSet};

/// Something that can be narrow or wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Item {
    /// The value of a node: one limb or two.
    Activation(FloatId),
    /// The scale of a node's value where inputs can drive it out of its calibrated range: so coarse that everything
    /// that can reach it fits, or as fine as calibrated, and clamped.
    Clamp(FloatId),
    /// The exponentials inside a softmax: one limb or two.
    Exponentials(FloatId),
    /// The weights of a product: one limb or two.
    Weights(FloatId),
    /// The weights of a convolution: no more bits than a rescale by one limb allows, or all of a limb.
    FullWeights(FloatId),
    /// The weights of a product: one scale, or one for each output channel.
    ChannelScales(FloatId),
}

/// The wide items of a model.
pub(super) type Wide = BTreeSet<Item>;

/// Every item of a model with the number of circuit cells that being wide adds.
pub(super) type Costs = BTreeMap<Item, usize>;

/// Scales are within these limits.
const SCALE_LIMIT: i32 = 48;

/// The largest scale at which twice this magnitude is at most `2^bits`: one bit of headroom.
pub(super) fn scale_with_headroom(magnitude: f64, bits: u32) -> i32 {
    scale_within(2.0 * magnitude, bits)
}

/// The largest scale at which this magnitude is at most `2^bits`.
pub(super) fn scale_within(magnitude: f64, bits: u32) -> i32 {
    if magnitude <= 0.0 {
        return SCALE_LIMIT;
    }
    let scale = f64::from(bits) - magnitude.log2();
    (scale.floor() as i32).clamp(-SCALE_LIMIT, SCALE_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_leave_headroom() {
        assert_eq!(scale_with_headroom(1.0, 11), 10);
        assert_eq!(scale_with_headroom(1.01, 11), 9);
        assert_eq!(scale_with_headroom(1000.0, 11), 0);
        assert_eq!(scale_with_headroom(5000.0, 11), -3);
        assert_eq!(scale_with_headroom(0.0, 11), SCALE_LIMIT);
        assert_eq!(scale_within(1.0, 11), 11);
    }
}
