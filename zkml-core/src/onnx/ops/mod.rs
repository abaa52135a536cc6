//! Importers, one file for each operator or family of operators.

mod activation;
mod arithmetic;
mod batch_normalization;
mod concat;
mod constant;
mod conv;
mod gather;
mod gemm;
mod hard_swish;
mod identity;
mod layer_normalization;
mod matmul;
mod pad;
mod pool;
mod reduce;
mod reshape;
mod slice;
mod softmax;
mod transpose;
mod window;

use super::registry::Operator;

/// The operators of each file.
pub(super) const FAMILIES: &[&[Operator]] = &[
    activation::OPERATORS,
    arithmetic::OPERATORS,
    batch_normalization::OPERATORS,
    concat::OPERATORS,
    constant::OPERATORS,
    conv::OPERATORS,
    gather::OPERATORS,
    gemm::OPERATORS,
    hard_swish::OPERATORS,
    identity::OPERATORS,
    layer_normalization::OPERATORS,
    matmul::OPERATORS,
    pad::OPERATORS,
    pool::OPERATORS,
    reduce::OPERATORS,
    reshape::OPERATORS,
    slice::OPERATORS,
    softmax::OPERATORS,
    transpose::OPERATORS,
];
