//! What the compiler knows of a node's value while it walks the graph.

use crate::linear_constraint::Lin;
use crate::regions::RegionId;
use std::sync::Arc;

/// The value of a node.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Element `i` is the result of gadget `i` of a region.
    Region(RegionId),
    /// Each element is a linear combination of gadget results.
    Lins(Arc<Vec<Lin>>),
    /// A parameter tensor, or a view of one, that has no cells yet: element `i` is element `map[i]`.
    Param { param: u32, map: Option<Arc<Vec<u32>>> },
    /// An accumulator: a multiple of a bilinear result plus, maybe, a linear part.
    Accumulator {
        bilinear: usize,
        coefficient: i64,
        rest: Option<Arc<Vec<Lin>>>,
    },
}
