//! Binding operands to an accumulator: where the product is stated.

use super::{Bilinear, Product};
use crate::Error;
use crate::gadget::Plain;
use crate::linear_constraint::{Coef, Lin};
use crate::lower::order::{choose_run, count_patterns};
use crate::lower::{Lowering, MAX_FORM_BITS, Operand, unsupported};
use crate::mono::{COEFFICIENT_LIMIT, Mono};
use crate::regions::{ArgSource, ColumnKind, RegionId, Role};
use std::sync::Arc;
use zkml_core::graph::{Node, NodeId};

impl Lowering<'_> {
    /// Binds operands to an accumulator: states the product once, with every output bound to the
    /// first operand that reads it; further readers equal the first.
    pub(in crate::lower) fn bind_accumulator(
        &mut self,
        region: RegionId,
        node: NodeId,
        operands: &[&Operand<'_>],
        halves: &dyn Fn(u32) -> u32,
        (bilinear, coefficient, rest): (usize, i64, Option<Arc<Vec<Lin>>>),
    ) -> Result<(), Error> {
        if coefficient.abs() >= COEFFICIENT_LIMIT {
            return Err(unsupported(
                "its coefficient is wider than 62 bits; rescale an operand first",
            ));
        }
        let bilinear = self.bilinears[bilinear].clone();
        let mut readers: Vec<Option<(RegionId, Role, u32, u32)>> = vec![None; self.graph.node(node).len()];
        let mut copies = self.linear_constraints.start();
        let count = self.regions.region(region).count;
        for (j, operand) in operands.iter().enumerate() {
            for gadget in 0..count {
                let element = (operand.map)(gadget) as usize;
                let reader = (region, operand.role, gadget, halves(gadget));
                match readers[element] {
                    None => readers[element] = Some(reader),
                    Some((_, role, first, h)) => {
                        let weight = Mono::w(gadget as usize).times(Mono::v(j));
                        let of = |h: u32| weight.times(Mono::halves(h));
                        copies.add(&self.regions, region, role, first, Coef::mono(of(h), 1));
                        copies.add(
                            &self.regions,
                            region,
                            operand.role,
                            gadget,
                            Coef::mono(of(reader.3), -1),
                        );
                    }
                }
            }
        }
        self.linear_constraints.finish(&mut self.regions, copies)?;
        self.place_unread(node, &bilinear, &mut readers)?;

        let mut linear_constraint = self.linear_constraints.start();
        for (e, reader) in readers.iter().enumerate() {
            let weight = bilinear.product.weight(e);
            let &(region, role, gadget, h) = reader.as_ref().expect("every output has a reader by now");
            let scaled = weight.times(Mono::halves(h));
            linear_constraint.add(&self.regions, region, role, gadget, Coef::mono(scaled, -1));
            if let Some(rest) = &rest {
                linear_constraint.add_lin(&self.regions, &rest[e], Coef::mono(weight, 1));
            }
        }
        match &bilinear.product {
            Product::MatMul {
                batches,
                rows,
                inner,
                columns,
            } => {
                let size = [*batches, *rows, *inner, *columns];
                self.state_mat_mul(&bilinear, size, coefficient, &mut linear_constraint)?;
            }
            Product::Conv(conv) => self.state_conv(&bilinear, conv, coefficient, &mut linear_constraint)?,
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)
    }

    /// Cells for the outputs of an accumulator that no operand reads (pooling that leaves a
    /// border out).
    fn place_unread(
        &mut self,
        node: NodeId,
        bilinear: &Bilinear,
        readers: &mut [Option<(RegionId, Role, u32, u32)>],
    ) -> Result<(), Error> {
        let unread: Vec<u32> = (0..readers.len() as u32)
            .filter(|&e| readers[e as usize].is_none())
            .collect();
        if unread.is_empty() {
            return Ok(());
        }
        let weights = |i: u32| Some(bilinear.product.weight(unread[i as usize] as usize));
        let arg = ArgSource::NodeMap(node.0, Arc::new(unread.clone()));
        let region = self.place_plain(node, unread.len(), None, arg, &weights)?;
        for (gadget, &e) in unread.iter().enumerate() {
            readers[e as usize] = Some((region, Role::Output(0), gadget as u32, 0));
        }
        Ok(())
    }

    /// Cells wide enough for the values of a node, in rows that its weights have few patterns for.
    pub(super) fn place_plain(
        &mut self,
        node: NodeId,
        count: usize,
        run: Option<usize>,
        arg: ArgSource,
        weights: &dyn Fn(u32) -> Option<Mono>,
    ) -> Result<RegionId, Error> {
        let kind = Plain {
            limbs: self.limbs_for(node)?,
            signed: true,
        }
        .into();
        let mut per_row = self.per_row(&kind)?;
        let count = count as u32;
        let run = match run {
            Some(run) => run as u32,
            None => choose_run(&[count as usize], per_row, false, weights),
        };
        if count_patterns(count, run, per_row, weights, 9) > 8 {
            per_row = 1;
        }
        Ok(self
            .regions
            .place(kind, ColumnKind::Lanes, count, run, per_row, vec![arg]))
    }

    /// Limbs that hold every value a node can have, and, of a product, every sum of some of its terms, which is what a
    /// convolution's spare cells are: no run has a value that they do not hold.
    ///
    /// # Errors
    /// [`Error::TooWide`].
    pub(in crate::lower) fn limbs_for(&self, node: NodeId) -> Result<u8, Error> {
        let (lo, hi) = self.bounds[node.index()];
        // All terms of a product have the same range, so that fewer of them lie between 0 and all of them.
        let (lo, hi) = (lo.min(0), hi.max(0));
        let most = MAX_FORM_BITS / self.graph.lane_bits;
        let holds = |limbs: &u8| {
            let (a, b) = self.graph.signed_range(*limbs);
            a <= lo && hi <= b
        };
        (1..=most as u8).find(holds).ok_or_else(|| {
            let Node { name, op, .. } = self.graph.node(node);
            let magnitude = |x: i64| i64::BITS - (x ^ (x >> 63)).leading_zeros();
            Error::TooWide {
                node: name.clone(),
                op: op.name(),
                bits: magnitude(lo).max(magnitude(hi)) + 1,
                most: most * self.graph.lane_bits,
            }
        })
    }
}
