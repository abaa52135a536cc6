//! The model side of zkml: ONNX import, calibration, the quantised integer graph and its
//! reference executor. Knows nothing of proofs.

pub mod error;
pub mod fixed_point;
pub mod graph;
pub mod rounding;
pub mod shape;
pub mod tensor;
