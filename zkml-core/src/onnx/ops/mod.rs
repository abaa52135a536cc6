//! Importers, one file for each operator or family of operators.

pub(super) mod activation;
pub(super) mod arithmetic;
pub(super) mod batch_normalization;
pub(super) mod concat;
pub(super) mod constant;
pub(super) mod conv;
pub(super) mod gather;
pub(super) mod gemm;
pub(super) mod identity;
pub(super) mod matmul;
pub(super) mod pad;
pub(super) mod pool;
pub(super) mod reduce;
pub(super) mod reshape;
pub(super) mod slice;
pub(super) mod softmax;
pub(super) mod transpose;
mod window;
