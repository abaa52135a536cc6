//! Matrix products and convolutions by random linear combination over two phases.
//!
//! Both are sums over pairs: with the equations of the output weighted by monomials,
//!
//! `sum_e weight(e) Y_e = sum_j P_j sum_i u^i base_j R_(j,i)`, and `P_j = sum_e coefficient L_e`,
//!
//! where `L` is the left operand (activations), `R` the right one (weights), and `P_j` a pair cell:
//! a phase-2 witness, fixed before `sigma` is squeezed. A second claim states
//! `sum_j sigma^j P_j = sum_j sigma^j sum_e coefficient L_e`, which by then holds for every `j`.
//!
//! * Matrix product `Y[r, n] = sum_k L[r, k] R[k, n]`: one pair for each `k`,
//!   `P_k = sum_r w^r L[r, k]`, `base = 1`. With batches on both sides, one pair for each batch and `k`.
//! * Convolution `Y[b, o, y, x] = sum_(c, dy, dx) L[b, c, s y + dy, s x + dx] R[o, c, dy, dx]`: one
//!   pair for each `(c, dy, dx)`, `P = sum_(b, y, x) w^(b H + y) v^x L[b, c, ..]`, and `i` is the
//!   output channel within its group. The coefficient of one `L` element is a product of a sum
//!   over `y` and `dy` and a sum over `x` and `dx`, so it takes no cells of its own.

use super::value::Value;
use super::{Lowering, Operand, unsupported};
use crate::Error;
use crate::arena::{ArgSource, Bank, BlockId, Role};
use crate::claim::{Claim, Coef, Lin, Outer};
use crate::mono::{Mono, Poly};
use crate::pairs::PairSource;
use crate::unit::UnitKind;
use std::sync::Arc;
use zkml_core::graph::{NodeId, Window2d};
use zkml_core::ops::window;

/// The right operand.
#[derive(Debug)]
enum Right {
    /// Cells in runs, one for each pair.
    Runs(BlockId),
    /// Elements `[pair][i]`.
    Lins(Vec<Lin>),
}

/// How outputs and left elements are weighted.
#[derive(Debug)]
enum Weights {
    MatMul {
        columns: usize,
    },
    Conv {
        channels: usize,
        height: usize,
        width: usize,
    },
}

impl Weights {
    /// Weight of an element of the output.
    fn output(&self, e: usize) -> Mono {
        match *self {
            Weights::MatMul { columns } => Mono::w(e / columns).times(Mono::u(e % columns)),
            Weights::Conv {
                channels,
                height,
                width,
            } => {
                let (x, rest) = (e % width, e / width);
                let (y, rest) = (rest % height, rest / height);
                let (o, b) = (rest % channels, rest / channels);
                Mono::w(b * height + y).times(Mono::v(x)).times(Mono::u(o))
            }
        }
    }
}

/// A matrix product or convolution that no claim has stated yet.
#[derive(Debug)]
pub(super) struct Bilinear {
    left: Arc<Vec<Lin>>,
    /// For each left element: the coefficient in its claim, without `tau`.
    left_coefs: Vec<Option<Coef>>,
    right: Right,
    /// Elements of the right operand for each pair.
    run: usize,
    /// Weight of the first output of each pair's run.
    base: Vec<Mono>,
    weights: Weights,
    outputs: usize,
    source: PairSource,
}

