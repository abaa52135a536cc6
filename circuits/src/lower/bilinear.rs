//! Matrix products and convolutions by random linear combination.
//!
//! The equations of the output are weighted by monomials in `u, v, w` and added up. What then
//! multiplies an element of one operand is an evaluation of the other operand, which must be
//! determined by the time the challenges are known:
//!
//! * One row on the left, `Y[n] = sum_k L[k] R[k, n]`:
//!   `sum_n u^n Y[n] = sum_k P_k sum_n u^n R[k, n]` with `P_k = L[k]` in the pair column, a phase-1
//!   copy bound by `sum_k sigma^k (L[k] - P_k) = 0`.
//! * Several rows, `Y[r, n] = sum_k L[r, k] R[k, n]`:
//!   `sum_(r, n) w^r u^n Y[r, n] = sum_k E_k sum_r w^r L[r, k]` with the run
//!   `E_k = sum_n u^n R[k, n]`, accumulated in place row by row ([`crate::config`]).
//! * Convolution: a polynomial product along the width, and a sum over kernel rows along the
//!   height. With kernel rows as runs
//!   `E_(c, dy) = sum_(o, dx) u^o v^((kw - 1 - dx) d) K[o, c, dy, dx]`,
//!
//!   `sum_(b, o, y) w^(b H + y) u^o sum_e v^e F[b, o, y, e]
//!     = sum_(b, c, i, x) w^(b H) v^x L[b, c, i, x] sum_(dy, y meeting at i) w^y E_(c, dy)`,
//!
//!   where `F[b, o, y, e]` for `e = s x' + (kw - 1) d - pad` is output column `x'`, and for any other
//!   `e` a cell that the equation determines and nothing else reads.

use super::order::{choose_run, count_patterns};
use super::value::Value;
use super::{Lowering, Operand, unsupported};
use crate::Error;
use crate::arena::{ArgSource, Aux, Bank, BlockId, Role};
use crate::claim::{Claim, Coef, Lin, Outer};
use crate::mono::{COEFFICIENT_LIMIT, Mono};
use crate::scalar::ScalarId;
use crate::unit::UnitKind;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use zkml_core::graph::{NodeId, Window2d};
use zkml_core::ops::window;

/// A matrix product or convolution that no claim has stated yet.
#[derive(Clone, Debug)]
pub(super) struct Bilinear {
    left: NodeId,
    right: NodeId,
    output: NodeId,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    MatMul {
        batches: usize,
        rows: usize,
        inner: usize,
        columns: usize,
    },
    Conv(Conv),
}

/// Geometry of a convolution.
#[derive(Clone, Debug)]
pub(crate) struct Conv {
    pub batch: usize,
    pub channels: usize,
    pub size: [usize; 2],
    pub out_channels: usize,
    pub out: [usize; 2],
    pub groups: usize,
    pub window: Window2d,
}

impl Conv {
    /// Exponent of `v` of input column 0: makes room for padding wider than the kernel.
    fn shift(&self) -> usize {
        self.window.pads_begin[1].saturating_sub(self.reach())
    }

    /// `(kw - 1) d`.
    fn reach(&self) -> usize {
        (self.window.kernel[1] - 1) * self.window.dilations[1]
    }

    /// Exponent of `v` of an output column.
    pub fn column_exponent(&self, x: usize) -> usize {
        self.window.strides[1] * x + self.reach() + self.shift() - self.window.pads_begin[1]
    }

    /// Exponents of `v` that are no output column's and that the product has terms for.
    pub fn spare_exponents(&self) -> Vec<usize> {
        let used: std::collections::HashSet<usize> =
            (0..self.out[1]).map(|x| self.column_exponent(x)).collect();
        (self.shift()..self.shift() + self.size[1] + self.reach())
            .filter(|e| !used.contains(e))
            .collect()
    }

