//! The linear constraint of a convolution.

use super::Bilinear;
use crate::Error;
use crate::conv_geometry::ConvGeometry;
use crate::linear_constraint::{Coef, LinearConstraint, Outer};
use crate::lower::Lowering;
use crate::mono::Mono;
use crate::regions::{ArgSource, Aux, Role};
use crate::scalar::ScalarId;
use std::collections::HashMap;
use zkml_core::ops::window;

impl Lowering<'_> {
    pub(super) fn state_conv(
        &mut self,
        bilinear: &Bilinear,
        conv: &ConvGeometry,
        coefficient: i64,
        linear_constraint: &mut LinearConstraint,
    ) -> Result<(), Error> {
        let [kh, kw] = conv.window.kernel;
        let [height, width] = conv.size;
        let (in_group, out_group) = (conv.channels / conv.groups, conv.out_channels / conv.groups);
        self.place_spare(bilinear, conv, coefficient, linear_constraint)?;

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
            let b = self.regions.region(right);
            (
                b.rows_per_run() as usize,
                b.first_row as usize,
                b.per_row as usize,
            )
        };
        let mut evaluations = Vec::with_capacity(conv.channels * kh);
        for c in 0..conv.channels {
            for dy in 0..kh {
                let first = first_row + (c * kh + dy) * kw * per_run;
                let rows: Vec<u32> = (first..first + kw * per_run).map(|r| r as u32).collect();
                let channel = c / in_group * out_group;
                evaluations.push(self.linear_constraints.horner(&self.regions, right, &rows, |r| {
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
                let linear_constraints = &mut self.linear_constraints;
                let scalar = *factors.entry((c, class)).or_insert_with_key(|(c, class)| {
                    let terms: Vec<(Mono, ScalarId)> = class
                        .iter()
                        .map(|&(y, dy)| (Mono::w(y), evaluations[c * kh + dy]))
                        .collect();
                    linear_constraints.scalars.weighted_sum(&terms)
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
                linear_constraint.add_lin(&self.regions, lin, coef);
            }
        }
        Ok(())
    }

    /// Cells for the terms of the product along the width that are no output.
    fn place_spare(
        &mut self,
        bilinear: &Bilinear,
        conv: &ConvGeometry,
        coefficient: i64,
        linear_constraint: &mut LinearConstraint,
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
        let region = self.place_plain(
            bilinear.output,
            count,
            Some(spare.len()),
            ArgSource::Aux(aux),
            &weights,
        )?;
        for gadget in 0..count as u32 {
            let coef = Coef::mono(weight(gadget), -coefficient);
            linear_constraint.add(&self.regions, region, Role::Output(0), gadget, coef);
        }
        Ok(())
    }
}
