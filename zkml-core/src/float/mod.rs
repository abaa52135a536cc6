//! The float graph: an imported network in a small closed set of operations, and its executor.
//!
//! Importing brings every ONNX operator down to these operations; quantisation turns them
//! into the integer graph. Constants are nodes; shapes are known.

mod catalogue;
mod erf;
mod execute;
mod fold;
mod function;
mod graph;
mod least;
mod op;
mod ops;
mod window;

pub use execute::FloatRun;
pub use fold::fold;
pub(crate) use function::Tabulation;
pub use function::{Domain, Function};
pub use graph::{FloatGraph, FloatId, FloatNode, FloatPort};
pub(crate) use least::least;
pub use op::FloatOp;
pub(crate) use ops::pool::window_extremes;
pub(crate) use window::window_output;

/// A tensor of 32-bit floats.
pub type FloatTensor = ndarray::ArrayD<f32>;