    /// Coefficient `v^e` of the product of an output channel and row.
    pub fn coefficient(&self, x: &[i64], k: &[i64], b: usize, o: usize, y: usize, e: usize) -> i64 {
        let (in_group, out_group) = (self.channels / self.groups, self.out_channels / self.groups);
        let [kh, kw] = self.window.kernel;
        let mut sum = 0;
        for c_in in 0..in_group {
            let c = o / out_group * in_group + c_in;
            for dy in 0..kh {
                let i = y * self.window.strides[0] + dy * self.window.dilations[0];
                let Some(i) = i
                    .checked_sub(self.window.pads_begin[0])
                    .filter(|i| *i < self.size[0])
                else {
                    continue;
                };
                for dx in 0..kw {
                    let reach = (kw - 1 - dx) * self.window.dilations[1] + self.shift();
                    let Some(j) = e.checked_sub(reach).filter(|j| *j < self.size[1]) else {
                        continue;
                    };
                    sum += x[((b * self.channels + c) * self.size[0] + i) * self.size[1] + j]
                        * k[((o * in_group + c_in) * kh + dy) * kw + dx];
                }
            }
        }
        sum
    }
}

impl Kind {
    /// Weight of an element of the output.
    fn weight(&self, e: usize) -> Mono {
        match self {
            Kind::MatMul { columns, .. } => Mono::w(e / columns).times(Mono::u(e % columns)),
            Kind::Conv(conv) => {
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
        let kind = Kind::MatMul {
            batches,
            rows,
            inner,
            columns,
        };
        Ok(self.accumulator(id, kind))
    }

    pub(super) fn conv(&mut self, id: u32, window: &Window2d, groups: usize) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let x = self.graph.node(node.inputs[0]);
        let (&[batch, channels, h, w], &[_, out_channels, oh, ow]) = (&x.shape[..], &node.shape[..]) else {
            return Err(unsupported("its tensors are not of rank 4"));
        };
        let conv = Conv {
            batch,
            channels,
            size: [h, w],
            out_channels,
            out: [oh, ow],
            groups,
            window: window.clone(),
        };
        Ok(self.accumulator(id, Kind::Conv(conv)))
    }

    fn accumulator(&mut self, id: u32, kind: Kind) -> Value {
        let inputs = &self.graph.nodes[id as usize].inputs;
        self.bilinears.push(Bilinear {
            left: inputs[0],
            right: inputs[1],
            output: NodeId(id),
            kind,
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
        let kind = match self.values[node.index()] {
            Value::Accumulator { bilinear, .. } => Some(self.bilinears[bilinear].kind.clone()),
            _ => None,
        };
        move |e| kind.as_ref().map(|k| k.weight(e))
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
        if coefficient.abs() >= COEFFICIENT_LIMIT {
            return Err(unsupported(
                "its coefficient is wider than 62 bits; rescale an operand first",
            ));
        }
        let bilinear = self.bilinears[bilinear].clone();
        let mut readers: Vec<Option<(BlockId, Role, u32, u32)>> = vec![None; self.graph.node(node).len()];
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
        self.place_unread(node, &bilinear, &mut readers)?;

        let mut claim = self.claims.start();
        for (e, reader) in readers.iter().enumerate() {
            let weight = bilinear.kind.weight(e);
            let &(block, role, unit, h) = reader.as_ref().expect("every output has a reader by now");
            let scaled = weight.times(Mono::halves(h));
            claim.add(&self.arena, block, role, unit, Coef::mono(scaled, -1));
            if let Some(rest) = &rest {
                claim.add_lin(&self.arena, &rest[e], Coef::mono(weight, 1));
            }
        }
        match &bilinear.kind {
            Kind::MatMul {
                batches,
                rows,
                inner,
                columns,
            } => {
                let size = [*batches, *rows, *inner, *columns];
                self.state_mat_mul(&bilinear, size, coefficient, &mut claim)?;
            }
            Kind::Conv(conv) => self.state_conv(&bilinear, conv, coefficient, &mut claim)?,
        }
        self.claims.finish(&mut self.arena, claim)
    }

    /// Cells for the outputs of an accumulator that no operand reads (pooling that leaves a
    /// border out).
    fn place_unread(
        &mut self,
        node: NodeId,
        bilinear: &Bilinear,
        readers: &mut [Option<(BlockId, Role, u32, u32)>],
    ) -> Result<(), Error> {
        let unread: Vec<u32> = (0..readers.len() as u32)
            .filter(|&e| readers[e as usize].is_none())
            .collect();
        if unread.is_empty() {
            return Ok(());
        }
        let weights = |i: u32| Some(bilinear.kind.weight(unread[i as usize] as usize));
        let arg = ArgSource::NodeMap(node.0, Arc::new(unread.clone()));
        let block = self.place_plain(node, unread.len(), None, arg, &weights)?;
        for (unit, &e) in unread.iter().enumerate() {
            readers[e as usize] = Some((block, Role::Output(0), unit as u32, 0));
        }
        Ok(())
    }

    /// Cells wide enough for the values of a node, in rows that its weights have few patterns for.
    fn place_plain(
        &mut self,
        node: NodeId,
        count: usize,
        run: Option<usize>,
        arg: ArgSource,
        weights: &dyn Fn(u32) -> Option<Mono>,
    ) -> Result<BlockId, Error> {
        let kind = UnitKind::Plain {
            limbs: self.limbs_for(node),
            signed: true,
        };
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
            .arena
            .place(kind, Bank::Lanes, count, run, per_row, vec![arg]))
    }

    /// Limbs that hold every value a node can have.
    pub(super) fn limbs_for(&self, node: NodeId) -> u8 {
        let (lo, hi) = self.bounds[node.index()];
        let most = (60 / self.graph.lane_bits) as u8;
        (1..most)
            .find(|&limbs| {
                let (a, b) = self.graph.signed_range(limbs);
                a <= lo && hi <= b
            })
            .unwrap_or(most)
    }

    fn state_mat_mul(
        &mut self,
        bilinear: &Bilinear,
        [batches, rows, inner, columns]: [usize; 4],
        coefficient: i64,
        claim: &mut Claim,
    ) -> Result<(), Error> {
        let order: Vec<u32> = (0..(batches * inner * columns) as u32).collect();
        let right = self.right_operand(bilinear.right, order, columns)?;
        if rows == 1 {
            let first = self.claims.allot_pairs(bilinear.left.0, batches * inner);
            for j in 0..batches * inner {
                let row = self.arena.block(right).place((j * columns) as u32).0;
                self.claims.hint_pair_row(first + j as u32, row);
            }
            // `w^batch` numbers the rows of the output.
            self.claims.use_runs(&self.arena, claim, right, coefficient, |j| {
                (first + j, Mono::w(j as usize / inner))
            });
            let left = self.lins(bilinear.left)?;
            let mut pairs = self.claims.start();
            for (j, lin) in left.iter().enumerate() {
                pairs.add_lin(&self.arena, lin, Coef::mono(Mono::sigma(j), 1));
                self.claims.use_pair(&pairs, first + j as u32, Mono::sigma(j));
            }
            return self.claims.finish(&mut self.arena, pairs);
        }
        let per_run = self.arena.block(right).rows_per_run();
        let first_row = self.arena.block(right).first_row;
        let runs: Vec<ScalarId> = (0..(batches * inner) as u32)
            .map(|j| {
                let rows: Vec<u32> = (0..per_run).map(|r| first_row + j * per_run + r).collect();
                let block = self.arena.block(right);
                let per_row = block.per_row as usize;
                self.claims
                    .run(&self.arena, right, &rows, |r| Mono::u(r * per_row))
            })
            .collect();
        // Every row of cells of the left operand must have one inner index.
        let key = |e: u32| {
            let (row, k) = (e as usize / inner, e as usize % inner);
            ((row / rows) * inner + k) as u32
        };
        let left = self.grouped(bilinear.left, rows, &key)?;
        for (e, lin) in left.iter().enumerate() {
            let outer = Outer::Scalar(runs[key(e as u32) as usize]);
            let coef = Coef {
                outer,
                mono: Mono::w(e / inner),
                c: coefficient,
            };
            claim.add_lin(&self.arena, lin, coef);
        }
        Ok(())
    }

    fn state_conv(
        &mut self,
        bilinear: &Bilinear,
        conv: &Conv,
        coefficient: i64,
        claim: &mut Claim,
    ) -> Result<(), Error> {
        let [kh, kw] = conv.window.kernel;
        let [height, width] = conv.size;
        let (in_group, out_group) = (conv.channels / conv.groups, conv.out_channels / conv.groups);
        self.place_spare(bilinear, conv, coefficient, claim)?;

        // The kernel by input channel, row, column, output channel.
        let mut order = Vec::with_capacity(conv.channels * kh * kw * out_group);
        for c in 0..conv.channels {
            let (group, c_in) = (c / in_group, c % in_group);
            for d in 0..kh * kw {
                order.extend(
                    (0..out_group)
                        .map(|o| (((group * out_group + o) * in_group + c_in) * kh * kw + d) as u32),
                );
            }
        }
        let right = self.right_operand(bilinear.right, order, out_group)?;
        let (per_run, first_row, per_row) = {
            let b = self.arena.block(right);
            (
                b.rows_per_run() as usize,
                b.first_row as usize,
                b.per_row as usize,
            )
        };
        let mut runs = Vec::with_capacity(conv.channels * kh);
        for c in 0..conv.channels {
            for dy in 0..kh {
                let first = first_row + (c * kh + dy) * kw * per_run;
                let rows: Vec<u32> = (first..first + kw * per_run).map(|r| r as u32).collect();
                let channel = c / in_group * out_group;
                runs.push(self.claims.run(&self.arena, right, &rows, |r| {
                    let (dx, chunk) = (r / per_run, r % per_run);
                    Mono::v((kw - 1 - dx) * conv.window.dilations[1])
                        .times(Mono::u(channel + chunk * per_row))
                }));
            }
        }

        // What multiplies an input row: its kernel rows at the output rows that they meet in.
        let [by_row, _] = window::axes("Conv", &conv.window, conv.size)?;
        let mut meetings: Vec<Vec<(usize, usize)>> = vec![vec![]; height];
        for (y, dy, i) in by_row.taps() {
            if let Some(i) = i {
                meetings[i].push((y, dy));
            }
        }
        let mut factors: HashMap<(usize, Vec<(usize, usize)>), ScalarId> = HashMap::new();
        let mut factor_of = vec![None; conv.channels * height];
        for c in 0..conv.channels {
            for (i, set) in meetings.iter().enumerate() {
                let Some(first) = set.iter().map(|m| m.0).min() else {
                    continue;
                };
                let class: Vec<(usize, usize)> = set.iter().map(|&(y, dy)| (y - first, dy)).collect();
                let claims = &mut self.claims;
                let scalar = *factors.entry((c, class)).or_insert_with_key(|(c, class)| {
                    let terms: Vec<(Mono, ScalarId)> = class
                        .iter()
                        .map(|&(y, dy)| (Mono::w(y), runs[c * kh + dy]))
                        .collect();
                    claims.scalars.weighted_sum(&terms)
                });
                factor_of[c * height + i] = Some((scalar, first));
            }
        }
        // Every row of cells of the left operand must have one factor.
        let key = |e: u32| {
            let (i, c) = (
                e as usize / width % height,
                e as usize / width / height % conv.channels,
            );
            (c * height + i) as u32
        };
        let left = self.grouped(bilinear.left, width, &key)?;
        for (e, lin) in left.iter().enumerate() {
            let (x, b) = (e % width, e / width / height / conv.channels);
            if let Some((scalar, first)) = factor_of[key(e as u32) as usize] {
                let m = Mono::w(b * conv.out[0] + first).times(Mono::v(x + conv.shift()));
                let coef = Coef {
                    outer: Outer::Scalar(scalar),
                    mono: m,
                    c: coefficient,
                };
                claim.add_lin(&self.arena, lin, coef);
            }
        }
        Ok(())
    }

    /// Cells for the terms of the product along the width that are no output.
    fn place_spare(
        &mut self,
        bilinear: &Bilinear,
        conv: &Conv,
        coefficient: i64,
        claim: &mut Claim,
    ) -> Result<(), Error> {
        let spare = conv.spare_exponents();
        if spare.is_empty() {
            return Ok(());
        }
        let [height, _] = conv.out;
        let weight = |i: u32| {
            let (e, rest) = (spare[i as usize % spare.len()], i as usize / spare.len());
            let (y, rest) = (rest % height, rest / height);
            let (o, b) = (rest % conv.out_channels, rest / conv.out_channels);
            Mono::w(b * height + y).times(Mono::u(o)).times(Mono::v(e))
        };
        let count = conv.batch * conv.out_channels * height * spare.len();
        let aux = self.aux.len() as u32;
        self.aux.push(Aux::Spare {
            conv: conv.clone(),
            left: bilinear.left.0,
            right: bilinear.right.0,
        });
        let weights = |i: u32| Some(weight(i));
        let block = self.place_plain(
            bilinear.output,
            count,
            Some(spare.len()),
            ArgSource::Aux(aux),
            &weights,
        )?;
        for unit in 0..count as u32 {
            let coef = Coef::mono(weight(unit), -coefficient);
            claim.add(&self.arena, block, Role::Output(0), unit, coef);
        }
        Ok(())
    }

    /// The right operand in this order, in runs: a parameter tensor without cells is placed
    /// so, anything else is copied.
    fn right_operand(&mut self, node: NodeId, order: Vec<u32>, run: usize) -> Result<BlockId, Error> {
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
                self.arena.start_runs(self.param_bank());
                let block = self.place_param(param, run as u32, Arc::new(order))?;
                self.arena.end_runs(block);
                self.placed[param as usize] = Some((block, Some(Arc::new(units))));
                return Ok(block);
            }
        }
        let lins = self.lins(node)?;
        self.arena.start_runs(Bank::Lanes);
        let block = self.copy_in_order(node, &lins, order, run)?;
        self.arena.end_runs(block);
        Ok(block)
    }

