//! Operands in the order in which a linear constraint reads them: as they stand, or copied.

use crate::Error;
use crate::gadget::Plain;
use crate::linear_constraint::{Coef, Lin};
use crate::lower::Lowering;
use crate::lower::value::Value;
use crate::mono::Mono;
use crate::regions::{ArgSource, ColumnKind, RegionId, Role};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use zkml_core::graph::NodeId;

impl Lowering<'_> {
    /// The right operand in this order, in runs: a parameter tensor without cells is placed
    /// so, anything else is copied.
    pub(super) fn right_operand(
        &mut self,
        node: NodeId,
        order: Vec<u32>,
        run: usize,
    ) -> Result<RegionId, Error> {
        if let Value::Param { param, map } = self.values[node.index()].clone() {
            let order: Vec<u32> = match map {
                None => order.clone(),
                Some(map) => order.iter().map(|&i| map[i as usize]).collect(),
            };
            let mut gadgets = vec![u32::MAX; self.graph.params[param as usize].len()];
            for (gadget, &i) in order.iter().enumerate() {
                gadgets[i as usize] = gadget as u32;
            }
            let bijective = order.len() == gadgets.len() && gadgets.iter().all(|&u| u != u32::MAX);
            if bijective && self.placed[param as usize].is_none() {
                self.regions.start_evaluations(self.param_column_kind());
                let region = self.place_param(param, run as u32, Arc::new(order))?;
                self.regions.end_evaluations(region);
                self.placed[param as usize] = Some((region, Some(Arc::new(gadgets))));
                return Ok(region);
            }
        }
        let lins = self.lins(node)?;
        self.regions.start_evaluations(ColumnKind::Lanes);
        let region = self.copy_in_order(node, &lins, order, run)?;
        self.regions.end_evaluations(region);
        Ok(region)
    }

    /// The elements of a node, in rows of cells that have one key each: as they stand, or copied.
    /// There are `group` elements for each key, or a multiple of it.
    pub(super) fn grouped(
        &mut self,
        node: NodeId,
        group: usize,
        key: &dyn Fn(u32) -> u32,
    ) -> Result<Arc<Vec<Lin>>, Error> {
        let lins = self.lins(node)?;
        let mut keys: HashMap<(RegionId, u32), u32> = HashMap::new();
        let aligned = lins.iter().enumerate().all(|(e, lin)| match lin.terms[..] {
            [] => lin.constant == 0,
            [(region, gadget, _)] if lin.constant == 0 => {
                let row = self.regions.region(region).place(gadget).0;
                *keys.entry((region, row)).or_insert(key(e as u32)) == key(e as u32)
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
        let mut gadgets = vec![0; order.len()];
        for (gadget, &e) in order.iter().enumerate() {
            gadgets[e as usize] = gadget as u32;
        }
        let region = self.copy_in_order(node, &lins, order, group)?;
        Ok(Arc::new(
            gadgets.into_iter().map(|u| Lin::element(region, u)).collect(),
        ))
    }

    /// A copy of elements of a node in a given order, in runs.
    fn copy_in_order(
        &mut self,
        node: NodeId,
        lins: &[Lin],
        order: Vec<u32>,
        run: usize,
    ) -> Result<RegionId, Error> {
        let kind = Plain {
            limbs: self.limbs_for(node)?,
            signed: true,
        }
        .into();
        let per_row = self.per_row(&kind)?;
        let order = Arc::new(order);
        let arg = ArgSource::NodeMap(node.0, order.clone());
        let region = self.regions.place(
            kind,
            ColumnKind::Lanes,
            order.len() as u32,
            run as u32,
            per_row,
            vec![arg],
        );
        let mut linear_constraint = self.linear_constraints.start();
        for (gadget, &e) in order.iter().enumerate() {
            let (row, slot) = self.regions.region(region).place(gadget as u32);
            let row = row - self.regions.region(region).first_row;
            let weight = Mono::w(row as usize).times(Mono::v(slot as usize));
            linear_constraint.add(
                &self.regions,
                region,
                Role::Output(0),
                gadget as u32,
                Coef::mono(weight, -1),
            );
            linear_constraint.add_lin(&self.regions, &lins[e as usize], Coef::mono(weight, 1));
        }
        self.linear_constraints
            .finish(&mut self.regions, linear_constraint)?;
        Ok(region)
    }
}
