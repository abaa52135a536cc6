//! Matrix products and convolutions by random linear combination.
//!
//! The equations of the output are weighted by monomials in `u, v, w` and added up. What then
//! multiplies an element of one operand is an evaluation of the other operand, which must be
//! determined by the time the challenges are known:
//!
//! * One row on the left, `Y[n] = sum_k L[k] R[k, n]`:
//!   `sum_n u^n Y[n] = sum_k P_k sum_n u^n R[k, n]` with `P_k = L[k]` in the copy column, a phase-1
//!   copy bound by `sum_k sigma^k (L[k] - P_k) = 0`.
//! * Several rows, `Y[r, n] = sum_k L[r, k] R[k, n]`:
//!   `sum_(r, n) w^r u^n Y[r, n] = sum_k E_k sum_r w^r L[r, k]` with the running evaluation
//!   `E_k = sum_n u^n R[k, n]`, accumulated in place row by row ([`crate::config`]).
//! * Convolution: a polynomial product along the width, and a sum over kernel rows along the
//!   height. With kernel rows as running evaluations
//!   `E_(c, dy) = sum_(o, dx) u^o v^((kw - 1 - dx) d) K[o, c, dy, dx]`,
//!
//!   `sum_(b, o, y) w^(b H + y) u^o sum_e v^e F[b, o, y, e]
//!     = sum_(b, c, i, x) w^(b H) v^x L[b, c, i, x] sum_(dy, y meeting at i) w^y E_(c, dy)`,
//!
//!   where `F[b, o, y, e]` for `e = s x' + (kw - 1) d - pad` is output column `x'`, and for any other
//!   `e` a cell that the equation determines and nothing else reads.

mod bind;
mod conv;
mod mat_mul;
mod operand;

use crate::conv_geometry::ConvGeometry;

use super::value::Value;
use super::{Lowering, unsupported};
use crate::Error;
use crate::mono::Mono;
use zkml_core::graph::NodeId;
use zkml_core::ops::Conv;

/// A matrix product or convolution that no linear constraint has stated yet.
#[derive(Clone, Debug)]
pub(super) struct Bilinear {
    left: NodeId,
    right: NodeId,
    output: NodeId,
    product: Product,
}

#[derive(Clone, Debug)]
enum Product {
    MatMul {
        batches: usize,
        rows: usize,
        inner: usize,
        columns: usize,
    },
    Conv(ConvGeometry),
}

impl Product {
    /// Weight of an element of the output.
    fn weight(&self, e: usize) -> Mono {
        match self {
            Product::MatMul { columns, .. } => Mono::w(e / columns).times(Mono::u(e % columns)),
            Product::Conv(conv) => {
                let [height, width] = conv.out;
                let (x, rest) = (e % width, e / width);
                let (y, rest) = (rest % height, rest / height);
                let (o, b) = (rest % conv.out_channels, rest / conv.out_channels);
                Mono::w(b * height + y)
                    .times(Mono::v(conv.column_exponent(x)))
                    .times(Mono::u(o))
            }
        }
    }
}

impl Lowering<'_> {
    pub(super) fn mat_mul(&mut self, id: u32) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let (left, right) = (self.graph.node(node.inputs[0]), self.graph.node(node.inputs[1]));
        let [.., m, inner] = left.shape[..] else {
            return Err(unsupported("its left operand has rank below 2"));
        };
        let columns = *right.shape.last().unwrap_or(&1);
        let batches: usize = right.shape[..right.shape.len().saturating_sub(2)]
            .iter()
            .product();
        // With one right matrix for all batches, batches are more rows.
        let rows = if batches == 1 {
            left.len() / inner.max(1)
        } else {
            m
        };
        let product = Product::MatMul {
            batches,
            rows,
            inner,
            columns,
        };
        Ok(self.accumulator(id, product))
    }

    pub(super) fn conv(&mut self, id: u32, op: &Conv) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let x = self.graph.node(node.inputs[0]);
        let (&[batch, channels, h, w], &[_, out_channels, oh, ow]) = (&x.shape[..], &node.shape[..]) else {
            return Err(unsupported("its tensors are not of rank 4"));
        };
        let conv = ConvGeometry {
            batch,
            channels,
            size: [h, w],
            out_channels,
            out: [oh, ow],
            groups: op.groups,
            window: op.window.clone(),
        };
        Ok(self.accumulator(id, Product::Conv(conv)))
    }

    fn accumulator(&mut self, id: u32, product: Product) -> Value {
        let inputs = &self.graph.nodes[id as usize].inputs;
        self.bilinears.push(Bilinear {
            left: inputs[0],
            right: inputs[1],
            output: NodeId(id),
            product,
        });
        Value::Accumulator {
            bilinear: self.bilinears.len() - 1,
            coefficient: 1,
            rest: None,
        }
    }

    /// The weight that the operand reading an element of a node must have, if the node is an
    /// accumulator.
    pub(super) fn weights_of(&self, node: NodeId) -> impl Fn(usize) -> Option<Mono> + use<> {
        let product = match self.values[node.index()] {
            Value::Accumulator { bilinear, .. } => Some(self.bilinears[bilinear].product.clone()),
            _ => None,
        };
        move |e| product.as_ref().map(|p| p.weight(e))
    }
}
