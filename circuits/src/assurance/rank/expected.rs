//! How many equations the regions of a circuit call for.

use crate::gadget::Gadget;
use crate::lower::Lowered;
use crate::regions::{ArgSource, Aux, Region};
use std::collections::HashSet;
use zkml_core::graph::{Graph, Op};

/// The number of equations: one for each operand of each gadget, each copy, each spare term of a convolution, each copy
/// cell, each public value and each element that the hash chip absorbs.
pub(super) fn equations(lowered: &Lowered, graph: &Graph) -> usize {
    let mut inputs = HashSet::new();
    let regions: usize = lowered
        .regions
        .iter()
        .map(|region| of_region(region, lowered, graph, &mut inputs))
        .sum();
    // Two elements for each permutation, but for the salt, which is free; a digest is a public value.
    let absorbed = |permutations: u32| 2 * permutations as usize - 1;
    let hashed: usize = lowered
        .program
        .chains
        .iter()
        .map(|(_, c)| absorbed(c.permutations))
        .sum();
    regions + lowered.program.copy_rows.len() + lowered.shape.public_values as usize + hashed
}

/// `inputs` are those whose own region came before: later ones are copies.
fn of_region(region: &Region, lowered: &Lowered, graph: &Graph, inputs: &mut HashSet<u32>) -> usize {
    let count = region.count as usize;
    match region.kind {
        Gadget::Plain(_) => {
            let free = region.params
                || match region.args[..] {
                    // The largest of a group is what its elements' distances are from.
                    [ArgSource::Aux(aux)] => matches!(lowered.aux[aux as usize], Aux::Largest { .. }),
                    [ArgSource::Node(node) | ArgSource::NodeMap(node, _)] => {
                        matches!(graph.nodes[node as usize].op, Op::Input(_)) && inputs.insert(node)
                    }
                    _ => false,
                };
            if free { 0 } else { count }
        }
        // Distance and marker of each element, and that nothing is left before the last one of a group.
        Gadget::ArgMax(_) => 2 * count + count / region.run as usize,
        _ => count * region.layout.inputs.len(),
    }
}
