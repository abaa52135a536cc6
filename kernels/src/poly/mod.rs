//! Operations on vectors of field elements, over all threads.

mod divide;
mod invert;
mod product;

pub(crate) use divide::divide_by_linear;
pub(crate) use invert::batch_invert;
pub(crate) use product::running_product;

/// Elements of one piece of a parallel loop. Independent of the number of threads.
const PIECE: usize = 1 << 11;
