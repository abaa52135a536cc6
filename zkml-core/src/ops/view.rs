//! Views: operations whose output elements are copies of input elements, or constants.
//!
//! All but concatenation and reshaping are *separable*: the flat index of the source is a sum
//! of one contribution for each output axis. Such an operation is a table for each axis.

use crate::error::Result;
use std::convert::Infallible;

/// An operation that copies elements.
pub trait View {
    /// Short name for messages.
    fn name(&self) -> &'static str;

    /// The output shape, as an operation's: see [`super::infer_shape`].
    fn shape(&self, inputs: &[&[usize]], declared: &[usize]) -> Result<Vec<usize>>;

    /// What padding holds; none if there is no padding.
    fn constant(&self) -> Option<i64>;

    /// Visits the source of every output element in row-major order.
    fn each_source(&self, inputs: &[&[usize]], out: &[usize], emit: &mut dyn FnMut(ViewSource));
}

/// Where an element of a view comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewSource {
    /// Element with the flat index `index` of the operation's input number `input`.
    Element {
        /// Position in the node's inputs.
        input: usize,
        /// Flat row-major index.
        index: usize,
    },
    /// A constant (padding).
    Constant(i64),
}

/// For each output axis and each index along it, what it adds to the flat index of the source,
/// or `None` where the output is padding.
pub(super) type Tables = Vec<Vec<Option<usize>>>;

/// Visits the sources of a separable view of one input. Where a table says `None`, the source is `fill`.
pub(super) fn each_of_tables(tables: &Tables, fill: i64, emit: &mut dyn FnMut(ViewSource)) {
    let visited: Result<(), Infallible> = separable(tables, &mut |source| {
        emit(
            source.map_or(ViewSource::Constant(fill), |index| ViewSource::Element {
                input: 0,
                index,
            }),
        );
        Ok(())
    });
    let Ok(()) = visited;
}

/// Visits the flat source index of every output element in row-major order.
pub(super) fn separable<E>(
    tables: &[Vec<Option<usize>>],
    emit: &mut impl FnMut(Option<usize>) -> Result<(), E>,
) -> Result<(), E> {
    fn descend<E>(
        tables: &[Vec<Option<usize>>],
        base: Option<usize>,
        emit: &mut impl FnMut(Option<usize>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some((first, rest)) = tables.split_first() else {
            return emit(base);
        };
        for entry in first {
            let next = base.zip(*entry).map(|(base, step)| base + step);
            if rest.is_empty() {
                emit(next)?;
            } else {
                descend(rest, next, emit)?;
            }
        }
        Ok(())
    }
    descend(tables, Some(0), emit)
}
