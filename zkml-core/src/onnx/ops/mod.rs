//! Importers, one file for each operator or family of operators.

mod activation;
mod arithmetic;
mod batch_normalization;
mod concat;
mod constant;
mod conv;
mod functions;
mod gather;
mod gemm;
mod group_normalization;
mod hard_swish;
mod identity;
mod layer_normalization;
mod lrn;
mod matmul;
mod microsoft;
mod pad;
mod pool;
mod power;
mod rectified;
mod reduce;
mod reshape;
mod rows;
mod slice;
mod softmax;
mod standardise;
mod transpose;
mod variadic;
mod window;

use super::registry::{Operator, Registry};

/// What the file of every importer uses: how it is registered, what it reads, and what it makes.
mod prelude {
    pub(super) use crate::{
        error::Result,
        float::{FloatId, FloatOp},
        onnx::{node::Node, registry::Operator, value::Value},
    };
}

/// Every operator that models may have, by file.
pub(super) const STANDARD: Registry<'static> = Registry(&[
    activation::OPERATORS,
    arithmetic::OPERATORS,
    batch_normalization::OPERATORS,
    concat::OPERATORS,
    constant::OPERATORS,
    conv::OPERATORS,
    functions::OPERATORS,
    gather::OPERATORS,
    gemm::OPERATORS,
    group_normalization::OPERATORS,
    hard_swish::OPERATORS,
    identity::OPERATORS,
    layer_normalization::OPERATORS,
    lrn::OPERATORS,
    matmul::OPERATORS,
    microsoft::OPERATORS,
    pad::OPERATORS,
    pool::OPERATORS,
    power::OPERATORS,
    rectified::OPERATORS,
    reduce::OPERATORS,
    reshape::OPERATORS,
    slice::OPERATORS,
    softmax::OPERATORS,
    transpose::OPERATORS,
    variadic::OPERATORS,
]);

/// Every supported operator, in alphabetic order.
pub fn operators() -> Vec<&'static Operator> {
    let mut operators: Vec<&Operator> = STANDARD.operators().collect();
    operators.sort_by_key(|operator| operator.name);
    operators
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_registered_once() {
        let operators = operators();
        assert!(operators.is_sorted_by(|a, b| a.name < b.name));
        assert!(STANDARD.get("NoSuchOperator").is_none());
    }
}
