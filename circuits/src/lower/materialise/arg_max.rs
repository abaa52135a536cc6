//! The index of the largest element.

use crate::Error;
use crate::gadget::{ArgMaxElement, Plain};
use crate::linear_constraint::{Coef, Lin};
use crate::lower::Lowering;
use crate::lower::order::Order;
use crate::lower::value::Value;
use crate::mono::Mono;
use crate::regions::{ArgSource, Aux, ColumnKind, Role};
use zkml_core::ops::{ArgMax, reduction_map};

impl Lowering<'_> {
    pub(in crate::lower) fn arg_max(&mut self, id: u32, op: &ArgMax) -> Result<Value, Error> {
        let node = &self.graph.nodes[id as usize];
        let input = node.inputs[0];
        let shape = &self.graph.node(input).shape;
        let groups = reduction_map(node.op.name(), op.sets(), shape, node.len())?;
        let length = shape[op.axis];
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
        let kind = ArgMaxElement { limbs: op.limbs }.into();
        let per_row = self.per_row(&kind)?;
        let count = (groups.len() * length) as u32;
        let args = (0..3).map(|i| ArgSource::Aux(aux + i)).collect();
        let marks = self
            .regions
            .place(kind, ColumnKind::Lanes, count, length as u32, per_row, args);
        let largest = Plain {
            limbs: self.limbs_for(input)?,
            signed: true,
        }
        .into();
        let per_row = self.per_row(&largest)?;
        let n_groups = groups.len() as u32;
        let largest = self.regions.place(
            largest,
            ColumnKind::Lanes,
            n_groups,
            n_groups,
            per_row,
            vec![ArgSource::Aux(aux + 3)],
        );
        let index_limbs = (usize::BITS - length.leading_zeros())
            .div_ceil(self.graph.lane_bits)
            .max(1) as u8;
        let index = Plain {
            limbs: index_limbs,
            signed: false,
        }
        .into();
        let index = self.place_node(id, index, &Order::RowMajor, &|_| None, vec![ArgSource::Node(id)])?;

        // Three equations for each element and two for each group, told apart by `u`.
        let mut linear_constraint = self.linear_constraints.start();
        let (distance, marker, before) = (Role::Output(0), Role::Output(1), Role::Output(2));
        for (g, members) in groups.iter().enumerate() {
            let group = Mono::w(g);
            for (i, &element) in members.iter().enumerate() {
                let gadget = (g * length + i) as u32;
                let weight = group.times(Mono::v(i));
                // element = largest - distance
                linear_constraint.add_lin(&self.regions, &elements[element as usize], Coef::mono(weight, 1));
                linear_constraint.add(&self.regions, marks, distance, gadget, Coef::mono(weight, 1));
                linear_constraint.add(
                    &self.regions,
                    largest,
                    Role::Output(0),
                    g as u32,
                    Coef::mono(weight, -1),
                );
                // before_i = before_(i-1) - marker_i, and before_(-1) = 1
                let weight = weight.times(Mono::u(1));
                linear_constraint.add(&self.regions, marks, before, gadget, Coef::mono(weight, 1));
                linear_constraint.add(&self.regions, marks, marker, gadget, Coef::mono(weight, 1));
                if i == 0 {
                    linear_constraint.add_lin(&self.regions, &Lin::constant(1), Coef::mono(weight, -1));
                } else {
                    linear_constraint.add(&self.regions, marks, before, gadget - 1, Coef::mono(weight, -1));
                }
                // index = sum_i i marker_i
                linear_constraint.add(
                    &self.regions,
                    marks,
                    marker,
                    gadget,
                    Coef::mono(group.times(Mono::u(2)), i as i64),
                );
            }
            // The last element has nothing before it left: the markers add up to 1.
            let last = (g * length + length - 1) as u32;
            linear_constraint.add(
                &self.regions,
                marks,
                before,
                last,
                Coef::mono(group.times(Mono::u(3)), 1),
            );
            linear_constraint.add(
                &self.regions,
                index,
                Role::Output(0),
                g as u32,
                Coef::mono(group.times(Mono::u(2)), -1),
            );
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)?;
        Ok(Value::Region(index))
    }
}
