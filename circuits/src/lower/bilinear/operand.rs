//! Operands in the order in which a claim reads them: as they stand, or copied.

use crate::Error;
use crate::arena::{ArgSource, Bank, BlockId, Role};
use crate::claim::{Coef, Lin};
use crate::gadget::Plain;
use crate::lower::Lowering;
use crate::lower::value::Value;
use crate::mono::Mono;
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
    ) -> Result<BlockId, Error> {
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
    pub(super) fn grouped(
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
        let kind = Plain {
            limbs: self.limbs_for(node)?,
            signed: true,
        }
        .into();
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