    /// The elements of a node, in rows of cells that have one key each: as they stand, or copied.
    /// There are `group` elements for each key, or a multiple of it.
    fn grouped(
        &mut self,
        node: NodeId,
        group: usize,
        key: &dyn Fn(u32) -> u32,
    ) -> Result<Arc<Vec<Lin>>, Error> {
        let lins = self.lins(node)?;
        let mut keys: HashMap<(BlockId, u32), u32> = HashMap::new();
        let aligned = lins.iter().enumerate().all(|(e, lin)| match lin.terms[..] {
            [] => lin.constant == 0,
            [(block, unit, _)] if lin.constant == 0 => {
                let row = self.arena.block(block).place(unit).0;
                *keys.entry((block, row)).or_insert(key(e as u32)) == key(e as u32)
            }
            _ => false,
        });
        if aligned {
            return Ok(lins);
        }
        let mut by_key: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for e in 0..lins.len() as u32 {
            by_key.entry(key(e)).or_default().push(e);
        }
        let order: Vec<u32> = by_key.into_values().flatten().collect();
        let mut units = vec![0; order.len()];
        for (unit, &e) in order.iter().enumerate() {
            units[e as usize] = unit as u32;
        }
        let block = self.copy_in_order(node, &lins, order, group)?;
        Ok(Arc::new(
            units.into_iter().map(|u| Lin::element(block, u)).collect(),
        ))
    }

    /// A copy of elements of a node in a given order, in runs.
    fn copy_in_order(
        &mut self,
        node: NodeId,
        lins: &[Lin],
        order: Vec<u32>,
        run: usize,
    ) -> Result<BlockId, Error> {
        let kind = UnitKind::Plain {
            limbs: self.limbs_for(node),
            signed: true,
        };
        let per_row = self.per_row(&kind)?;
        let order = Arc::new(order);
        let arg = ArgSource::NodeMap(node.0, order.clone());
        let block = self.arena.place(
            kind,
            Bank::Lanes,
            order.len() as u32,
            run as u32,
            per_row,
            vec![arg],
        );
        let mut claim = self.claims.start();
        for (unit, &e) in order.iter().enumerate() {
            let (row, slot) = self.arena.block(block).place(unit as u32);
            let row = row - self.arena.block(block).first_row;
            let weight = Mono::w(row as usize).times(Mono::v(slot as usize));
            claim.add(
                &self.arena,
                block,
                Role::Output(0),
                unit as u32,
                Coef::mono(weight, -1),
            );
            claim.add_lin(&self.arena, &lins[e as usize], Coef::mono(weight, 1));
        }
        self.claims.finish(&mut self.arena, claim)?;
        Ok(block)
    }
}
