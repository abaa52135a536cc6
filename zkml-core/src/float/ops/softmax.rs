//! Softmax along an axis.

use crate::float::FloatTensor;
use ndarray::Axis;

pub(super) fn eval(x: &FloatTensor, axis: usize) -> FloatTensor {
    let mut result = x.clone();
    for mut lane in result.lanes_mut(Axis(axis)) {
        let max = lane.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        lane.mapv_inplace(|x| (x - max).exp());
        let sum = lane.sum();
        lane.mapv_inplace(|x| x / sum);
    }
    result
}
