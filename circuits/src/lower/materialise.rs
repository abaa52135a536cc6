//! Materialising operations: blocks of units, bound to their operands.

use super::order::{Order, choose_run};
use super::value::Value;
use super::{Lowering, MAX_FORM_BITS, Operand, unsupported};
use crate::Error;
use crate::arena::{ArgSource, Aux, Bank, BlockId, Role};
use crate::claim::{Coef, Lin};
use crate::mono::Mono;
use crate::unit::{LutUnit, MAX_FAN_IN, UnitKind};
use std::sync::Arc;
use zkml_core::graph::{Divisor, LutTable, Shift};
use zkml_core::ops::{divisor_at, reduction_map, shift_at};

impl Lowering<'_> {
    pub(super) fn rescale(&mut self, id: u32, shift: &Shift, limbs: u8, relu: bool) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let shifts = Shifts::new(shift, &node.shape, self.graph.lane_bits);
        let remainder = shifts.remainder(limbs)?;
        let kind = UnitKind::Rescale {
            limbs,
            remainder,
            relu,
        };
        let order = self.order(id);
        let args = vec![order.arg(input), shifts.arg(node.len(), &order)];
        // Whether the input is an accumulator decides the weights of its claim.
        let weights = self.weights_of(input);
        let block = self.place_node(id, kind, &order, &|e| weights(e as usize), args)?;
        let operand = Operand {
            role: Role::Input(0),
            node: input,
            map: &|u| order.element(u),
        };
        self.bind(block, &[operand], &|u| {
            shifts.halves(order.element(u) as usize, remainder)
        })?;
        Ok(order.value(block))
    }

    pub(super) fn max(&mut self, id: u32, shift: &Shift, limbs: u8, relu: bool) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let in_shape = &self.graph.node(input).shape;
        let windows = reduction_map(&node.op, in_shape, &node.shape)?;
        let width = windows.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let shifts = Shifts::new(shift, in_shape, self.graph.lane_bits);
        if width <= MAX_FAN_IN {
            let order = self.order(id);
            let ordered: Vec<Vec<u32>> = (0..windows.len() as u32)
                .map(|u| windows[order.element(u) as usize].clone())
                .collect();
            let block = self.max_of_node(id, &ordered, &shifts, limbs, relu, &order)?;
            return Ok(order.value(block));
        }
        // Groups of a window first; a group's maximum may be up to 2^(L b) below the range of the result.
        let groups = width.div_ceil(MAX_FAN_IN);
        let chunks: Vec<Vec<u32>> = windows
            .iter()
            .flat_map(|w| {
                (0..groups).map(move |g| {
                    (0..MAX_FAN_IN)
                        .map(|i| w[(g * MAX_FAN_IN + i) % w.len()])
                        .collect()
                })
            })
            .collect();
        let mut block = self.max_of_node(id, &chunks, &shifts, limbs + 1, false, &Order::RowMajor)?;
        let mut left = groups;
        loop {
            let fan_in = left.min(MAX_FAN_IN);
            let next = left.div_ceil(MAX_FAN_IN);
            let last = next == 1;
            let members: Vec<Vec<u32>> = (0..node.len())
                .flat_map(|out| {
                    (0..next).map(move |g| {
                        (0..fan_in)
                            .map(|i| (out * left + (g * fan_in + i) % left) as u32)
                            .collect()
                    })
                })
                .collect();
            let (limbs, relu) = if last { (limbs, relu) } else { (limbs + 1, false) };
            block = self.max_of_block(block, &members, fan_in, limbs, relu)?;
            if last {
                return Ok(Value::Block(block));
            }
            left = next;
        }
    }

    /// Maxima of sets of elements of the node's input.
    fn max_of_node(
        &mut self,
        id: u32,
        windows: &[Vec<u32>],
        shifts: &Shifts<'_>,
        limbs: u8,
        relu: bool,
        order: &Order,
    ) -> Result<BlockId, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let width = windows.iter().map(Vec::len).max().unwrap_or(1).max(1);
        let remainder = shifts.remainder(limbs)?;
        let kind = UnitKind::Max {
            inputs: width as u8,
            limbs,
            remainder,
            relu,
        };
        // Windows cut short by padding repeat an element.
        let element = |unit: u32, j: usize| {
            let w = &windows[unit as usize];
            w[j % w.len()]
        };
        let count = windows.len() as u32;
        let mut args: Vec<ArgSource> = (0..width)
            .map(|j| ArgSource::NodeMap(input.0, Arc::new((0..count).map(|u| element(u, j)).collect())))
            .collect();
        let unit_shifts: Vec<i64> = windows
            .iter()
            .map(|w| i64::from(shifts.at(w[0] as usize)))
            .collect();
        for (w, &s) in windows.iter().zip(&unit_shifts) {
            if w.iter().any(|&e| i64::from(shifts.at(e as usize)) != s) {
                return Err(unsupported(
                    "its windows reach over elements with different shifts",
                ));
            }
        }
        args.push(ArgSource::Constants(Arc::new(unit_shifts)));
        let weights = self.weights_of(input);
        let weights = |u: u32| weights(element(u, 0) as usize);
        let block = if windows.len() == node.len() {
            // Weights by element; windows come by unit.
            let mut units: Vec<u32> = (0..count).collect();
            units.sort_unstable_by_key(|&u| order.element(u));
            self.place_node(id, kind, order, &|e| weights(units[e as usize]), args)?
        } else {
            let per_row = self.per_row(&kind)?;
            let run = choose_run(&[windows.len()], per_row, false, &weights);
            self.arena.place(kind, Bank::Lanes, count, run, per_row, args)
        };
        let maps: Vec<_> = (0..width).map(|j| move |u: u32| element(u, j)).collect();
        let operands: Vec<Operand<'_>> = maps
            .iter()
            .enumerate()
            .map(|(j, map)| Operand {
                role: Role::Input(j as u8),
                node: input,
                map,
            })
            .collect();
        self.bind(block, &operands, &|u| {
            shifts.halves(element(u, 0) as usize, remainder)
        })?;
        Ok(block)
    }

    /// Maxima of sets of results of a block.
    fn max_of_block(
        &mut self,
        from: BlockId,
        members: &[Vec<u32>],
        width: usize,
        limbs: u8,
        relu: bool,
    ) -> Result<BlockId, Error> {
        let kind = UnitKind::Max {
            inputs: width as u8,
            limbs,
            remainder: 0,
            relu,
        };
        let count = members.len() as u32;
        let mut args: Vec<ArgSource> = (0..width)
            .map(|j| ArgSource::Block(from, Arc::new(members.iter().map(|m| m[j]).collect())))
            .collect();
        args.push(ArgSource::Constant(0));
        let per_row = self.per_row(&kind)?;
        let block = self
            .arena
            .place(kind, Bank::Lanes, count, count.max(1), per_row, args);
        let mut claim = self.claims.start();
        for (unit, set) in members.iter().enumerate() {
            let b = self.arena.block(block);
            let (row, slot) = b.place(unit as u32);
            for (j, &member) in set.iter().enumerate() {
                let weight = Mono::w((row - b.first_row) as usize).times(Mono::v(slot as usize * width + j));
                claim.add(
                    &self.arena,
                    block,
                    Role::Input(j as u8),
                    unit as u32,
                    Coef::mono(weight, -1),
                );
                claim.add(&self.arena, from, Role::Output(0), member, Coef::mono(weight, 1));
            }
        }
        self.claims.finish(&mut self.arena, claim)?;
        Ok(block)
    }

    pub(super) fn unary(&mut self, id: u32, kind: UnitKind) -> Result<Value, Error> {
        let input = self.graph.nodes[id as usize].inputs[0];
        let order = self.order(id);
        let weights = self.weights_of(input);
        let block = self.place_node(id, kind, &order, &|e| weights(e as usize), vec![order.arg(input)])?;
        let halves = self.arena.block(block).layout.input_halves;
        let operand = Operand {
            role: Role::Input(0),
            node: input,
            map: &|u| order.element(u),
        };
        self.bind(block, &[operand], &|_| halves)?;
        Ok(order.value(block))
    }

    pub(super) fn binary(&mut self, id: u32, kind: UnitKind) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let [left, right] = node.inputs[..] else {
            return Err(unsupported("it does not have two inputs"));
        };
        let args = vec![ArgSource::Node(left.0), ArgSource::Node(right.0)];
        let block = self.place_node(id, kind, &Order::RowMajor, &|_| None, args)?;
        for (role, node) in [(Role::Input(0), left), (Role::Input(1), right)] {
            self.bind(
                block,
                &[Operand {
                    role,
                    node,
                    map: &|i| i,
                }],
                &|_| 0,
            )?;
        }
        Ok(Value::Block(block))
    }

    pub(super) fn div_const(&mut self, id: u32, divisor: &Divisor, limbs: u8) -> Result<Value, Error> {
        if let Divisor::Uniform(d) = *divisor {
            return self.unary(id, UnitKind::DivConst { divisor: d, limbs });
        }
        // One block for each divisor.
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let mut by_divisor: std::collections::BTreeMap<u32, Vec<u32>> = std::collections::BTreeMap::new();
        let divisor = divisor_at(divisor);
        for i in 0..node.len() {
            by_divisor.entry(divisor(i)).or_default().push(i as u32);
        }
        let mut lins = vec![Lin::default(); node.len()];
        for (d, elements) in by_divisor {
            let kind = UnitKind::DivConst { divisor: d, limbs };
            let (count, per_row) = (elements.len() as u32, self.per_row(&kind)?);
            let elements = Arc::new(elements);
            let arg = ArgSource::NodeMap(input.0, elements.clone());
            let block = self
                .arena
                .place(kind, Bank::Lanes, count, count, per_row, vec![arg]);
            let operand = Operand {
                role: Role::Input(0),
                node: input,
                map: &|u| elements[u as usize],
            };
            self.bind(block, &[operand], &|_| 1)?;
            for (unit, &e) in elements.iter().enumerate() {
                lins[e as usize] = Lin::element(block, unit as u32);
            }
        }
        Ok(Value::Lins(Arc::new(lins)))
    }

    pub(super) fn lut(&mut self, id: u32, table: &LutTable) -> Result<Value, Error> {
        let placed = self
            .tables
            .iter()
            .find(|(t, _)| t.values == table.values && t.slopes == table.slopes);
        let offset = match placed {
            Some(&(_, offset)) => offset,
            None => {
                let offset = self.tables.iter().map(|(t, _)| t.values.len() as u32).sum();
                self.tables.push((table.clone(), offset));
                offset
            }
        };
        self.unary(
            id,
            UnitKind::Lut(LutUnit {
                table: table.clone(),
                offset,
            }),
        )
    }

    pub(super) fn arg_max(&mut self, id: u32, axis: usize, limbs: u8) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let shape = &self.graph.node(input).shape;
        let groups = reduction_map(&node.op, shape, &node.shape)?;
        let length = shape[axis];
        let elements = self.lins(input)?;

        let aux = self.aux.len() as u32;
        let of = |g: &Vec<Vec<u32>>| (input.0, g.clone());
        let (n, g) = of(&groups);
        self.aux.push(Aux::Distance {
            node: n,
            groups: g.clone(),
        });
        self.aux.push(Aux::Marker {
            node: n,
            groups: g.clone(),
        });
        self.aux.push(Aux::Before {
            node: n,
            groups: g.clone(),
        });
        self.aux.push(Aux::Largest { node: n, groups: g });
        let kind = UnitKind::ArgMax { limbs };
        let per_row = self.per_row(&kind)?;
        let count = (groups.len() * length) as u32;
        let args = (0..3).map(|i| ArgSource::Aux(aux + i)).collect();
        let marks = self
            .arena
            .place(kind, Bank::Lanes, count, length as u32, per_row, args);
        let largest = UnitKind::Plain {
            limbs: self.limbs_for(input),
            signed: true,
        };
        let per_row = self.per_row(&largest)?;
        let n_groups = groups.len() as u32;
        let largest = self.arena.place(
            largest,
            Bank::Lanes,
            n_groups,
            n_groups,
            per_row,
            vec![ArgSource::Aux(aux + 3)],
        );
        let index_limbs = (usize::BITS - length.leading_zeros())
            .div_ceil(self.graph.lane_bits)
            .max(1) as u8;
        let index = UnitKind::Plain {
            limbs: index_limbs,
            signed: false,
        };
        let index = self.place_node(id, index, &Order::RowMajor, &|_| None, vec![ArgSource::Node(id)])?;

        // Three equations for each element and two for each group, told apart by `u`.
        let mut claim = self.claims.start();
        let (distance, marker, before) = (Role::Output(0), Role::Output(1), Role::Output(2));
        for (g, members) in groups.iter().enumerate() {
            let group = Mono::w(g);
            for (i, &element) in members.iter().enumerate() {
                let unit = (g * length + i) as u32;
                let weight = group.times(Mono::v(i));
                // element = largest - distance
                claim.add_lin(&self.arena, &elements[element as usize], Coef::mono(weight, 1));
                claim.add(&self.arena, marks, distance, unit, Coef::mono(weight, 1));
                claim.add(
                    &self.arena,
                    largest,
                    Role::Output(0),
                    g as u32,
                    Coef::mono(weight, -1),
                );
                // before_i = before_(i-1) - marker_i, and before_(-1) = 1
                let weight = weight.times(Mono::u(1));
                claim.add(&self.arena, marks, before, unit, Coef::mono(weight, 1));
                claim.add(&self.arena, marks, marker, unit, Coef::mono(weight, 1));
                if i == 0 {
                    claim.add_lin(&self.arena, &Lin::constant(1), Coef::mono(weight, -1));
                } else {
                    claim.add(&self.arena, marks, before, unit - 1, Coef::mono(weight, -1));
                }
                // index = sum_i i marker_i
                claim.add(
                    &self.arena,
                    marks,
                    marker,
                    unit,
                    Coef::mono(group.times(Mono::u(2)), i as i64),
                );
            }
            // The last element has nothing before it left: the markers add up to 1.
            let last = (g * length + length - 1) as u32;
            claim.add(
                &self.arena,
                marks,
                before,
                last,
                Coef::mono(group.times(Mono::u(3)), 1),
            );
            claim.add(
                &self.arena,
                index,
                Role::Output(0),
                g as u32,
                Coef::mono(group.times(Mono::u(2)), -1),
            );
        }
        self.claims.finish(&mut self.arena, claim)?;
        Ok(Value::Block(index))
    }
}

