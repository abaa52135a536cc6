//! Elementwise functions of one tensor.

use crate::float::{FloatTensor, Function};

pub(super) fn neg(x: &FloatTensor) -> FloatTensor {
    x.mapv(|x| -x)
}

pub(super) fn relu(x: &FloatTensor) -> FloatTensor {
    x.mapv(|x| x.max(0.0))
}

pub(super) fn leaky_relu(x: &FloatTensor, alpha: f32) -> FloatTensor {
    x.mapv(|x| if x >= 0.0 { x } else { alpha * x })
}

pub(super) fn clip(x: &FloatTensor, lo: f32, hi: f32) -> FloatTensor {
    // As ONNX defines it: the upper bound wins where the bounds cross.
    x.mapv(|x| x.max(lo).min(hi))
}

pub(super) fn function(x: &FloatTensor, function: &Function) -> FloatTensor {
    x.mapv(|x| function.eval(f64::from(x)) as f32)
}
