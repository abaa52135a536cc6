//! The model side of zkml: ONNX import, calibration, the quantised integer graph and its
//! reference executor. Knows nothing of proofs.

pub mod bounds;
pub mod error;
pub mod execute;
pub mod fixed_point;
#[cfg(feature = "import")]
pub mod float;
pub mod graph;
#[cfg(feature = "import")]
pub mod onnx;
pub mod ops;
#[cfg(feature = "import")]
pub mod quantize;
pub mod reach;
pub mod report;
pub mod rounding;
mod scale;
pub mod shape;
pub mod tensor;
#[cfg(test)]
mod testing;
pub mod validate;

pub use error::{Error, Result};
pub use tensor::IntTensor;
