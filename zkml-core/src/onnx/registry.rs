//! Importers by operator name: an open set.

use super::{node::Node, ops, value::Value};
use crate::error::Result;

/// Imports one node.
pub(super) type Importer = fn(&mut Node<'_>) -> Result<Value>;

/// Every supported operator.
const IMPORTERS: &[(&str, Importer)] = &[
    ("Add", ops::arithmetic::add),
    ("ArgMax", ops::reduce::arg_max),
    ("AveragePool", ops::pool::average_pool),
    ("BatchNormalization", ops::batch_normalization::import),
    ("Cast", ops::constant::cast),
    ("Clip", ops::activation::clip),
    ("Concat", ops::concat::import),
    ("Constant", ops::constant::constant),
    ("ConstantOfShape", ops::constant::constant_of_shape),
    ("Conv", ops::conv::import),
    ("Div", ops::arithmetic::div),
    ("Dropout", ops::identity::dropout),
    ("Exp", ops::activation::exp),
    ("Expand", ops::reshape::expand),
    ("Flatten", ops::reshape::flatten),
    ("Gather", ops::gather::import),
    ("Gemm", ops::gemm::import),
    ("GlobalAveragePool", ops::pool::global_average_pool),
    ("GlobalMaxPool", ops::pool::global_max_pool),
    ("Identity", ops::identity::identity),
    ("LeakyRelu", ops::activation::leaky_relu),
    ("MatMul", ops::matmul::import),
    ("MaxPool", ops::pool::max_pool),
    ("Mul", ops::arithmetic::mul),
    ("Neg", ops::arithmetic::neg),
    ("Pad", ops::pad::import),
    ("ReduceMean", ops::reduce::reduce_mean),
    ("ReduceSum", ops::reduce::reduce_sum),
    ("Relu", ops::activation::relu),
    ("Reshape", ops::reshape::reshape),
    ("Shape", ops::constant::shape),
    ("Sigmoid", ops::activation::sigmoid),
    ("Slice", ops::slice::import),
    ("Softmax", ops::softmax::import),
    ("Squeeze", ops::reshape::squeeze),
    ("Sub", ops::arithmetic::sub),
    ("Tanh", ops::activation::tanh),
    ("Transpose", ops::transpose::import),
    ("Unsqueeze", ops::reshape::unsqueeze),
];

/// The importer of an operator, if it is supported.
pub(super) fn importer(op: &str) -> Option<Importer> {
    IMPORTERS
        .binary_search_by_key(&op, |(name, _)| name)
        .ok()
        .map(|index| IMPORTERS[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(IMPORTERS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(IMPORTERS.iter().all(|(name, _)| importer(name).is_some()));
        assert!(importer("NoSuchOperator").is_none());
    }
}