/// The shifts of a rescale, by element of its input.
struct Shifts<'a> {
    shift: &'a Shift,
    at: Box<dyn Fn(usize) -> u32 + 'a>,
    lane_bits: u32,
    largest: u32,
}

impl<'a> Shifts<'a> {
    fn new(shift: &'a Shift, shape: &[usize], lane_bits: u32) -> Self {
        let largest = match shift {
            Shift::Uniform(s) => *s,
            Shift::PerAxis { shifts, .. } => shifts.iter().copied().max().unwrap_or(0),
        };
        Shifts {
            shift,
            at: Box::new(shift_at(shift, shape)),
            lane_bits,
            largest,
        }
    }

    fn at(&self, e: usize) -> u32 {
        (self.at)(e)
    }

    /// Limbs of the remainder.
    fn remainder(&self, limbs: u8) -> Result<u8, Error> {
        let rem = self.largest.div_ceil(self.lane_bits);
        if (rem + u32::from(limbs)) * self.lane_bits > MAX_FORM_BITS {
            return Err(unsupported(format!(
                "a shift by {} bits to {limbs} limbs of {} bits is wider than {MAX_FORM_BITS} bits",
                self.largest, self.lane_bits
            )));
        }
        Ok(rem as u8)
    }

    /// The operand's form is its value times `2^halves`.
    fn halves(&self, e: usize, remainder: u8) -> u32 {
        u32::from(remainder) * self.lane_bits - self.at(e)
    }

    fn arg(&self, n: usize, order: &Order) -> ArgSource {
        match self.shift {
            Shift::Uniform(s) => ArgSource::Constant(i64::from(*s)),
            Shift::PerAxis { .. } => ArgSource::Constants(Arc::new(
                (0..n as u32)
                    .map(|u| i64::from(self.at(order.element(u) as usize)))
                    .collect(),
            )),
        }
    }
}
