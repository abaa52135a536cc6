//! Linear operations: views, sums and linear combinations. They take no cells.

use super::value::Value;
use super::{Lowering, unsupported};
use crate::Error;
use crate::linear_constraint::Lin;
use crate::mono::accumulate;
use std::sync::Arc;
use zkml_core::ops::{LinComb, Sets, ViewSource, reduction_map, view_map};

impl Lowering<'_> {
    pub(super) fn view(&mut self, id: u32) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let shapes: Vec<&[usize]> = node
            .inputs
            .iter()
            .map(|i| self.graph.node(*i).shape.as_slice())
            .collect();
        let map = view_map(&node.op, &shapes, &node.shape)?;
        if let [input] = node.inputs[..]
            && let Value::Param { param, map: inner } = &self.values[input.index()]
        {
            let through = |i: usize| inner.as_ref().map_or(i as u32, |m| m[i]);
            let composed: Option<Vec<u32>> = map
                .iter()
                .map(|s| match s {
                    ViewSource::Element { index, .. } => Some(through(*index)),
                    ViewSource::Constant(_) => None,
                })
                .collect();
            if let Some(composed) = composed {
                return Ok(Value::Param {
                    param: *param,
                    map: Some(Arc::new(composed)),
                });
            }
        }
        let inputs = node
            .inputs
            .iter()
            .map(|&i| self.lins(i))
            .collect::<Result<Vec<_>, _>>()?;
        let lins = map
            .into_iter()
            .map(|s| match s {
                ViewSource::Element { input, index } => inputs[input][index].clone(),
                ViewSource::Constant(c) => Lin::constant(c),
            })
            .collect();
        Ok(Value::Lins(Arc::new(lins)))
    }

    pub(super) fn lin_comb(&mut self, id: u32, op: &LinComb) -> Result<Value, Error> {
        let LinComb {
            ref coefficients,
            constant,
        } = *op;
        let node = &self.graph.nodes[id as usize];
        let mut accumulator: Option<(usize, i64)> = None;
        let mut sum = vec![Lin::constant(constant); node.len()];
        let mut empty = constant == 0;
        for (&input, &c) in node.inputs.iter().zip(coefficients) {
            if c == 0 {
                continue;
            }
            let lins = match self.values[input.index()].clone() {
                Value::Accumulator {
                    bilinear,
                    coefficient,
                    rest,
                } => {
                    if accumulator.is_some() {
                        return Err(unsupported(
                            "it adds two accumulators; rescale one of them before the sum",
                        ));
                    }
                    accumulator = Some((bilinear, accumulate(0, c, coefficient)));
                    match rest {
                        Some(rest) => rest,
                        None => continue,
                    }
                }
                _ => self.lins(input)?,
            };
            empty = false;
            for (s, lin) in sum.iter_mut().zip(lins.iter()) {
                s.add(lin, c);
            }
        }
        let sum = Arc::new(sum);
        Ok(match accumulator {
            Some((bilinear, coefficient)) => Value::Accumulator {
                bilinear,
                coefficient,
                rest: (!empty).then_some(sum),
            },
            None => Value::Lins(sum),
        })
    }

    pub(super) fn sum(&mut self, id: u32, sets: Sets<'_>) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let map = reduction_map(
            node.op.name(),
            sets,
            &self.graph.node(node.inputs[0]).shape,
            node.len(),
        )?;
        let input = self.lins(node.inputs[0])?;
        let sums = map
            .iter()
            .map(|elements| {
                let mut sum = Lin::default();
                if elements.len() > 16 {
                    // Long sums have distinct elements as a rule: append, and merge once.
                    for &i in elements {
                        sum.terms.extend(input[i as usize].terms.iter().copied());
                        sum.constant = accumulate(sum.constant, 1, input[i as usize].constant);
                    }
                    sum.merge();
                } else {
                    for &i in elements {
                        sum.add(&input[i as usize], 1);
                    }
                }
                sum
            })
            .collect();
        Ok(Value::Lins(Arc::new(sums)))
    }
}
