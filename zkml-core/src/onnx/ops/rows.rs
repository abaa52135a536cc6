//! Tensors as rows of the elements along some axes.

use super::prelude::*;
use crate::ops::Window2d;

/// How a tensor becomes a matrix whose rows run along some of its axes, and back.
pub(super) struct Rows {
    shape: Vec<usize>,
    /// Whether each axis is one of those.
    along: Vec<bool>,
    /// The other axes, then those.
    perm: Vec<usize>,
    /// How many rows there are.
    pub count: usize,
    /// How many elements a row has.
    pub length: usize,
}

impl Rows {
    pub(super) fn new(shape: &[usize], axes: &[usize]) -> Self {
        let along: Vec<bool> = (0..shape.len()).map(|axis| axes.contains(&axis)).collect();
        let (last, first): (Vec<usize>, Vec<usize>) = (0..shape.len()).partition(|&axis| along[axis]);
        let product = |axes: &[usize]| axes.iter().map(|&axis| shape[axis]).product();
        Rows {
            count: product(&first),
            length: product(&last),
            perm: [first, last].concat(),
            shape: shape.to_vec(),
            along,
        }
    }

    /// The matrix of a tensor.
    pub(super) fn flat(&self, node: &mut Node<'_>, x: FloatId) -> Result<FloatId> {
        let x = self.transposed(node, x, &self.perm)?;
        node.reshape(x, vec![self.count, self.length])
    }

    /// The tensor of a matrix.
    pub(super) fn unflat(&self, node: &mut Node<'_>, flat: FloatId) -> Result<FloatId> {
        let shape = self.perm.iter().map(|&axis| self.shape[axis]).collect();
        let x = node.reshape(flat, shape)?;
        let mut back = vec![0; self.perm.len()];
        for (position, &axis) in self.perm.iter().enumerate() {
            back[axis] = position;
        }
        self.transposed(node, x, &back)
    }

    /// One number for each row as a tensor with length 1 along the rows' axes.
    pub(super) fn kept(&self, node: &mut Node<'_>, numbers: FloatId) -> Result<FloatId> {
        let axes = self.shape.iter().zip(&self.along);
        let shape = axes.map(|(&length, &along)| if along { 1 } else { length });
        node.reshape(numbers, shape.collect())
    }

    /// The largest element of each row of a matrix.
    pub(super) fn largest(&self, node: &mut Node<'_>, flat: FloatId) -> Result<FloatId> {
        let image = node.reshape(flat, vec![1, 1, self.count, self.length])?;
        let window = Window2d {
            kernel: [1, self.length],
            strides: [1, self.length],
            pads_begin: [0, 0],
            pads_end: [0, 0],
            dilations: [1, 1],
        };
        let largest = node.push(FloatOp::MaxPool { window }, &[image])?;
        node.reshape(largest, vec![self.count, 1])
    }

    fn transposed(&self, node: &mut Node<'_>, x: FloatId, perm: &[usize]) -> Result<FloatId> {
        if perm.is_sorted() {
            return Ok(x);
        }
        let perm = perm.to_vec();
        node.push(FloatOp::Transpose { perm }, &[x])
    }
}
