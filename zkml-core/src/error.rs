//! The one error type of the crate.

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant names its fields")]
pub enum Error {
    /// A tensor's number of elements differs from what its shape says.
    #[error("a tensor of shape {shape:?} was given {len} elements: pass exactly as many as the shape has")]
    TensorSize { shape: Vec<usize>, len: usize },
    /// Inputs or attributes of an operation do not fit together.
    #[error("{op}: {reason}")]
    Shape { op: &'static str, reason: String },
    /// The graph as a whole is malformed.
    #[error("the integer graph is invalid: {reason}; compile the model again")]
    InvalidGraph { reason: String },
    /// A node of the graph is malformed.
    #[error(
        "node {index} `{node}` ({op}) of the integer graph is invalid: {reason}; compile the model again"
    )]
    InvalidNode {
        index: usize,
        node: String,
        op: &'static str,
        reason: String,
    },
    /// A node could compute values too large for exact 64-bit arithmetic.
    #[error(
        "node `{node}` ({op}) can reach values between {lo} and {hi}, but accumulators are limited to 62 bits: \
         compile with fewer bits for activations or weights, or split the layer"
    )]
    AccumulatorOverflow {
        node: String,
        op: &'static str,
        lo: i128,
        hi: i128,
    },
    /// Parameter values do not belong to the graph.
    #[error("the parameters do not fit the graph: {reason}; use the parameters that were compiled with it")]
    InvalidParams { reason: String },
    /// The wrong number of input tensors.
    #[error("the model has {expected} input(s), but {found} were given: pass one tensor for each input")]
    InputCount { expected: usize, found: usize },
    /// An input tensor of the wrong shape.
    #[error("input `{name}` has shape {expected:?}, but a tensor of shape {found:?} was given: reshape it")]
    InputShape {
        name: String,
        expected: Vec<usize>,
        found: Vec<usize>,
    },
    /// A value outside the range that the circuit can prove.
    #[error("{0}")]
    OutOfRange(Box<OutOfRange>),
    /// NaN or infinity where a number is needed.
    #[error("{value} cannot be quantised: every value must be a finite number")]
    NotFinite { value: f64 },
    /// A number whose quantised value does not fit 62 bits.
    #[error(
        "{value} is too large to be quantised at scale {scale} (steps of 2^-{scale}): use a smaller scale"
    )]
    TooLarge { value: f64, scale: i32 },
    /// A file that cannot be read.
    #[cfg(feature = "import")]
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: std::path::PathBuf,
        source: std::io::Error,
    },
    /// A file that is no valid ONNX model, or one that needs what is not supported as a whole.
    #[cfg(feature = "import")]
    #[error("the ONNX model cannot be imported: {reason}")]
    Onnx { reason: String },
    /// Operators that are not supported: all of them.
    #[cfg(feature = "import")]
    #[error(
        "the model has {} node(s) with operators that are not supported: {}; replace them and export the model again",
        .0.len(),
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    UnsupportedOperators(Vec<UnsupportedOperator>),
    /// An attribute whose value is not supported.
    #[cfg(feature = "import")]
    #[error("node `{node}` ({op}), attribute `{attribute}`: {reason}")]
    Attribute {
        node: String,
        op: String,
        attribute: String,
        reason: String,
    },
    /// A node of the model whose inputs do not fit it.
    #[cfg(feature = "import")]
    #[error("node `{node}` ({op}): {reason}")]
    Model {
        node: String,
        op: String,
        reason: String,
    },
    /// An axis whose length the model leaves open.
    #[cfg(feature = "import")]
    #[error(
        "axis {axis} of input `{input}` has the symbolic length `{dim}`: give it with --dim {}=LENGTH",
        if dim.is_empty() { "NAME (the axis has no name: export the model with one)" } else { dim }
    )]
    SymbolicDim { input: String, axis: usize, dim: String },
    /// Calibration data or options that cannot be used.
    #[cfg(feature = "import")]
    #[error("quantisation is not possible: {reason}")]
    Quantize { reason: String },
    /// No choice of widths meets the accuracy target.
    #[cfg(feature = "import")]
    #[error(
        "the integer model deviates from the float model by {achieved:.2e} of the output range, more than the target \
         {target:.2e}: use a larger target (--accuracy) or lane width (--lane-bits), or accept the error (--accept-error)"
    )]
    Accuracy { achieved: f64, target: f64 },
}

#[cfg(feature = "import")]
impl Error {
    /// [`Error::Onnx`].
    pub(crate) fn onnx(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Error::Onnx { reason }
    }
}

/// A node whose operator is not supported.
#[cfg(feature = "import")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{node}` ({op})")]
pub struct UnsupportedOperator {
    /// The node.
    pub node: String,
    /// Its operator.
    pub op: String,
}

/// A value outside the range that the circuit can prove: the details of [`Error::OutOfRange`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "tensor `{tensor}` ({op}): the {quantity} at {position:?} is {value} (stands for {}), outside [{lo}, {hi}] \
     (stands for [{}, {}]): calibrate with data that covers it, or compile with --saturate",
    crate::scale::dequantize(*.value, *.scale),
    crate::scale::dequantize(*.lo, *.scale),
    crate::scale::dequantize(*.hi, *.scale)
)]
pub struct OutOfRange {
    /// Name of the node, or of the input.
    pub tensor: String,
    /// The operation.
    pub op: &'static str,
    /// Which quantity of the operation ("result", "left operand", ...).
    pub quantity: &'static str,
    /// Index of the element in the operation's output (for an operand: in that operand).
    pub position: Vec<usize>,
    /// The value.
    pub value: i64,
    /// Smallest allowed value.
    pub lo: i64,
    /// Largest allowed value.
    pub hi: i64,
    /// Scale of `value`, `lo` and `hi`: an integer `q` stands for `q * 2^-scale`.
    pub scale: i32,
}
