//! The model side of zkml: ONNX import, calibration, the quantised integer graph and its
//! reference executor. Knows nothing of proofs.

pub mod graph;