impl Lowering<'_> {
    pub(super) fn mat_mul(&mut self, id: u32) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let (left, right) = (self.graph.node(node.inputs[0]), self.graph.node(node.inputs[1]));
        let [.., m, k] = left.shape[..] else {
            return Err(unsupported("its left operand has rank below 2"));
        };
        let n = *right.shape.last().unwrap_or(&1);
        let batches: usize = if right.shape.len() == 2 {
            1
        } else {
            right.shape[..right.shape.len() - 2].iter().product()
        };
        // With one right matrix for all batches, batches are more rows.
        let rows = if batches == 1 { left.len() / k.max(1) } else { m };
        let left_coefs = (0..left.len())
            .map(|e| {
                let (row, column) = (e / k, e % k);
                let pair = (row / rows) * k + column;
                Some(Coef::mono(Mono::w(row).times(Mono::sigma(pair)), 1))
            })
            .collect();
        // The rows of a batch are weighted by `w` in the pair cell already.
        let base = vec![Mono::ONE; batches * k];
        let left = self.lins(node.inputs[0])?;
        let order = (0..(batches * k * n) as u32).collect();
        let right = self.right_operand(node.inputs[1], order, n)?;
        self.bilinears.push(Bilinear {
            left,
            left_coefs,
            right,
            run: n,
            base,
            weights: Weights::MatMul { columns: n },
            outputs: node.len(),
            source: PairSource::MatMul {
                node: node.inputs[0].0,
                batches,
                rows,
                columns: k,
            },
        });
        Ok(Value::Accumulator {
            bilinear: self.bilinears.len() - 1,
            coefficient: 1,
            rest: None,
        })
    }

    pub(super) fn conv(&mut self, id: u32, window: &Window2d, groups: usize) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let x = self.graph.node(node.inputs[0]);
        let (&[batch, channels, h, w], &[_, out_channels, oh, ow]) = (&x.shape[..], &node.shape[..]) else {
            return Err(unsupported("its tensors are not of rank 4"));
        };
        let [kh, kw] = window.kernel;
        let (in_group, out_group) = (channels / groups, out_channels / groups);
        // Sums over output position and kernel element that meet at one input position.
        let meetings = |axis: &window::WindowAxis, position: fn(usize) -> Mono, stride: usize| {
            let mut sums: Vec<Vec<(Mono, i64)>> = vec![vec![]; axis.input];
            for (out, tap, input) in axis.taps() {
                if let Some(input) = input {
                    sums[input].push((position(out).times(Mono::sigma(tap * stride)), 1));
                }
            }
            sums.into_iter().map(Poly::from_terms).collect::<Vec<_>>()
        };
        let [rows, columns] = window::axes("Conv", window, [h, w])?;
        let by_row = meetings(&rows, Mono::w, kw);
        let by_column = meetings(&columns, Mono::v, 1);
        let mut left_coefs = Vec::with_capacity(x.len());
        for b in 0..batch {
            for c in 0..channels {
                let shift = Mono::w(b * oh).times(Mono::sigma(c * kh * kw));
                for row in &by_row {
                    for column in &by_column {
                        let used = !row.is_zero() && !column.is_zero();
                        left_coefs.push(
                            used.then(|| Coef::with_row_factor(&row.times_term(shift, 1), column.clone())),
                        );
                    }
                }
            }
        }
        // The kernel `[o, c, dy, dx]` in runs over the channels of a group, by pair `(c, dy, dx)`.
        let mut order = Vec::with_capacity(out_channels * in_group * kh * kw);
        let mut base = Vec::with_capacity(channels * kh * kw);
        for c in 0..channels {
            let (group, c_in) = (c / in_group, c % in_group);
            for d in 0..kh * kw {
                base.push(Mono::u(group * out_group));
                for o in 0..out_group {
                    order.push((((group * out_group + o) * in_group + c_in) * kh * kw + d) as u32);
                }
            }
        }
        let left = self.lins(node.inputs[0])?;
        let right = self.right_operand(node.inputs[1], order, out_group)?;
        self.bilinears.push(Bilinear {
            left,
            left_coefs,
            right,
            run: out_group,
            base,
            weights: Weights::Conv {
                channels: out_channels,
                height: oh,
                width: ow,
            },
            outputs: node.len(),
            source: PairSource::Conv {
                node: node.inputs[0].0,
                shape: [batch, channels, h, w],
                window: window.clone(),
            },
        });
        Ok(Value::Accumulator {
            bilinear: self.bilinears.len() - 1,
            coefficient: 1,
            rest: None,
        })
    }

    /// The right operand in the order of pairs: a parameter tensor without cells is placed in
    /// this order.
    fn right_operand(&mut self, node: NodeId, order: Vec<u32>, run: usize) -> Result<Right, Error> {
        if let Value::Param { param, map } = self.values[node.index()].clone() {
            let order: Vec<u32> = match map {
                None => order.clone(),
                Some(map) => order.iter().map(|&i| map[i as usize]).collect(),
            };
            let mut units = vec![u32::MAX; self.graph.params[param as usize].len()];
            for (unit, &i) in order.iter().enumerate() {
                units[i as usize] = unit as u32;
            }
            let bijective = order.len() == units.len() && units.iter().all(|&u| u != u32::MAX);
            if bijective && self.placed[param as usize].is_none() {
                let block = self.place_param(param, run as u32, Arc::new(order))?;
                self.placed[param as usize] = Some((block, Some(Arc::new(units))));
                return Ok(Right::Runs(block));
            }
        }
        let lins = self.lins(node)?;
        Ok(Right::Lins(
            order.iter().map(|&i| lins[i as usize].clone()).collect(),
        ))
    }

    /// Weight that the operand reading element `e` of a node must have, if the node is an
    /// accumulator.
    pub(super) fn accumulator_weight(&self, node: NodeId, e: usize) -> Option<Mono> {
        match self.values[node.index()] {
            Value::Accumulator { bilinear, .. } => Some(self.bilinears[bilinear].weights.output(e)),
            _ => None,
        }
    }

    /// Binds operands to an accumulator: states the product once, with every output bound to the
    /// first operand that reads it; further readers equal the first.
    pub(super) fn bind_accumulator(
        &mut self,
        block: BlockId,
        node: NodeId,
        operands: &[&Operand<'_>],
        halves: &dyn Fn(u32) -> u32,
        (bilinear, coefficient, rest): (usize, i64, Option<Arc<Vec<Lin>>>),
    ) -> Result<(), Error> {
        let outputs = self.bilinears[bilinear].outputs;
        let mut readers: Vec<Option<(BlockId, Role, u32, u32)>> = vec![None; outputs];
        let mut copies = self.claims.start();
        let count = self.arena.block(block).count;
        for (j, operand) in operands.iter().enumerate() {
            for unit in 0..count {
                let element = (operand.map)(unit) as usize;
                let reader = (block, operand.role, unit, halves(unit));
                match readers[element] {
                    None => readers[element] = Some(reader),
                    Some((_, role, first, h)) => {
                        let weight = Mono::w(unit as usize).times(Mono::v(j));
                        let of = |h: u32| weight.times(Mono::halves(h));
                        copies.add(&self.arena, block, role, first, Coef::mono(of(h), 1));
                        copies.add(
                            &self.arena,
                            block,
                            operand.role,
                            unit,
                            Coef::mono(of(reader.3), -1),
                        );
                    }
                }
            }
        }
        self.claims.finish(&mut self.arena, copies)?;
        self.place_unread(node, &mut readers)?;

        let mut claim = self.claims.start();
        for (e, reader) in readers.iter().enumerate() {
            let weight = self.bilinears[bilinear].weights.output(e);
            let &(block, role, unit, h) = reader.as_ref().expect("every output has a reader by now");
            let scaled = weight.times(Mono::halves(h));
            claim.add(&self.arena, block, role, unit, Coef::mono(scaled, -1));
            if let Some(rest) = &rest {
                claim.add_lin(&self.arena, &rest[e], &Coef::mono(weight, 1));
            }
        }
        self.state_product(bilinear, coefficient, claim)
    }

    /// Cells for the outputs of an accumulator that no operand reads (pooling that leaves a
    /// border out).
    fn place_unread(
        &mut self,
        node: NodeId,
        readers: &mut [Option<(BlockId, Role, u32, u32)>],
    ) -> Result<(), Error> {
        let unread: Vec<u32> = (0..readers.len() as u32)
            .filter(|&e| readers[e as usize].is_none())
            .collect();
        if unread.is_empty() {
            return Ok(());
        }
        let limbs = self.limbs_for(node);
        let kind = UnitKind::Plain { limbs, signed: true };
        let (count, per_row) = (unread.len() as u32, self.per_row(&kind)?);
        let arg = ArgSource::NodeMap(node.0, Arc::new(unread.clone()));
        let weights = |i: u32| self.accumulator_weight(node, unread[i as usize] as usize);
        let run = self.choose_run(&[unread.len()], per_row, false, &weights);
        let many = super::count_patterns(count, run, per_row, &weights, 9) > 8;
        let per_row = if many { 1 } else { per_row };
        let block = self
            .arena
            .place(kind, Bank::Lanes, count, run, per_row, vec![arg]);
        for (unit, &e) in unread.iter().enumerate() {
            readers[e as usize] = Some((block, Role::Output(0), unit as u32, 0));
        }
        Ok(())
    }

    /// Limbs that hold every value a node can have.
    pub(super) fn limbs_for(&self, node: NodeId) -> u8 {
        let (lo, hi) = self.bounds[node.index()];
        let fits = |limbs: &u8| {
            let (a, b) = self.graph.signed_range(*limbs);
            a <= lo && hi <= b
        };
        (1..=62 / self.graph.lane_bits as u8)
            .find(fits)
            .unwrap_or((62 / self.graph.lane_bits as u8).max(1))
    }

    /// Adds the pairs to the claim of the outputs, and states the pairs.
    fn state_product(&mut self, bilinear: usize, coefficient: i64, mut claim: Claim) -> Result<(), Error> {
        let b = &self.bilinears[bilinear];
        let first = self.claims.allot_pairs(b.base.len());
        self.pairs.push(b.source.clone());
        match &b.right {
            Right::Runs(block) => {
                let (block, base) = (*block, b.base.clone());
                for j in 0..base.len() as u32 {
                    let row = self.arena.block(block).place(j * b.run as u32).0;
                    self.claims.pair_rows[(first + j) as usize] = Some(row);
                }
                self.claims
                    .use_runs(&self.arena, &claim, block, coefficient, |j| {
                        (Outer::Pair(first + j), base[j as usize])
                    });
            }
            Right::Lins(lins) => {
                for (i, lin) in lins.iter().enumerate() {
                    let (j, offset) = (i / b.run, i % b.run);
                    let m = b.base[j].times(Mono::u(offset));
                    let outer = Outer::Pair(first + j as u32);
                    if lin.constant != 0 {
                        return Err(unsupported(
                            "its right operand is padded with a constant other than 0",
                        ));
                    }
                    claim.add_lin(
                        &self.arena,
                        lin,
                        &Coef {
                            outer,
                            poly: Poly::term(m, coefficient),
                        },
                    );
                }
            }
        }
        let mut pairs = self.claims.start();
        for (lin, coef) in b.left.iter().zip(&b.left_coefs) {
            if let Some(coef) = coef {
                pairs.add_lin(&self.arena, lin, coef);
            }
        }
        for j in 0..b.base.len() {
            self.claims.use_pair(&pairs, first + j as u32, Mono::sigma(j));
        }
        self.claims.finish(&mut self.arena, claim)?;
        self.claims.finish(&mut self.arena, pairs)
    }
}
